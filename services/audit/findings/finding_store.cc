#include "services/audit/findings/finding_store.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/try.h"
#include "common/status/error.h"
#include "db/queries/audit.h"
#include "services/audit/event_rules.h"

namespace clinicd::audit {
namespace {

// Behind "open", which stands behind "closed".
constexpr char kBehindStates[] = "p";

struct SettingsRow {
  DigestSettings settings;
  std::string zone;
};

SettingsRow ReadSettings(const db::RowReader& row) {
  SettingsRow read;
  read.zone = row.Text("time_zone");
  read.settings.daily_patients_max = row.Int32("audit_daily_patients_max");
  read.settings.digested_on = row.OptionalDate("audit_digested_on");
  read.settings.created_at = row.Time("created_at");
  return read;
}

struct HoursRow {
  OpeningHours hours;
  std::string zone;
};

HoursRow ReadHours(const db::RowReader& row) {
  HoursRow read;
  read.hours.weekday = row.Int32("weekday");
  read.hours.from_minute = row.Int32("from_minute");
  read.hours.to_minute = row.Int32("to_minute");
  read.hours.valid_from = row.OptionalDate("valid_from");
  read.hours.valid_until = row.OptionalDate("valid_until");
  read.zone = row.TextOrEmpty("time_zone");
  return read;
}

AccessFinding ReadSuspect(const db::RowReader& row) {
  AccessFinding finding;
  finding.actor = row.Id<UserId>("actor_id");
  finding.patient = row.OptionalId<PatientId>("patient_id");
  finding.count = row.Int("found_count");
  finding.first_at = row.Time("first_at");
  finding.last_at = row.Time("last_at");
  return finding;
}

AccessFinding ReadFinding(const db::RowReader& row) {
  AccessFinding finding = ReadSuspect(row);
  finding.id = row.UuidValue("id");
  finding.day = row.Date("day");
  finding.rule = row.Text("rule");
  finding.closed = row.Text("state") == "closed";
  finding.note = row.Text("note");
  finding.closed_at = row.OptionalTime("closed_at");
  finding.closed_by = row.OptionalId<UserId>("closed_by");
  finding.row_version = row.Int("row_version");
  finding.created_at = row.Time("created_at");
  return finding;
}

db::Params EventsIn(TimeSpan span) {
  const IdRange ids = IdsAround(span.from, span.until);
  db::Params params;
  params.Set("from_id", ids.first)
      .Set("until_id", ids.last)
      .Set("start_time", span.from)
      .Set("end_time", span.until);
  return params;
}

absl::StatusOr<std::vector<AccessFinding>> ListSuspects(db::TenantTx& tx, const db::Query& query,
                                                        const db::Params& params,
                                                        const char* rule) {
  CLINICD_ASSIGN_OR_RETURN(std::vector<AccessFinding> suspects,
                           tx.Many(query, params, ReadSuspect));
  for (AccessFinding& suspect : suspects) suspect.rule = rule;
  return suspects;
}

std::string Seconds(const std::vector<TimeSpan>& spans, absl::Time TimeSpan::*which) {
  return absl::StrJoin(spans, " ", [which](std::string* out, const TimeSpan& span) {
    absl::StrAppend(out, absl::ToUnixSeconds(span.*which));
  });
}

}  // namespace

absl::StatusOr<DigestSettings> FindingStore::Settings(db::TenantTx& tx) const {
  CLINICD_ASSIGN_OR_RETURN(SettingsRow row, tx.One(sql::kFindDigestSettings, {}, ReadSettings));
  if (!absl::LoadTimeZone(row.zone, &row.settings.zone)) {
    return status::Defect("the clinic's time zone is unknown to this machine");
  }
  return row.settings;
}

absl::StatusOr<std::vector<OpeningHours>> FindingStore::ListOpeningHours(
    db::TenantTx& tx, absl::TimeZone fallback) const {
  CLINICD_ASSIGN_OR_RETURN(std::vector<HoursRow> rows,
                           tx.Many(sql::kListOpeningHours, {}, ReadHours));
  std::vector<OpeningHours> hours;
  hours.reserve(rows.size());
  for (HoursRow& row : rows) {
    if (row.zone.empty() || !absl::LoadTimeZone(row.zone, &row.hours.zone)) {
      row.hours.zone = fallback;
    }
    hours.push_back(row.hours);
  }
  return hours;
}

absl::StatusOr<std::vector<AccessFinding>> FindingStore::ListManyPatients(db::TenantTx& tx,
                                                                          TimeSpan span,
                                                                          std::int64_t most) const {
  return ListSuspects(tx, sql::kListWideActors, EventsIn(span).Set("most", most), kManyPatients);
}

absl::StatusOr<std::vector<AccessFinding>> FindingStore::ListRefusedCalls(db::TenantTx& tx,
                                                                          TimeSpan span,
                                                                          std::int64_t most) const {
  return ListSuspects(tx, sql::kListRefusedActors, EventsIn(span).Set("most", most), kRefusedCalls);
}

absl::StatusOr<std::vector<AccessFinding>> FindingStore::ListOutOfHours(
    db::TenantTx& tx, TimeSpan span, const std::vector<TimeSpan>& open) const {
  return ListSuspects(tx, sql::kListLateActors,
                      EventsIn(span)
                          .Set("open_from", Seconds(open, &TimeSpan::from))
                          .Set("open_until", Seconds(open, &TimeSpan::until)),
                      kOutOfHours);
}

absl::StatusOr<std::vector<AccessFinding>> FindingStore::ListOwnFamilyNames(db::TenantTx& tx,
                                                                            TimeSpan span) const {
  return ListSuspects(tx, sql::kListNamesakeAccesses, EventsIn(span), kOwnFamilyName);
}

absl::StatusOr<std::vector<AccessFinding>> FindingStore::ListBreakGlass(db::TenantTx& tx,
                                                                        TimeSpan span) const {
  return ListSuspects(tx, sql::kListEmergencyAccesses, EventsIn(span), kBreakGlass);
}

absl::StatusOr<std::vector<AccessFinding>> FindingStore::ListVips(db::TenantTx& tx,
                                                                  TimeSpan span) const {
  return ListSuspects(tx, sql::kListVipAccesses, EventsIn(span), kVip);
}

absl::StatusOr<bool> FindingStore::Insert(db::TenantTx& tx, const AccessFinding& finding) const {
  CLINICD_ASSIGN_OR_RETURN(
      const std::int64_t count,
      tx.Execute(sql::kInsertFinding, db::Params()
                                          .Set("id", finding.id)
                                          .Set("day", finding.day)
                                          .Set("rule", finding.rule)
                                          .Set("actor_id", finding.actor)
                                          .Set("patient_id", finding.patient)
                                          .Set("found_count", finding.count)
                                          .Set("first_at", finding.first_at)
                                          .Set("last_at", finding.last_at)
                                          .Set("created_at", finding.created_at)));
  return count > 0;
}

absl::Status FindingStore::SetDigested(db::TenantTx& tx, absl::CivilDay day) const {
  return tx.Execute(sql::kSetDigestedOn, db::Params().Set("day", day)).status();
}

absl::StatusOr<std::vector<AccessFinding>> FindingStore::List(db::TenantTx& tx,
                                                              const std::optional<Position>& after,
                                                              std::int32_t limit) const {
  const char* const state = after && after->closed ? "closed" : "open";
  return tx.Many(sql::kListFindings,
                 db::Params()
                     .Set("before_state", after ? state : kBehindStates)
                     .Set("before_id", after ? after->id : kBehindIds)
                     .Set("row_limit", limit),
                 ReadFinding);
}

absl::StatusOr<std::optional<AccessFinding>> FindingStore::Find(db::TenantTx& tx,
                                                                const Uuid& id) const {
  return tx.Optional(sql::kFindFinding, db::Params().Set("id", id), ReadFinding);
}

absl::StatusOr<std::optional<AccessFinding>> FindingStore::Close(
    db::TenantTx& tx, const AccessFinding& finding) const {
  return tx.Optional(sql::kCloseFinding,
                     db::Params()
                         .Set("id", finding.id)
                         .Set("row_version", finding.row_version)
                         .Set("note", finding.note)
                         .Set("closed_at", finding.closed_at)
                         .Set("closed_by", finding.closed_by),
                     ReadFinding);
}

}  // namespace clinicd::audit
