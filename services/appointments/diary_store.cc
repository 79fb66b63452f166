#include "services/appointments/diary_store.h"

#include <string>
#include <string_view>

#include "absl/strings/str_join.h"
#include "db/queries/appointments.h"
#include "services/appointments/appointment_store.h"
#include "services/appointments/resource_store.h"

namespace clinicd::appointments {
namespace {

std::string_view NameOf(DiaryGrouping grouping) {
  switch (grouping) {
    case DiaryGrouping::kPractitioner:
      return "practitioner";
    case DiaryGrouping::kChair:
      return "chair";
    case DiaryGrouping::kLocation:
      return "location";
  }
  return "";
}

Visit ReadVisit(const db::RowReader& row) {
  Visit visit;
  visit.appointment = ReadAppointmentRow(row);
  visit.patient_born_on = row.Date("patient_born_on");
  visit.patient_alert = row.Text("patient_alert");
  visit.visit_type_name = row.TextOrEmpty("visit_type_name");
  visit.visit_type_color = row.TextOrEmpty("visit_type_color");
  return visit;
}

ColumnHead ReadHead(const db::RowReader& row) {
  ColumnHead head;
  head.id = row.OptionalUuid("id").value_or(Uuid());
  head.name = row.Text("name");
  head.color = row.TextOrEmpty("color");
  head.site = row.OptionalId<SiteId>("location_id").value_or(SiteId());
  head.active = row.Bool("active");
  return head;
}

HeldPart ReadHeldPart(const db::RowReader& row) {
  HeldPart held;
  held.hold = row.Id<HoldId>("id");
  held.member = row.Id<UserId>("membership_id");
  held.practitioner = row.Id<PractitionerId>("practitioner_id");
  held.expires_at = row.Time("expires_at");
  held.occupied.occupant = row.UuidValue("occupant_id");
  held.kind = ReadKind(row.Text("kind"));
  held.occupied.range.begin = row.Time("starts_at");
  held.occupied.range.end = row.Time("ends_at");
  return held;
}

}  // namespace

absl::StatusOr<std::vector<Visit>> DiaryStore::ListVisits(db::TenantTx& tx,
                                                          const Extent& extent) const {
  const std::string occupants = absl::StrJoin(
      extent.occupants, " ", [](std::string* out, const Uuid& id) { out->append(id.ToString()); });
  return tx.Many(sql::kListDiaryVisits,
                 db::Params()
                     .Set("begin_at", extent.range.begin)
                     .Set("end_at", extent.range.end)
                     .Set("show_cancelled", extent.show_cancelled)
                     .SetOrNull("occupants", occupants)
                     .Set("row_limit", static_cast<std::int64_t>(extent.limit)),
                 ReadVisit);
}

absl::StatusOr<std::vector<Visit>> DiaryStore::ListWaiting(db::TenantTx& tx, absl::Time since,
                                                           absl::Time now) const {
  return tx.Many(sql::kListWaitingVisits, db::Params().Set("arrived_since", since).Set("now", now),
                 ReadVisit);
}

std::shared_ptr<const std::vector<ColumnHead>> DiaryStore::HeadsWithNext(
    db::TenantTx& tx, DiaryGrouping grouping) const {
  // Shared with the transaction, which may outlive who asked.
  auto heads = std::make_shared<std::vector<ColumnHead>>();
  tx.DeferRead(sql::kListDiaryColumns, db::Params().Set("grouping", NameOf(grouping)),
               [heads](const db::RowReader& row) { heads->push_back(ReadHead(row)); });
  return heads;
}

std::shared_ptr<const std::vector<HeldPart>> DiaryStore::HoldsWithNext(db::TenantTx& tx,
                                                                       const TimeRange& range,
                                                                       absl::Time now) const {
  // Shared with the transaction, which may outlive who asked.
  auto holds = std::make_shared<std::vector<HeldPart>>();
  tx.DeferRead(sql::kListDiaryHolds,
               db::Params().Set("begin_at", range.begin).Set("end_at", range.end).Set("now", now),
               [holds](const db::RowReader& row) { holds->push_back(ReadHeldPart(row)); });
  return holds;
}

}  // namespace clinicd::appointments
