#include "db/isolation/canary_clinics.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/crypto/digest.h"
#include "db/isolation/embedded_text.h"

namespace clinicd::db {
namespace {

constexpr std::array<std::string_view, 22> kNames = {"patient",
                                                     "practitioner",
                                                     "appointment",
                                                     "location",
                                                     "resource",
                                                     "visit_type",
                                                     "series",
                                                     "cancelled_appointment",
                                                     "series_appointment",
                                                     "hold",
                                                     "schedule_exception",
                                                     "waitlist_entry",
                                                     "waitlist_offer",
                                                     "calendar_feed",
                                                     "audit_finding",
                                                     "legal_hold",
                                                     "isolation_certificate",
                                                     "user",
                                                     "caller",
                                                     "session",
                                                     "refresh_token",
                                                     "clinic"};

constexpr char kInsertClinic[] =
    "INSERT INTO clinicd.clinics (id, slug, name, country_code, time_zone, currency_code, locale, "
    "state) VALUES ($1, $2, $3, 'PT', $4, 'EUR', 'pt-PT', 'canary') ON CONFLICT DO NOTHING";

struct UniqueRow {
  std::string_view table;
  // $1 is the clinic, $2 the value, $3 the word.
  const char* sql;
};
constexpr UniqueRow kUniqueRows[] = {
    {"patients",
     "INSERT INTO clinicd.patients (clinic_id, id, given_name, family_name, born_on, file_number, "
     "external_id, email) VALUES ($1, gen_random_uuid(), 'Given', $3, '1990-05-04', $2, $2, $2)"},
    {"practitioners",
     "INSERT INTO clinicd.practitioners (clinic_id, id, given_name, family_name, external_id) "
     "VALUES ($1, gen_random_uuid(), 'Given', $3, $2)"},
    {"locations",
     "INSERT INTO clinicd.locations (clinic_id, id, name, time_zone, external_id) "
     "VALUES ($1, gen_random_uuid(), $3, 'Europe/Lisbon', $2)"},
    {"resources",
     "INSERT INTO clinicd.resources (clinic_id, id, kind, name, external_id) "
     "VALUES ($1, gen_random_uuid(), 'chair', $3, $2)"},
    {"visit_types",
     "INSERT INTO clinicd.visit_types (clinic_id, id, name, external_id) "
     "VALUES ($1, gen_random_uuid(), $3, $2)"},
    {"appointments",
     "INSERT INTO clinicd.appointments (clinic_id, id, patient_id, practitioner_id, local_start, "
     "time_zone, duration_minutes, starts_at, ends_at, reason, external_id) "
     "SELECT $1, gen_random_uuid(), patient_id, practitioner_id, start, 'Europe/Lisbon', 30, "
     "start AT TIME ZONE 'Europe/Lisbon', "
     "start AT TIME ZONE 'Europe/Lisbon' + interval '30 minutes', $3, $2 "
     "FROM (SELECT patient_id, practitioner_id, timestamp '2032-03-03 09:00' AS start "
     "FROM clinicd.appointments WHERE clinic_id = $1 LIMIT 1) AS seed"},
};

constexpr char kInsertMember[] =
    "WITH person AS (INSERT INTO clinicd.users (id, email_key) VALUES ($4, $2) RETURNING id) "
    "INSERT INTO clinicd.memberships (clinic_id, id, user_id, email, email_key, given_name, "
    "family_name, roles) SELECT $1, gen_random_uuid(), id, $2, $2, 'Given', $3, "
    "ARRAY['assistant'] FROM person";

// No practitioner of theirs has hours, and so is always there.
constexpr char kInsertParties[] = R"(
WITH patient AS (
    INSERT INTO clinicd.patients (clinic_id, id, given_name, family_name, born_on)
    VALUES ($1, gen_random_uuid(), 'Party', $2, '1990-05-04') RETURNING id
), practitioner AS (
    INSERT INTO clinicd.practitioners (clinic_id, id, given_name, family_name)
    VALUES ($1, gen_random_uuid(), 'Party', $2) RETURNING id
), resource AS (
    INSERT INTO clinicd.resources (clinic_id, id, kind, name)
    VALUES ($1, gen_random_uuid(), 'chair', $2) RETURNING id
), hold AS (
    INSERT INTO clinicd.holds (clinic_id, id, membership_id, practitioner_id, local_start,
        time_zone, duration_minutes, starts_at, ends_at, expires_at)
    SELECT $1, gen_random_uuid(), $3, practitioner.id, start, $4, 30, start AT TIME ZONE $4,
        start AT TIME ZONE $4 + interval '30 minutes', now() + interval '1 day'
    FROM practitioner, (SELECT timestamp '2031-06-02 09:00' AS start) AS slot RETURNING id
)
SELECT patient.id, practitioner.id, resource.id, hold.id
FROM patient, practitioner, resource, hold)";

constexpr char kReleaseHolds[] =
    "UPDATE clinicd.audit_legal_holds SET state = 'released', release_reason = 'probe', "
    "released_at = now(), released_by = $2 WHERE clinic_id = $1 AND state = 'in_force'";

constexpr char kForgetFailures[] =
    "UPDATE clinicd.memberships SET failed_sign_ins = 0, last_failed_at = NULL "
    "WHERE clinic_id = $1 AND failed_sign_ins > 0";

constexpr char kInsertSession[] =
    "INSERT INTO clinicd.sessions (clinic_id, id, membership_id, expires_at) "
    "VALUES ($1, gen_random_uuid(), $2, now() + interval '1 day') RETURNING id";

std::string HexOf(std::string_view text, std::size_t letters) {
  const crypto::Sha256Digest digest = crypto::Sha256(text);
  return absl::BytesToHexString(ToAbsl(crypto::AsView(digest))).substr(0, letters);
}

// Derived, so that it is found again.
std::string DerivedId(std::string_view text) {
  std::string hex = HexOf(text, 32);
  hex[12] = '8';
  hex[16] = 'a';
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
                      hex.substr(16, 4), "-", hex.substr(20));
}

}  // namespace

std::array<ClinicId, 2> CanaryClinicIds() {
  return {ClinicId::Parse(DerivedId("clinicd canary clinic 1")).value_or(ClinicId()),
          ClinicId::Parse(DerivedId("clinicd canary clinic 2")).value_or(ClinicId())};
}

ClinicId NoClinicId() {
  return ClinicId::Parse(DerivedId("clinicd no clinic")).value_or(ClinicId());
}

bool IsCanaryClinic(const ClinicId& clinic) {
  const std::array<ClinicId, 2> canaries = CanaryClinicIds();
  return std::find(canaries.begin(), canaries.end(), clinic) != canaries.end();
}

std::string CanaryClinic::slug() const { return absl::StrCat("canary-", clinic_.ToString()); }

std::string CanaryClinic::word() const {
  return absl::StrCat("zq", HexOf(absl::StrCat(clinic_.ToString(), " word"), 14));
}

std::string CanaryClinic::mark() const {
  return absl::StrCat("mark", HexOf(absl::StrCat(clinic_.ToString(), " mark"), 12));
}

std::string CanaryClinic::IdOf(std::string_view name) const {
  if (name == "clinic") return clinic_.ToString();
  return DerivedId(absl::StrCat(clinic_.ToString(), " ", std::string(name)));
}

std::string CanaryClinic::Filled(std::string_view sql) const {
  std::vector<std::pair<std::string, std::string>> values = {
      {"{canary}", word()}, {"{mark}", mark()}, {"{time_zone}", kCanaryTimeZone}};
  for (const std::string_view name : kNames) {
    values.emplace_back(absl::StrCat("{", std::string(name), "}"), IdOf(name));
  }
  return absl::StrReplaceAll(ToAbsl(sql), values);
}

absl::StatusOr<AdminConnection::Rows> CanaryClinic::Run(const std::string& sql,
                                                        const AdminConnection::Row& values,
                                                        bool keep) {
  CLINICD_RETURN_IF_ERROR(connection_.Execute("BEGIN"));
  absl::StatusOr<AdminConnection::Rows> rows =
      connection_.Query("SELECT set_config('clinicd.clinic_id', $1, true)", {clinic_.ToString()});
  if (rows.ok()) rows = connection_.Query(sql, values);
  const absl::Status ended = connection_.Execute(rows.ok() && keep ? "COMMIT" : "ROLLBACK");
  if (rows.ok() && !ended.ok()) return ended;
  return rows;
}

absl::Status CanaryClinic::Ensure() {
  // First for itself: what came of the probe is kept there, whatever is wrong with other tables.
  CLINICD_RETURN_IF_ERROR(
      Run(kInsertClinic,
          {clinic_.ToString(), slug(), absl::StrCat("Canary ", word()), kCanaryTimeZone}, true)
          .status());
  CLINICD_RETURN_IF_ERROR(connection_.Execute("BEGIN"));
  absl::Status status =
      connection_.Query("SELECT set_config('clinicd.clinic_id', $1, true)", {clinic_.ToString()})
          .status();
  if (status.ok()) status = connection_.Execute(Filled(CanarySql()));
  const absl::Status ended = connection_.Execute(status.ok() ? "COMMIT" : "ROLLBACK");
  CLINICD_RETURN_IF_ERROR(status);
  CLINICD_RETURN_IF_ERROR(ended);
  // Each run tries a wrong password; after some of them the owner would have to wait, and the next
  // run would find that a method does not answer.
  CLINICD_RETURN_IF_ERROR(Run(kForgetFailures, {clinic_.ToString()}, true).status());
  // Of a run that ended early.
  return ReleaseHolds();
}

absl::Status CanaryClinic::ReleaseHolds() {
  return Run(kReleaseHolds, {clinic_.ToString(), IdOf("caller")}, true).status();
}

absl::Status CanaryClinic::AddUnique(std::string_view table, const std::string& value) {
  const auto* const found =
      std::find_if(std::begin(kUniqueRows), std::end(kUniqueRows),
                   [table](const UniqueRow& row) { return row.table == table; });
  if (found == std::end(kUniqueRows)) {
    return absl::InternalError(absl::StrCat("No unique row of ", std::string(table)));
  }
  return Run(found->sql, {clinic_.ToString(), value, word()}, true).status();
}

absl::Status CanaryClinic::AddMember(const std::string& email_key, const Uuid& person) {
  return Run(kInsertMember, {clinic_.ToString(), email_key, word(), person.ToString()}, true)
      .status();
}

absl::StatusOr<CanaryClinic::Parties> CanaryClinic::AddParties() {
  CLINICD_ASSIGN_OR_RETURN(
      const AdminConnection::Rows rows,
      Run(kInsertParties, {clinic_.ToString(), word(), IdOf("caller"), kCanaryTimeZone}, true));
  const AdminConnection::Row& row = rows.at(0);
  return Parties{.patient = row.at(0).value_or(""),
                 .practitioner = row.at(1).value_or(""),
                 .resource = row.at(2).value_or(""),
                 .hold = row.at(3).value_or("")};
}

absl::StatusOr<std::string> CanaryClinic::AddSession() {
  CLINICD_ASSIGN_OR_RETURN(const AdminConnection::Rows rows,
                           Run(kInsertSession, {clinic_.ToString(), IdOf("caller")}, true));
  return rows.at(0).at(0).value_or("");
}

absl::StatusOr<std::int64_t> CanaryClinic::RowVersion(std::string_view table,
                                                      const std::string& id) {
  const char* const key = table == "clinics" ? "id" : "clinic_id";
  CLINICD_ASSIGN_OR_RETURN(const AdminConnection::Rows rows,
                           Run(absl::StrCat("SELECT row_version FROM clinicd.", std::string(table),
                                            " WHERE ", key, " = $1 AND id = $2"),
                               {clinic_.ToString(), id}, false));
  std::int64_t version = 1;
  const bool read = !rows.empty() && absl::SimpleAtoi(rows[0].at(0).value_or(""), &version);
  return read ? version : 1;
}

absl::StatusOr<std::string> CanaryClinic::NewestEvent() {
  CLINICD_ASSIGN_OR_RETURN(const AdminConnection::Rows rows,
                           Run("SELECT id FROM clinicd.audit_events WHERE clinic_id = $1 "
                               "ORDER BY id DESC LIMIT 1",
                               {clinic_.ToString()}, false));
  return rows.empty() ? "" : rows[0].at(0).value_or("");
}

}  // namespace clinicd::db
