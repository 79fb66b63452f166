#include "services/audit/event_store.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/try.h"
#include "db/queries/audit.h"
#include "services/audit/event_rules.h"

namespace clinicd::audit {
namespace {

Event ReadEvent(const db::RowReader& row) {
  Event event;
  event.id = row.UuidValue("id");
  event.occurred_at = row.Time("occurred_at");
  event.recorded_at = row.Time("recorded_at");
  event.category = row.Text("category");
  event.action = row.Text("action");
  event.method = row.Text("method");
  event.outcome = row.Text("outcome");
  event.actor = row.OptionalId<UserId>("actor_id");
  event.actor_roles = row.Text("actor_roles");
  event.acting_for = row.OptionalId<UserId>("acting_for");
  event.purpose = row.Text("purpose");
  event.session = row.OptionalId<SessionId>("session_id");
  event.patient = row.OptionalId<PatientId>("patient_id");
  event.entity_type = row.TextOrEmpty("entity_type");
  event.entity_id = row.OptionalUuid("entity_id");
  event.entity_version = row.OptionalInt("entity_version");
  event.changed_fields = row.Text("changed_fields");
  event.before_sealed = row.BytesOrEmpty("before_sealed");
  event.after_sealed = row.BytesOrEmpty("after_sealed");
  event.request_id = row.TextOrEmpty("request_id");
  event.client_address = row.Text("client_address");
  event.user_agent = row.Text("user_agent");
  event.node = row.Text("node");
  event.build = row.Text("build");
  return event;
}

PatientAccess ReadAccess(const db::RowReader& row) {
  PatientAccess access;
  access.actor = row.OptionalId<UserId>("actor_id");
  const std::string given = row.TextOrEmpty("given_name");
  const std::string family = row.TextOrEmpty("family_name");
  access.actor_name = family.empty() ? given : absl::StrCat(given, " ", family);
  access.actor_roles = row.Text("actor_roles");
  access.reads = row.Int("read_count");
  access.changes = row.Int("change_count");
  access.refusals = row.Int("refused_count");
  access.first_at = row.Time("first_at");
  access.last_at = row.Time("last_at");
  return access;
}

// One snapshot; empty where there is none, and where it was erased, which `erased` then says.
absl::StatusOr<std::string> OpenOne(db::TenantTx& tx, db::FieldSealer& sealer, const Event& event,
                                    std::string_view column, const std::string& sealed,
                                    bool& erased) {
  if (sealed.empty()) return std::string();
  CLINICD_ASSIGN_OR_RETURN(
      std::optional<std::string> json,
      sealer.Open(tx, event.patient, {"audit_events", column, event.id}, sealed));
  if (!json) erased = true;
  return std::move(json).value_or(std::string());
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
      .SetOrNull("category", filter.category)
      .SetOrNull("action", filter.action)
      .Set("succeeded", filter.succeeded)
      .Set("row_limit", limit)
      .Set("actor_id", filter.actor)
      .Set("entity_id", filter.entity_id)
      .Set("patient_id", filter.patient);
  if (filter.patient) return tx.Many(sql::kListPatientEvents, params, ReadEvent);
  if (filter.entity_id) return tx.Many(sql::kListEntityEvents, params, ReadEvent);
  if (filter.actor) return tx.Many(sql::kListActorEvents, params, ReadEvent);
  return tx.Many(sql::kListEvents, params, ReadEvent);
}

absl::StatusOr<std::optional<Event>> EventStore::Find(db::TenantTx& tx, const Uuid& id) const {
  return tx.Optional(sql::kGetEvent, db::Params().Set("id", id), ReadEvent);
}

absl::StatusOr<std::vector<OpenedSnapshots>> EventStore::OpenSnapshots(
    db::TenantTx& tx, const std::vector<Event>& events) const {
  std::vector<OpenedSnapshots> all;
  all.reserve(events.size());
  for (const Event& event : events) {
    OpenedSnapshots& opened = all.emplace_back();
    CLINICD_ASSIGN_OR_RETURN(opened.before_json, OpenOne(tx, sealer_, event, "before_sealed",
                                                         event.before_sealed, opened.erased));
    CLINICD_ASSIGN_OR_RETURN(opened.after_json, OpenOne(tx, sealer_, event, "after_sealed",
                                                        event.after_sealed, opened.erased));
  }
  return all;
}

absl::StatusOr<std::vector<PatientAccess>> EventStore::ReportAccesses(db::TenantTx& tx,
                                                                      PatientId patient,
                                                                      absl::Time start,
                                                                      absl::Time end) const {
  const IdRange ids = IdsAround(start, end);
  return tx.Many(sql::kReportPatientAccesses,
                 db::Params()
                     .Set("patient_id", patient)
                     .Set("from_id", ids.first)
                     .Set("until_id", ids.last)
                     .Set("start_time", start)
                     .Set("end_time", end),
                 ReadAccess);
}

}  // namespace clinicd::audit
