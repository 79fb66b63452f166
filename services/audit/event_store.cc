#include "services/audit/event_store.h"

#include <algorithm>
#include <string_view>

#include "db/queries/audit.h"
#include "services/audit/event_rules.h"

namespace clinicd::audit {
namespace {

Action ReadAction(std::string_view text) {
  if (text == "read") return Action::kRead;
  return text == "change" ? Action::kChange : Action::kRefused;
}

Event ReadEvent(const db::RowReader& row) {
  Event event;
  event.id = row.UuidValue("id");
  event.occurred_at = row.Time("occurred_at");
  event.action = ReadAction(row.Text("action"));
  event.method = row.Text("method");
  event.outcome = row.Text("outcome");
  event.actor = row.OptionalId<UserId>("actor_id");
  event.actor_roles = row.Text("actor_roles");
  event.session = row.OptionalId<SessionId>("session_id");
  event.patient = row.OptionalId<PatientId>("patient_id");
  event.entity_type = row.TextOrEmpty("entity_type");
  event.entity_id = row.OptionalUuid("entity_id");
  event.before_json = row.TextOrEmpty("before");
  event.after_json = row.TextOrEmpty("after");
  event.request_id = row.TextOrEmpty("request_id");
  event.client_address = row.Text("client_address");
  event.user_agent = row.Text("user_agent");
  return event;
}

}  // namespace

absl::StatusOr<std::vector<Event>> EventStore::List(db::TenantTx& tx, const EventFilter& filter,
                                                    const std::optional<Uuid>& before,
                                                    std::int32_t limit) const {
  const IdRange ids = IdsAround(filter.start, filter.end);
  db::Params params;
  params.Set("from_id", ids.first)
      .Set("before_id", before ? std::min(*before, ids.last) : ids.last)
      .Set("start_time", filter.start)
      .Set("end_time", filter.end)
      .Set("row_limit", limit);
  if (!filter.patient && !filter.actor) return tx.Many(sql::kListEvents, params, ReadEvent);
  params.Set("actor_id", filter.actor);
  if (!filter.patient) return tx.Many(sql::kListActorEvents, params, ReadEvent);
  params.Set("patient_id", filter.patient);
  return tx.Many(sql::kListPatientEvents, params, ReadEvent);
}

}  // namespace clinicd::audit
