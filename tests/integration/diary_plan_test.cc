// How PostgreSQL reads a day of the diary, as the role and under the policies of the application.
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

// 400 clinics, of which 40 have 12 practitioners with hours, 10 chairs, and 300 visits in two
// weeks.
constexpr char kFill[] = R"sql(
INSERT INTO clinicd.clinics (id, slug, name, country_code, time_zone, currency_code, locale)
SELECT ('018f0000-0000-7000-8000-' || lpad(to_hex(c), 12, '0'))::uuid, 'c' || c, 'Test', 'ES',
       'Europe/Madrid', 'EUR', 'es-ES'
FROM generate_series(1, 400) AS c;
CREATE TEMPORARY TABLE busy AS SELECT id FROM clinicd.clinics ORDER BY id LIMIT 40;
INSERT INTO clinicd.practitioners (clinic_id, id, given_name, family_name)
SELECT busy.id, gen_random_uuid(), 'Given', 'Family' || p FROM busy, generate_series(1, 12) AS p;
INSERT INTO clinicd.locations (clinic_id, id, name, time_zone)
SELECT clinics.id, gen_random_uuid(), 'Name' || l, 'Europe/Madrid'
FROM clinicd.clinics, generate_series(1, 5) AS l;
INSERT INTO clinicd.resources (clinic_id, id, kind, name)
SELECT busy.id, gen_random_uuid(), 'chair', 'Name' || r FROM busy, generate_series(1, 10) AS r;
INSERT INTO clinicd.working_hours (
    clinic_id, id, owner_kind, practitioner_id, weekday, from_minute, to_minute)
SELECT clinic_id, gen_random_uuid(), 'practitioner', id, weekday, 540, 840
FROM clinicd.practitioners, generate_series(1, 5) AS weekday;
INSERT INTO clinicd.schedule_exceptions (
    clinic_id, id, owner_kind, practitioner_id, kind, first_on, last_on, reason)
SELECT clinic_id, gen_random_uuid(), 'practitioner', id, 'closed', DATE '2026-01-01' + day,
       DATE '2026-01-01' + day, 'Reason'
FROM clinicd.practitioners, generate_series(1, 60) AS day;
INSERT INTO clinicd.patients (clinic_id, id, given_name, family_name, born_on)
SELECT busy.id, gen_random_uuid(), 'Given' || p, 'Family', '1985-03-02'
FROM busy, generate_series(1, 300) AS p;
INSERT INTO clinicd.visit_types (clinic_id, id, name)
SELECT clinics.id, gen_random_uuid(), 'Name' || t FROM clinicd.clinics, generate_series(1, 8) AS t;
INSERT INTO clinicd.appointments (
    clinic_id, id, patient_id, practitioner_id, visit_type_id, local_start, time_zone,
    duration_minutes, starts_at, ends_at, state, arrived_at)
SELECT clinic_id, gen_random_uuid(), patient_id, practitioner_id,
       CASE WHEN n % 2 = 0 THEN (SELECT id FROM clinicd.visit_types
           WHERE visit_types.clinic_id = planned.clinic_id ORDER BY id LIMIT 1) END, start, 'UTC', 30,
       start AT TIME ZONE 'UTC', (start + interval '30 minutes') AT TIME ZONE 'UTC',
       CASE WHEN n % 20 = 1 THEN 'arrived' ELSE 'booked' END,
       CASE WHEN n % 20 = 1 THEN start AT TIME ZONE 'UTC' END
FROM (
    SELECT patients.clinic_id, patients.id AS patient_id, n,
           (SELECT id FROM clinicd.practitioners
            WHERE practitioners.clinic_id = patients.clinic_id ORDER BY id LIMIT 1) AS practitioner_id,
           TIMESTAMP '2027-03-01 00:00' + n * interval '70 minutes' AS start
    FROM (SELECT *, row_number() OVER (PARTITION BY clinic_id ORDER BY id) AS n
          FROM clinicd.patients) AS patients
) AS planned;
INSERT INTO clinicd.occupancies (
    clinic_id, position, appointment_id, practitioner_id, starts_at, ends_at,
    offset_minutes, duration_minutes)
SELECT clinic_id, 0, id, practitioner_id, starts_at, ends_at, 0, 30
FROM clinicd.appointments;
INSERT INTO clinicd.calendar_feeds (clinic_id, id, practitioner_id, secret_hash)
SELECT clinic_id, gen_random_uuid(), id, sha256(convert_to(id::text, 'UTF8'))
FROM clinicd.practitioners;
INSERT INTO clinicd.users (id, email_key) SELECT id, id || '@a.example' FROM busy;
INSERT INTO clinicd.memberships (
    clinic_id, id, user_id, email, email_key, given_name, family_name, roles)
SELECT id, id, id, id || '@a.example', id || '@a.example', 'Given', 'Family', ARRAY['receptionist']
FROM busy;
INSERT INTO clinicd.holds (
    clinic_id, id, membership_id, practitioner_id, local_start, time_zone, duration_minutes,
    starts_at, ends_at, expires_at)
SELECT clinic_id, gen_random_uuid(), clinic_id, practitioner_id, local_start, 'UTC', 30, starts_at,
       ends_at, now() + interval '5 minutes'
FROM clinicd.appointments;
ANALYZE;
)sql";

const std::map<std::string, std::string>& Values() {
  static const std::map<std::string, std::string> values = {
      {"clinic_id", absl::StrCat("'", kClinic, "'")},
      {"begin_at", "'2027-03-08'"},
      {"end_at", "'2027-03-09'"},
      {"first_on", "'2027-03-06'"},
      {"last_on", "'2027-03-10'"},
      {"show_cancelled", "false"},
      {"occupants", "NULL"},
      {"row_limit", "4001"},
      {"grouping", "'practitioner'"},
      {"arrived_since", "'2027-03-08'"},
      {"now", "'2027-03-08 09:00'"},
      {"secret_hash", "sha256('')"},
      {"cancelled_since", "'2027-02-08'"},
      {"patient_id", "NULL"},
      {"holder_id", "'00000000-0000-0000-0000-000000000000'"}};
  return values;
}

std::vector<std::string> PlanOf(const TestDatabase& database, const db::Query& query,
                                std::string_view plan_mode) {
  db::AdminConnection app = database.Connect("clinicd_app");
  const db::NumberedSql sql = db::NumberParameters(query.sql);
  REQUIRE(app.Execute(absl::StrCat("SET plan_cache_mode = ", std::string(plan_mode))).ok());
  REQUIRE(app.Execute(absl::StrCat("SET clinicd.clinic_id = '", kClinic, "'")).ok());
  REQUIRE(app.Execute(absl::StrCat("PREPARE statement AS ", sql.sql)).ok());
  std::vector<std::string> arguments;
  for (const std::string& name : sql.names) arguments.push_back(Values().at(name));
  const auto rows = app.Query(
      absl::StrCat("EXPLAIN (COSTS OFF) EXECUTE statement(", absl::StrJoin(arguments, ", "), ")"));
  INFO(rows.status());
  REQUIRE(rows.ok());
  std::vector<std::string> lines;
  for (const auto& row : *rows) lines.push_back(row[0].value_or(""));
  return lines;
}

bool Has(const std::string& line, std::string_view part) {
  return line.find(part) != std::string::npos;
}

bool AnyHas(const std::vector<std::string>& plan, std::string_view part) {
  return std::ranges::any_of(plan, [part](const std::string& line) { return Has(line, part); });
}

TEST_CASE("A day of the diary and a waiting room are read through indexes only",
          "[diary][integration]") {
  const TestDatabase database;
  const absl::Status filled = database.Connect().Execute(kFill);
  INFO(filled);
  REQUIRE(filled.ok());

  for (const std::string_view plan_mode : {"force_generic_plan", "force_custom_plan"}) {
    for (const db::Query* query :
         {&sql::kListSchedule, &sql::kListOccupied, &sql::kListDiaryColumns, &sql::kListDiaryHolds,
          &sql::kListDiaryVisits, &sql::kListWaitingVisits}) {
      const std::vector<std::string> plan = PlanOf(database, *query, plan_mode);

      CAPTURE(std::string(query->name), plan_mode, plan);
      CHECK_FALSE(AnyHas(plan, "Seq Scan"));
    }
    // Both ends of the period bound what is read of the index.
    for (const db::Query* query :
         {&sql::kListOccupied, &sql::kListDiaryVisits, &sql::kListWaitingVisits}) {
      const std::vector<std::string> plan = PlanOf(database, *query, plan_mode);

      CAPTURE(std::string(query->name), plan_mode, plan);
      CHECK(std::ranges::any_of(plan, [](const std::string& line) {
        return Has(line, "Index Cond: ((clinic_id =") && Has(line, "(starts_at >=") &&
               Has(line, "(starts_at <");
      }));
    }
  }
}

TEST_CASE("A calendar feed is read by its secret, and its visits by who takes part in them",
          "[calendar_feed][integration]") {
  const TestDatabase database;
  REQUIRE(database.Connect().Execute(kFill).ok());

  for (const std::string_view plan_mode : {"force_generic_plan", "force_custom_plan"}) {
    const std::vector<std::string> plan = PlanOf(database, sql::kReadCalendarFeed, plan_mode);

    CAPTURE(plan_mode, plan);
    CHECK_FALSE(AnyHas(plan, "Seq Scan"));
    CHECK(AnyHas(plan, "using calendar_feeds_secret_hash_uq"));
    CHECK(std::ranges::any_of(plan, [](const std::string& line) {
      return Has(line, "(occupant_id = feed.practitioner_id)") && Has(line, "(starts_at >=") &&
             Has(line, "(starts_at <");
    }));
  }
}

}  // namespace
}  // namespace clinicd::testing
