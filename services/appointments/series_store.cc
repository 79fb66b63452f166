#include "services/appointments/series_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/status/error.h"
#include "db/queries/appointments.h"
#include "services/appointments/appointment_convert.h"
#include "services/appointments/appointment_errors.h"
#include "services/appointments/appointment_rules.h"
#include "services/appointments/plan_text.h"
#include "services/appointments/recurrence_rule.h"
#include "services/appointments/series_rules.h"
#include "services/appointments/visit_type_errors.h"

namespace clinicd::appointments {
namespace {

constexpr std::string_view kActive = "active";
constexpr std::string_view kCancelled = "cancelled";

std::string_view NameOf(SeriesState state) {
  return state == SeriesState::kActive ? kActive : kCancelled;
}

// One thing of each visit, with spaces between.
template <typename Format>
std::string List(const std::vector<SeriesVisit>& visits, Format format) {
  return absl::StrJoin(visits, " ", [format](std::string* out, const SeriesVisit& visit) {
    absl::StrAppend(out, format(visit));
  });
}

std::string Ids(const std::vector<SeriesVisit>& visits) {
  return List(visits, [](const SeriesVisit& visit) { return visit.id.ToString(); });
}
std::string Ordinals(const std::vector<SeriesVisit>& visits) {
  return List(visits, [](const SeriesVisit& visit) { return visit.occurrence.ordinal; });
}
std::string Versions(const std::vector<SeriesVisit>& visits) {
  return List(visits, [](const SeriesVisit& visit) { return visit.row_version; });
}
std::string LocalStarts(const std::vector<SeriesVisit>& visits) {
  return List(visits, [](const SeriesVisit& visit) {
    return FormatLocal(visit.occurrence.time.clock_start);
  });
}
std::string Starts(const std::vector<SeriesVisit>& visits) {
  return List(visits, [](const SeriesVisit& visit) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", visit.occurrence.time.starts_at,
                            absl::UTCTimeZone());
  });
}

// What a row says; the texts in it are read afterwards.
struct SeriesRow {
  BookedSeries series = {};
  std::string rule = {};
  std::string excluded = {};
};

SeriesRow ReadSeries(const db::RowReader& row) {
  SeriesRow read;
  BookedSeries& series = read.series;
  Plan& plan = series.plan;
  series.id = row.Id<SeriesId>("id");
  series.patient_id = row.Id<PatientId>("patient_id");
  plan.practitioner_id = row.Id<PractitionerId>("practitioner_id");
  series.visit_type = row.OptionalId<VisitTypeId>("visit_type_id");
  read.rule = row.Text("rule");
  read.excluded = row.Text("excluded_starts");
  series.recurrence.local_start = absl::CivilMinute(row.Local("local_start"));
  plan.slot.time_zone = row.Text("time_zone");
  plan.slot.duration_minutes = row.Int32("duration_minutes");
  plan.buffers.before_minutes = row.Int32("buffer_before_minutes");
  plan.buffers.after_minutes = row.Int32("buffer_after_minutes");
  plan.allocations = ParseAllocations(row.Text("allocations"));
  series.reason = row.Text("reason");
  series.state = row.Text("state") == kActive ? SeriesState::kActive : SeriesState::kCancelled;
  series.continues = row.OptionalId<SeriesId>("continues_id");
  series.row_version = row.Int("row_version");
  series.created_at = row.Time("created_at");
  return read;
}

TakenOccurrence ReadTaken(const db::RowReader& row) {
  const std::int32_t ordinal = row.Int32("ordinal");
  return {.ordinal = ordinal, .kinds = row.Text("taken_kinds")};
}
TakenOccurrence ReadIncomplete(const db::RowReader& row) {
  return {.ordinal = row.Int32("ordinal")};
}
std::int64_t ReadVersion(const db::RowReader& row) { return row.Int("row_version"); }
AppointmentId ReadId(const db::RowReader& row) { return row.Id<AppointmentId>("id"); }

const db::ConstraintErrors& SeriesErrors() {
  static const db::ConstraintErrors errors = {
      {"appointment_series_patient_fk", PatientNotFound},
      {"appointment_series_practitioner_fk", PractitionerNotFound},
      {"appointment_series_visit_type_fk", VisitTypeNotFound}};
  return errors;
}

}  // namespace

absl::StatusOr<std::optional<BookedSeries>> SeriesStore::Find(db::TenantTx& tx, SeriesId id) const {
  CLINICD_ASSIGN_OR_RETURN(
      std::optional<SeriesRow> row,
      tx.Optional(sql::kGetAppointmentSeries, db::Params().Set("id", id), ReadSeries));
  if (!row) return std::nullopt;
  BookedSeries& series = row->series;
  absl::StatusOr<RecurrenceRule> rule = ParseRule(row->rule, "rule");
  std::optional<std::vector<absl::CivilMinute>> excluded = ParseStarts(row->excluded);
  if (!rule.ok() || !excluded ||
      !absl::LoadTimeZone(series.plan.slot.time_zone, &series.recurrence.zone)) {
    return status::Defect("a series in the database cannot be read");
  }
  series.recurrence.rule = *std::move(rule);
  series.recurrence.excluded = *std::move(excluded);
  return std::move(series);
}

absl::StatusOr<std::vector<TakenOccurrence>> SeriesStore::FindTaken(
    db::TenantTx& tx, const BookedSeries& series, const std::vector<SeriesVisit>& visits,
    absl::Time now) const {
  db::Params params;
  params.Set("ids", Ids(visits))
      .Set("ordinals", Ordinals(visits))
      .Set("starts", Starts(visits))
      .Set("now", now);
  return tx.Many(sql::kFindSeriesConflicts,
                 Wanted(series.plan, series.patient_id).AddPartsTo(params), ReadTaken);
}

void SeriesStore::DeleteExpiredHolds(db::TenantTx& tx, const BookedSeries& series,
                                     const std::vector<SeriesVisit>& visits, absl::Time now) const {
  db::Params params;
  params.Set("starts", Starts(visits)).Set("now", now);
  tx.Defer(sql::kDeleteSeriesExpiredHolds,
           Wanted(series.plan, series.patient_id).AddPartsTo(params));
}

void SeriesStore::Insert(db::TenantTx& tx, const BookedSeries& series, const Author& author) const {
  const Plan& plan = series.plan;
  tx.Defer(sql::kInsertAppointmentSeries,
           db::Params()
               .Set("id", series.id)
               .Set("patient_id", series.patient_id)
               .Set("practitioner_id", plan.practitioner_id)
               .Set("visit_type_id", series.visit_type)
               .Set("rule", FormatRule(series.recurrence.rule))
               .Set("excluded_starts", FormatStarts(series.recurrence.excluded))
               .Set("local_start", series.recurrence.local_start)
               .Set("time_zone", series.recurrence.zone.name())
               .Set("duration_minutes", plan.slot.duration_minutes)
               .Set("buffer_before_minutes", plan.buffers.before_minutes)
               .Set("buffer_after_minutes", plan.buffers.after_minutes)
               .Set("part_allocations", FormatAllocations(plan.allocations))
               .Set("reason", series.reason)
               .Set("continues_id", series.continues)
               .Set("created_by", author.user)
               .Set("now", author.now),
           SeriesErrors());
}

void SeriesStore::InsertVisits(db::TenantTx& tx, const BookedSeries& series,
                               const std::vector<SeriesVisit>& visits, const Author& author) const {
  const Plan& plan = series.plan;
  tx.Defer(sql::kInsertSeriesAppointments,
           db::Params()
               .Set("ids", Ids(visits))
               .Set("ordinals", Ordinals(visits))
               .Set("local_starts", LocalStarts(visits))
               .Set("starts", Starts(visits))
               .Set("series_id", series.id)
               .Set("patient_id", series.patient_id)
               .Set("practitioner_id", plan.practitioner_id)
               .Set("visit_type_id", series.visit_type)
               .Set("time_zone", series.recurrence.zone.name())
               .Set("duration_minutes", plan.slot.duration_minutes)
               .Set("buffer_before_minutes", plan.buffers.before_minutes)
               .Set("buffer_after_minutes", plan.buffers.after_minutes)
               .Set("reason", series.reason)
               .Set("created_by", author.user)
               .Set("now", author.now));
}

absl::StatusOr<std::vector<TakenOccurrence>> SeriesStore::Take(
    db::TenantTx& tx, const BookedSeries& series, const std::vector<SeriesVisit>& visits) const {
  db::Params params;
  params.Set("ids", Ids(visits)).Set("ordinals", Ordinals(visits)).Set("starts", Starts(visits));
  return tx.Many(sql::kInsertSeriesOccupancies,
                 Wanted(series.plan, series.patient_id).AddPartsTo(params), ReadIncomplete);
}

absl::StatusOr<std::optional<std::int64_t>> SeriesStore::Update(db::TenantTx& tx,
                                                                const BookedSeries& series,
                                                                absl::Time now) const {
  const Plan& plan = series.plan;
  return tx.Optional(sql::kUpdateAppointmentSeries,
                     db::Params()
                         .Set("id", series.id)
                         .Set("row_version", series.row_version)
                         .Set("practitioner_id", plan.practitioner_id)
                         .Set("rule", FormatRule(series.recurrence.rule))
                         .Set("excluded_starts", FormatStarts(series.recurrence.excluded))
                         .Set("local_start", series.recurrence.local_start)
                         .Set("duration_minutes", plan.slot.duration_minutes)
                         .Set("part_allocations", FormatAllocations(plan.allocations))
                         .Set("state", NameOf(series.state))
                         .Set("now", now),
                     ReadVersion, SeriesErrors());
}

absl::StatusOr<bool> SeriesStore::Move(db::TenantTx& tx, const BookedSeries& series,
                                       const std::vector<SeriesVisit>& visits,
                                       const Cause& cause) const {
  CLINICD_ASSIGN_OR_RETURN(
      const std::vector<AppointmentId> moved,
      tx.Many(sql::kMoveSeriesAppointments,
              db::Params()
                  .Set("ids", Ids(visits))
                  .Set("ordinals", Ordinals(visits))
                  .Set("row_versions", Versions(visits))
                  .Set("local_starts", LocalStarts(visits))
                  .Set("starts", Starts(visits))
                  .Set("series_id", series.id)
                  .Set("practitioner_id", series.plan.practitioner_id)
                  .Set("time_zone", series.recurrence.zone.name())
                  .Set("duration_minutes", series.plan.slot.duration_minutes)
                  .Set("reason", cause.reason)
                  .Set("changed_by", cause.author.user)
                  .Set("now", cause.author.now),
              ReadId, {{"appointments_practitioner_fk", PractitionerNotFound}}));
  return moved.size() == visits.size();
}

absl::StatusOr<bool> SeriesStore::Cancel(db::TenantTx& tx, const std::vector<SeriesVisit>& visits,
                                         const Cause& cause) const {
  const auto cutoff = static_cast<std::int32_t>(absl::ToInt64Minutes(kCancelCutoff));
  CLINICD_ASSIGN_OR_RETURN(
      const std::vector<AppointmentId> cancelled,
      tx.Many(sql::kCancelSeriesAppointments,
              db::Params()
                  .Set("ids", Ids(visits))
                  .Set("row_versions", Versions(visits))
                  .Set("cancelled_by", cause.by == CancelledBy::kPatient ? "patient" : "clinic")
                  .Set("reason", cause.reason)
                  .Set("cancel_cutoff_minutes", cutoff)
                  .Set("changed_by", cause.author.user)
                  .Set("now", cause.author.now),
              ReadId));
  return cancelled.size() == visits.size();
}

absl::StatusOr<bool> SeriesStore::Adopt(db::TenantTx& tx, const BookedSeries& series,
                                        const std::vector<SeriesVisit>& visits) const {
  if (visits.empty()) return true;
  CLINICD_ASSIGN_OR_RETURN(
      const std::int64_t adopted,
      tx.Execute(sql::kAdoptSeriesAppointments, db::Params()
                                                    .Set("ids", Ids(visits))
                                                    .Set("ordinals", Ordinals(visits))
                                                    .Set("row_versions", Versions(visits))
                                                    .Set("series_id", series.id)));
  return adopted == static_cast<std::int64_t>(visits.size());
}

}  // namespace clinicd::appointments
