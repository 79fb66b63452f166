#include "services/appointments/calendar_feed_handlers.h"

#include <optional>
#include <utility>
#include <vector>

#include "common/auth/paging.h"
#include "common/base/try.h"
#include "services/appointments/calendar_feed_convert.h"
#include "services/appointments/calendar_feed_errors.h"

namespace clinicd::appointments {
namespace {

constexpr char kEntity[] = "calendar_feed";
constexpr std::size_t kSecretBytes = 32;
constexpr std::int32_t kPageSizeDefault = 50;
constexpr std::int32_t kPageSizeMax = 200;

auth::PageKey KeyOf(const CalendarFeed& feed) { return {feed.id.ToString()}; }

}  // namespace

absl::StatusOr<v1::CreateCalendarFeedResponse> CalendarFeedHandlers::CreateCalendarFeed(
    const v1::CreateCalendarFeedRequest& request, rpc::Call& call) const {
  const v1::CalendarFeed& form = request.calendar_feed();
  const CalendarFeed wanted{
      .id = call.NewId<CalendarFeedId>(),
      .practitioner = PractitionerId::Parse(form.practitioner_id()).value_or(PractitionerId()),
      .show_patient_names = form.show_patient_names(),
      .created_at = call.now()};
  call.AuditChange(kEntity, wanted.id.uuid(), nullptr, nullptr);
  FeedAddress address{.clinic = call.info().identity.clinic,
                      .secret = crypto::SecretBytes(kSecretBytes)};
  random_.Fill(address.secret.mutable_span());
  CLINICD_ASSIGN_OR_RETURN(const CalendarFeed created,
                           store_.Insert(call.tx(), wanted, address.secret, call.user_id()));
  v1::CreateCalendarFeedResponse response;
  *response.mutable_calendar_feed() = ToProto(created);
  call.AuditChange(kEntity, created.id.uuid(), nullptr, &response.calendar_feed());
  response.set_path(FormatFeedPath(address));
  return response;
}

absl::StatusOr<v1::ListCalendarFeedsResponse> CalendarFeedHandlers::ListCalendarFeeds(
    const v1::ListCalendarFeedsRequest& request, rpc::Call& call) const {
  const rpc::CallInfo& info = call.info();
  const auth::Pager pager(page_tokens_, info.identity.clinic, info.method->full_name, request);
  CLINICD_ASSIGN_OR_RETURN(const auth::PageKey start, pager.Start(request.page_token(), 1));
  CalendarFeedStore::Listing listing{
      .practitioner = PractitionerId::Parse(request.practitioner_id()),
      .show_revoked = request.show_revoked()};
  if (!start.empty()) listing.after = CalendarFeedId::Parse(start[0]).value_or(CalendarFeedId());
  const std::int32_t size = auth::PageSize(request.page_size(), kPageSizeDefault, kPageSizeMax);
  listing.count_max = size + 1;
  CLINICD_ASSIGN_OR_RETURN(std::vector<CalendarFeed> found, store_.List(call.last_tx(), listing));
  v1::ListCalendarFeedsResponse response;
  CLINICD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(), pager.Cut(found, size, KeyOf));
  for (const CalendarFeed& feed : found) *response.add_calendar_feeds() = ToProto(feed);
  return response;
}

absl::StatusOr<v1::CalendarFeed> CalendarFeedHandlers::RevokeCalendarFeed(
    const v1::RevokeCalendarFeedRequest& request, rpc::Call& call) const {
  const CalendarFeedId id = CalendarFeedId::Parse(request.id()).value_or(CalendarFeedId());
  call.AuditChange(kEntity, id.uuid(), nullptr, nullptr);
  CLINICD_ASSIGN_OR_RETURN(const std::optional<CalendarFeed> revoked,
                           store_.Revoke(call.tx(), id, call.user_id(), call.now()));
  if (!revoked) {
    CLINICD_ASSIGN_OR_RETURN(const std::optional<CalendarFeed> before, store_.Find(call.tx(), id));
    if (!before) return CalendarFeedNotFound();
    return ToProto(*before);
  }
  CalendarFeed before = *revoked;
  before.revoked_at.reset();
  const v1::CalendarFeed before_proto = ToProto(before);
  v1::CalendarFeed proto = ToProto(*revoked);
  call.AuditChange(kEntity, id.uuid(), &before_proto, &proto);
  return proto;
}

}  // namespace clinicd::appointments
