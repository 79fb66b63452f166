#include "tests/bench/clinicbench/dataset_loader.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "common/base/try.h"

namespace clinicd::bench {
namespace {

// About as many visits are made by one statement.
constexpr int kVisitsOfStatement = 200'000;

// A number as the id that dataset.h makes of it.
constexpr char kIdFunction[] =
    "CREATE FUNCTION pg_temp.id(bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS "
    "$$SELECT lpad(to_hex($1), 32, '0')::uuid$$";

// $0 and $1: first and last clinic, $2: patients, $3: practitioners, $4: family size, $5: user.
constexpr char kClinicsSql[] = R"(
INSERT INTO clinicd.clinics (id, slug, name, country_code, time_zone, currency_code, locale, state)
SELECT pg_temp.id($6 + c), 'bench' || c, 'Bench ' || c, 'ES', 'Europe/Madrid', 'EUR', 'es-ES',
    'active'
FROM generate_series($0, $1) AS c;
INSERT INTO clinicd.memberships
    (clinic_id, id, user_id, email, email_key, given_name, family_name, roles)
SELECT pg_temp.id($6 + c), '$5', '$5', 'bench@bench.example', 'bench@bench.example', 'B', 'B',
    '{receptionist}'
FROM generate_series($0, $1) AS c;
INSERT INTO clinicd.practitioners (clinic_id, id, given_name, family_name)
SELECT pg_temp.id($6 + c), pg_temp.id($7 + p), 'P' || p || 'c' || c, 'Doctor' || p
FROM generate_series($0, $1) AS c, generate_series(1, $3) AS p;
INSERT INTO clinicd.patients
    (clinic_id, id, given_name, family_name, born_on, sex, phone, email, address, created_by)
SELECT pg_temp.id($6 + c), pg_temp.id(n), 'N' || n || 'c' || c,
    'Fam' || translate(lpad(((n - 1) / $4)::text, 5, '0'), '0123456789', 'abcdefghij'),
    DATE '1950-01-01' + n % 20000, 'female', '+34 600 ' || lpad(n::text, 6, '0'),
    'p' || n || '@example.org', 'Calle Mayor ' || n, '$5'
FROM generate_series($0, $1) AS c, generate_series(1, $2) AS n;
INSERT INTO clinicd.patient_tokens (clinic_id, token, patient_id)
SELECT pg_temp.id($6 + c), token, pg_temp.id(n)
FROM generate_series($0, $1) AS c, generate_series(1, $2) AS n, LATERAL (
    SELECT 'n' || n || 'c' || c
    UNION SELECT 'fam' || translate(lpad(((n - 1) / $4)::text, 5, '0'), '0123456789', 'abcdefghij')
    UNION SELECT to_char(DATE '1950-01-01' + n % 20000, 'YYYYMMDD')
    UNION SELECT substr('34600' || lpad(n::text, 6, '0'), k) FROM generate_series(1, 8) AS k
) AS tokens (token))";

// $0 and $1: first and last clinic, $2: patients, $3: practitioners, $4: days, $5: visits a day,
// $6 and $7: before the first clinic and practitioner, $8: before the first visit, $9: first day.
constexpr char kVisitsSql[] = R"(
CREATE TEMPORARY TABLE visit ON COMMIT DROP AS
SELECT pg_temp.id($6 + c) AS clinic_id,
    pg_temp.id($8 + (d::bigint * $3 + p - 1) * $5 + s + 1) AS id,
    pg_temp.id((d * $5 + s) * $3 + p - 1 - ((d * $5 + s) * $3 + p - 1) / $2 * $2 + 1) AS patient_id,
    pg_temp.id($7 + p) AS practitioner_id,
    timestamptz '$9 08:00Z' + make_interval(days => d, mins => 15 * s) AS starts_at
FROM generate_series($0, $1) AS c, generate_series(0, $4 - 1) AS d, generate_series(1, $3) AS p,
    generate_series(0, $5 - 1) AS s;
INSERT INTO clinicd.appointments
    (clinic_id, id, patient_id, practitioner_id, local_start, time_zone, duration_minutes,
     starts_at, ends_at)
SELECT clinic_id, id, patient_id, practitioner_id, starts_at AT TIME ZONE 'Europe/Madrid',
    'Europe/Madrid', 15, starts_at, starts_at + interval '15 minutes'
FROM visit;
INSERT INTO clinicd.occupancies
    (clinic_id, position, appointment_id, practitioner_id, patient_id, starts_at, ends_at,
     offset_minutes, duration_minutes)
SELECT clinic_id, part, id, CASE part WHEN 1 THEN practitioner_id END,
    CASE part WHEN 2 THEN patient_id END, starts_at, starts_at + interval '15 minutes', 0, 15
FROM visit, generate_series(1, 2) AS part)";

// $0: clinics, $1: arrivals of each, $2: practitioners, $3 to $5: before the first clinic,
// practitioner and arrival, $6: now, $7: before the first patient who walks in, $8: how many. A
// minute each, the last begins 115 minutes from now.
constexpr char kArrivalsSql[] = R"(
CREATE TEMPORARY TABLE arriving ON COMMIT DROP AS
SELECT pg_temp.id($3 + c) AS clinic_id, pg_temp.id($5 + a + 1) AS id,
    pg_temp.id($7 + a % $8 + 1) AS patient_id, pg_temp.id($4 + $2 + a % $2 + 1) AS practitioner_id,
    timestamptz '$6' + make_interval(mins => 115 - a / $2) AS starts_at
FROM generate_series(1, $0) AS c, generate_series(0, $1 - 1) AS a;
INSERT INTO clinicd.appointments
    (clinic_id, id, patient_id, practitioner_id, local_start, time_zone, duration_minutes,
     starts_at, ends_at)
SELECT clinic_id, id, patient_id, practitioner_id, starts_at AT TIME ZONE 'Europe/Madrid',
    'Europe/Madrid', 1, starts_at, starts_at + interval '1 minute'
FROM arriving;
INSERT INTO clinicd.occupancies
    (clinic_id, position, appointment_id, practitioner_id, patient_id, starts_at, ends_at,
     offset_minutes, duration_minutes)
SELECT clinic_id, part, id, CASE part WHEN 1 THEN practitioner_id END,
    CASE part WHEN 2 THEN patient_id END, starts_at, starts_at + interval '1 minute', 0, 1
FROM arriving, generate_series(1, 2) AS part)";

std::string Day(absl::CivilDay day) { return absl::FormatCivilTime(day); }

// What builds indexes and exclusion constraints of the large tables again.
struct LateParts {
  std::vector<std::string> drop;
  std::vector<std::string> create;
};

absl::StatusOr<LateParts> FindLateParts(db::AdminConnection& connection) {
  constexpr char kTables[] =
      "('clinicd.appointments'::regclass, 'clinicd.occupancies'::regclass, "
      "'clinicd.patients'::regclass, 'clinicd.patient_tokens'::regclass)";
  LateParts parts;
  CLINICD_ASSIGN_OR_RETURN(
      const db::AdminConnection::Rows constraints,
      connection.Query(absl::StrCat(
          "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE "
          "contype = 'x' AND conrelid IN ",
          kTables)));
  for (const auto& row : constraints) {
    parts.drop.push_back(absl::StrCat("ALTER TABLE ", *row[0], " DROP CONSTRAINT ", *row[1]));
    parts.create.push_back(
        absl::StrCat("ALTER TABLE ", *row[0], " ADD CONSTRAINT ", *row[1], " ", *row[2]));
  }
  CLINICD_ASSIGN_OR_RETURN(
      const db::AdminConnection::Rows indexes,
      connection.Query(absl::StrCat(
          "SELECT indexrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid "
          "IN ",
          kTables,
          " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = pg_index.indexrelid)")));
  for (const auto& row : indexes) {
    parts.drop.push_back(absl::StrCat("DROP INDEX ", *row[0]));
    parts.create.push_back(*row[1]);
  }
  return parts;
}

struct ClinicShape {
  int patients = 0;
  int practitioners = 0;
  // Who has no visits, and takes none, but of those who walk in.
  int more_patients = 0;
  int more_practitioners = 0;
  int days = 0;
  int visits_of_day = 0;
};

absl::Status LoadClinics(db::AdminConnection& connection, const Dataset& dataset, int first,
                         int last, const ClinicShape& shape) {
  CLINICD_RETURN_IF_ERROR(connection.Execute(
      absl::Substitute(kClinicsSql, first, last, shape.patients + shape.more_patients,
                       shape.practitioners + shape.more_practitioners, kFamilySize, kUser,
                       kFirstClinic, kFirstPractitioner)));
  const absl::CivilDay first_day =
      dataset.first_day + (dataset.days - shape.days) / 2;  // In the middle, as others.
  return connection.Execute(
      absl::StrCat("BEGIN;",
                   absl::Substitute(kVisitsSql, first, last, shape.patients, shape.practitioners,
                                    shape.days, shape.visits_of_day, kFirstClinic,
                                    kFirstPractitioner, kFirstVisit, Day(first_day)),
                   ";COMMIT"));
}

absl::Status LoadBigClinic(db::AdminConnection& connection, const Dataset& dataset) {
  const int clinic = dataset.clinics + 1;
  CLINICD_RETURN_IF_ERROR(LoadClinics(connection, dataset, clinic, clinic,
                                      {.patients = kBigPatients,
                                       .practitioners = kBigPractitioners,
                                       .days = kBigDays,
                                       .visits_of_day = kBigVisitsOfDay}));
  // 08:00 to 20:00 on every day of the week.
  return connection.Execute(absl::Substitute(
      "INSERT INTO clinicd.working_hours (clinic_id, id, owner_kind, practitioner_id, weekday, "
      "from_minute, to_minute) SELECT '$0', gen_random_uuid(), 'practitioner', pg_temp.id($1 + p), "
      "weekday, 480, 1200 FROM generate_series(1, $2) AS p, generate_series(1, 7) AS weekday",
      ClinicIdOf(clinic), kFirstPractitioner, kBigPractitioners));
}

}  // namespace

absl::Status LoadDataset(db::AdminConnection& connection, const Dataset& dataset,
                         const LoadProgress& progress) {
  CLINICD_ASSIGN_OR_RETURN(const LateParts parts, FindLateParts(connection));
  CLINICD_RETURN_IF_ERROR(connection.Execute(kIdFunction));
  // All that is referred to is there by construction.
  CLINICD_RETURN_IF_ERROR(
      connection.Execute("SET session_replication_role = replica; SET synchronous_commit = off; "
                         "SET maintenance_work_mem = '1GB'"));
  for (const std::string& sql : parts.drop) CLINICD_RETURN_IF_ERROR(connection.Execute(sql));
  CLINICD_RETURN_IF_ERROR(connection.Execute(absl::StrCat(
      "INSERT INTO clinicd.users (id, email_key) VALUES ('", kUser, "', 'bench@bench.example')")));
  const ClinicShape shape{.patients = dataset.patients,
                          .practitioners = dataset.practitioners,
                          .more_patients = kWalkInPatients,
                          .more_practitioners = dataset.practitioners,
                          .days = dataset.days,
                          .visits_of_day = kVisitsOfDay};
  const int visits = std::max(1, shape.practitioners * shape.days * kVisitsOfDay);
  const int step = std::max(1, kVisitsOfStatement / visits);
  for (int first = 1; first <= dataset.clinics; first += step) {
    const int last = std::min(dataset.clinics, first + step - 1);
    CLINICD_RETURN_IF_ERROR(LoadClinics(connection, dataset, first, last, shape));
    progress(absl::StrCat("loaded ", last, " of ", dataset.clinics, " clinics"));
  }
  if (dataset.big_clinic) CLINICD_RETURN_IF_ERROR(LoadBigClinic(connection, dataset));
  for (const std::string& sql : parts.create) {
    progress(sql);
    CLINICD_RETURN_IF_ERROR(connection.Execute(sql));
  }
  CLINICD_RETURN_IF_ERROR(connection.Execute("SET session_replication_role = origin"));
  progress("vacuuming");
  return connection.Execute("VACUUM (FREEZE, ANALYZE)");
}

absl::Status LoadArrivals(db::AdminConnection& connection, const Dataset& dataset, absl::Time now) {
  const std::string mine =
      absl::StrCat(" BETWEEN '", ArrivalIdOf(0), "' AND '", ArrivalIdOf(99'999'999), "'");
  const std::string clinics = "clinic_id = ANY (ARRAY(SELECT id FROM clinicd.clinics)) AND ";
  CLINICD_RETURN_IF_ERROR(connection.Execute(absl::StrCat(
      "SET session_replication_role = replica; DELETE FROM clinicd.appointment_events WHERE ",
      clinics, "appointment_id", mine, "; DELETE FROM clinicd.occupancies WHERE ", clinics,
      "holder_id", mine, "; DELETE FROM clinicd.appointments WHERE ", clinics, "id", mine)));
  if (dataset.arrivals == 0) return absl::OkStatus();
  CLINICD_RETURN_IF_ERROR(connection.Execute(
      absl::StrCat("DROP FUNCTION IF EXISTS pg_temp.id(bigint); ", kIdFunction)));
  const absl::Time minute = absl::FromUnixSeconds(absl::ToUnixSeconds(now) / 60 * 60);
  CLINICD_RETURN_IF_ERROR(connection.Execute(
      absl::StrCat("BEGIN;",
                   absl::Substitute(kArrivalsSql, dataset.clinics, dataset.arrivals,
                                    dataset.practitioners, kFirstClinic, kFirstPractitioner,
                                    kFirstArrival, absl::FormatTime(minute, absl::UTCTimeZone()),
                                    dataset.patients, kWalkInPatients),
                   ";COMMIT")));
  return connection.Execute(
      "SET session_replication_role = origin; ANALYZE clinicd.appointments, clinicd.occupancies");
}

}  // namespace clinicd::bench
