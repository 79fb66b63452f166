#include "services/audit/audit_handlers.h"

#include <optional>

#include "common/auth/paging.h"
#include "common/base/try.h"
#include "services/audit/event_convert.h"
#include "services/audit/event_rules.h"

namespace clinicd::audit {
namespace {

auth::PageKey KeyOf(const Event& event) { return {event.id.ToString()}; }

// The event before which the page begins; none on the first page.
absl::StatusOr<std::optional<Uuid>> PositionOf(const auth::PageKey& key) {
  if (key.empty()) return std::optional<Uuid>();
  const std::optional<Uuid> id = Uuid::Parse(key[0]);
  if (!id) return auth::PageTokenInvalid();
  return id;
}

}  // namespace

absl::StatusOr<v1::ListEventsResponse> AuditHandlers::ListEvents(
    const v1::ListEventsRequest& request, rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const EventFilter filter, ParseFilter(request));
  const auth::Pager pager(page_tokens_, call.info().identity.clinic, call.info().method->full_name,
                          request);
  CLINICD_ASSIGN_OR_RETURN(const auth::PageKey key, pager.Start(request.page_token(), 1));
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Uuid> before, PositionOf(key));
  const std::int32_t page_size = auth::PageSize(request.page_size(), 50, 200);
  call.AuditListAccess("audit_event", filter.patient);
  CLINICD_ASSIGN_OR_RETURN(std::vector<Event> rows,
                           store_.List(call.last_tx(), filter, before, page_size + 1));
  v1::ListEventsResponse response;
  CLINICD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(), pager.Cut(rows, page_size, KeyOf));
  for (const Event& event : rows) *response.add_events() = ToProto(event);
  return response;
}

}  // namespace clinicd::audit
