// How PostgreSQL looks up what is taken, as the role and under the policies of the application.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "db/access/named_sql.h"
#include "db/queries/appointments.h"
#include "tests/support/test_database.h"

namespace clinicd::testing {
namespace {

constexpr char kClinic[] = "018f0000-0000-7000-8000-000000000001";

// A clinic of four practitioners who have been at work for half a year.
constexpr char kFill[] = R"sql(
INSERT INTO clinicd.clinics (id, slug, name, country_code, time_zone, currency_code, locale)
VALUES ('018f0000-0000-7000-8000-000000000001', 'a', 'Test', 'ES', 'Europe/Madrid', 'EUR', 'es-ES');
INSERT INTO clinicd.patients (clinic_id, id, given_name, family_name, born_on)
SELECT '018f0000-0000-7000-8000-000000000001', lpad(to_hex(n), 32, '0')::uuid, 'Ana', 'Li',
       '1985-03-02'
FROM generate_series(1, 400) AS n;
INSERT INTO clinicd.practitioners (clinic_id, id, given_name, family_name)
SELECT '018f0000-0000-7000-8000-000000000001', lpad(to_hex(1000 + n), 32, '0')::uuid, 'Pau', 'Vidal'
FROM generate_series(1, 4) AS n;
WITH visit AS (
    SELECT gen_random_uuid() AS id, p, timestamptz '2026-01-01 08:00Z'
               + make_interval(days => d, mins => 30 * s) AS starts_at,
           (s * 4 + p) % 400 + 1 AS patient
    FROM generate_series(1, 4) AS p, generate_series(1, 180) AS d, generate_series(0, 15) AS s
),
booked AS (
    INSERT INTO clinicd.appointments
        (clinic_id, id, patient_id, practitioner_id, local_start, time_zone, duration_minutes,
         starts_at, ends_at)
    SELECT '018f0000-0000-7000-8000-000000000001', id, lpad(to_hex(patient), 32, '0')::uuid,
           lpad(to_hex(1000 + p), 32, '0')::uuid, starts_at AT TIME ZONE 'UTC', 'UTC', 30, starts_at,
           starts_at + interval '30 minutes'
    FROM visit
    RETURNING id, practitioner_id, patient_id, starts_at, ends_at
)
INSERT INTO clinicd.occupancies
    (clinic_id, position, appointment_id, practitioner_id, patient_id, starts_at, ends_at,
     offset_minutes, duration_minutes)
SELECT '018f0000-0000-7000-8000-000000000001', part, id,
       CASE part WHEN 1 THEN practitioner_id END, CASE part WHEN 2 THEN patient_id END, starts_at,
       ends_at, 0, 30
FROM booked, generate_series(1, 2) AS part;
)sql";

// Hundreds of clinics beside it, with a visit or two for each of their people: the planner then believes
// that nobody has more.
constexpr char kOthers[] = R"sql(
INSERT INTO clinicd.clinics (id, slug, name, country_code, time_zone, currency_code, locale)
SELECT lpad(to_hex(c), 32, '0')::uuid, 'c' || c, 'Test', 'ES', 'Europe/Madrid', 'EUR', 'es-ES'
FROM generate_series(1, 300) AS c;
INSERT INTO clinicd.patients (clinic_id, id, given_name, family_name, born_on)
SELECT lpad(to_hex(c), 32, '0')::uuid, lpad(to_hex(n), 32, '0')::uuid, 'Ana', 'Li', '1985-03-02'
FROM generate_series(1, 300) AS c, generate_series(1, 30) AS n;
INSERT INTO clinicd.practitioners (clinic_id, id, given_name, family_name)
SELECT lpad(to_hex(c), 32, '0')::uuid, lpad(to_hex(1000 * c + n), 32, '0')::uuid, 'Pau', 'Vidal'
FROM generate_series(1, 300) AS c, generate_series(1, 30) AS n;
WITH booked AS (
    INSERT INTO clinicd.appointments
        (clinic_id, id, patient_id, practitioner_id, local_start, time_zone, duration_minutes,
         starts_at, ends_at)
    SELECT lpad(to_hex(c), 32, '0')::uuid, gen_random_uuid(), lpad(to_hex(n), 32, '0')::uuid,
           lpad(to_hex(1000 * c + n), 32, '0')::uuid, '2026-01-01 08:00', 'UTC', 30,
           '2026-01-01 08:00Z', '2026-01-01 08:30Z'
    FROM generate_series(1, 300) AS c, generate_series(1, 30) AS n
    RETURNING clinic_id, id, practitioner_id, patient_id, starts_at, ends_at
)
INSERT INTO clinicd.occupancies
    (clinic_id, position, appointment_id, practitioner_id, patient_id, starts_at, ends_at,
     offset_minutes, duration_minutes)
SELECT clinic_id, part, id, CASE part WHEN 1 THEN practitioner_id END,
       CASE part WHEN 2 THEN patient_id END, starts_at, ends_at, 0, 30
FROM booked, generate_series(1, 2) AS part;
)sql";

// Years after everything that the planner has seen.
const std::map<std::string, std::string>& Values() {
  static const std::map<std::string, std::string> values = {
      {"clinic_id", absl::StrCat("'", kClinic, "'")},
      {"patient_id", "'00000000-0000-0000-0000-000000000007'"},
      {"visit_type_id", "NULL"},
      {"external_id", "NULL"},
      {"id", "'018f0000-0000-7000-8000-00000000aaab'"},
      {"part_allocations", "''"},
      {"practitioner_id", "'00000000-0000-0000-0000-0000000003e9'"},
      {"local_start", "'2031-07-01 12:00'"},
      {"time_zone", "'UTC'"},
      {"ends_at", "'2031-07-01 12:30Z'"},
      {"lane", "0"},
      {"overbook_reason", "NULL"},
      {"reason", "''"},
      {"created_by", "NULL"},
      {"holder_id", "'018f0000-0000-7000-8000-00000000aaaa'"},
      {"occupants", "'00000000-0000-0000-0000-0000000003e9 00000000-0000-0000-0000-000000000007'"},
      {"part_kinds", "'practitioner patient'"},
      {"part_occupants",
       "'00000000-0000-0000-0000-0000000003e9 00000000-0000-0000-0000-000000000007'"},
      {"part_offsets", "'0 0'"},
      {"part_durations", "'30 30'"},
      {"starts_at", "'2031-07-01 12:00Z'"},
      {"duration_minutes", "30"},
      {"buffer_before_minutes", "0"},
      {"buffer_after_minutes", "0"},
      {"begin_at", "'2031-06-30 12:00Z'"},
      {"end_at", "'2031-07-04 12:00Z'"},
      {"now", "'2031-06-01 12:00Z'"}};
  return values;
}

std::vector<std::string> PlanOf(db::AdminConnection& app, const db::Query& query) {
  const db::NumberedSql sql = db::NumberParameters(query.sql);
  std::vector<std::string> arguments;
  for (const std::string& name : sql.names) arguments.push_back(Values().at(name));
  REQUIRE(app.Execute(absl::StrCat("DEALLOCATE ALL; PREPARE query AS ", sql.sql)).ok());
  const auto rows = app.Query(
      absl::StrCat("EXPLAIN (COSTS OFF) EXECUTE query(", absl::StrJoin(arguments, ", "), ")"));
  REQUIRE(rows.ok());
  std::vector<std::string> lines;
  for (const auto& row : *rows) lines.push_back(row[0].value_or(""));
  return lines;
}

bool Has(const std::string& line, std::string_view part) {
  return line.find(part) != std::string::npos;
}

void CheckPlans(db::AdminConnection& app) {
  for (const char* plan_mode : {"force_generic_plan", "force_custom_plan"}) {
    REQUIRE(app.Execute(absl::StrCat("SET plan_cache_mode = ", plan_mode)).ok());
    for (const db::Query* query :
         {&sql::kListOccupiedBy, &sql::kFindTakenKinds, &sql::kFindBookingObstacle,
          &sql::kFindFreeLane, &sql::kDeleteExpiredHolds, &sql::kDeleteLateExpiredHolds,
          &sql::kInsertAppointment}) {
      const std::vector<std::string> plan = PlanOf(app, *query);

      CAPTURE(std::string(query->name), plan_mode, plan);
      // Neither all visits of those days, nor all that somebody has ever had.
      CHECK(std::none_of(plan.begin(), plan.end(), [](const std::string& line) {
        return Has(line, "Seq Scan on occupancies") || Has(line, "occupancies_by_start_ix") ||
               Has(line, "using occupancies_occupant_occupied_ex");
      }));
      CHECK(std::any_of(plan.begin(), plan.end(), [](const std::string& line) {
        return Has(line, "Index Cond: ((clinic_id =") &&
               Has(line, "(ROW(occupant_id, starts_at) >") &&
               Has(line, "(ROW(occupant_id, starts_at) <");
      }));
    }
  }
}

TEST_CASE("What is taken is looked up among the nearby visits of those who are wanted",
          "[appointments][integration]") {
  const TestDatabase database;
  db::AdminConnection admin = database.Connect();
  REQUIRE(admin.Execute(kFill).ok());
  if (GENERATE(false, true)) REQUIRE(admin.Execute(kOthers).ok());
  REQUIRE(admin.Execute("ANALYZE").ok());
  db::AdminConnection app = database.Connect("clinicd_app");
  REQUIRE(app.Execute(absl::StrCat("SET clinicd.clinic_id = '", kClinic, "'")).ok());

  CheckPlans(app);
}

}  // namespace
}  // namespace clinicd::testing
