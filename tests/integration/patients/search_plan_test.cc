// How PostgreSQL runs the search, as the role and under the policies of the application.

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "db/access/named_sql.h"
#include "db/queries/patients.h"
#include "tests/support/test_database.h"

namespace clinicd::testing {
namespace {

constexpr char kClinic[] = "018f0000-0000-7000-8000-000000000001";

// 40 clinics of 250 patients, each with 10 tokens, most of them rare, some shared by all.
constexpr char kFill[] = R"sql(
INSERT INTO clinicd.clinics (id, slug, name, country_code, time_zone, currency_code, locale)
SELECT ('018f0000-0000-7000-8000-' || lpad(to_hex(c), 12, '0'))::uuid, 'c' || c, 'Test', 'ES',
       'Europe/Madrid', 'EUR', 'es-ES'
FROM generate_series(1, 40) AS c;
INSERT INTO clinicd.patients (clinic_id, id, given_name, family_name, born_on)
SELECT clinics.id, gen_random_uuid(), 'Given' || p, 'Family' || p % 17, '1985-03-02'
FROM clinicd.clinics, generate_series(1, 250) AS p;
INSERT INTO clinicd.patient_tokens (clinic_id, token, patient_id)
SELECT patients.clinic_id, left(md5(patients.id::text || t), 8), patients.id
FROM clinicd.patients, generate_series(1, 8) AS t;
INSERT INTO clinicd.patient_tokens (clinic_id, token, patient_id)
SELECT patients.clinic_id, token, patients.id
FROM clinicd.patients, unnest(ARRAY['smith', '19850302']) AS token;
ANALYZE clinicd.clinics, clinicd.patients, clinicd.patient_tokens;
)sql";

// The statement's parameters as literals; words that are not asked for are NULL.
std::string Arguments(const std::vector<std::string>& names, std::size_t words) {
  std::map<std::string, std::string> values = {
      {"clinic_id", absl::StrCat("'", kClinic, "'")},
      {"after_family_name", "''"},
      {"after_given_name", "''"},
      {"after_id", "'00000000-0000-0000-0000-000000000000'"},
      {"row_limit", "21"}};
  for (std::size_t word = 1; word <= 5; ++word) {
    const bool asked = word <= words;
    values[absl::StrCat("word", word, "_from")] = asked ? (word == 1 ? "'ab'" : "'smi'") : "NULL";
    values[absl::StrCat("word", word, "_to")] = asked ? (word == 1 ? "'ac'" : "'smj'") : "NULL";
  }
  std::vector<std::string> arguments;
  for (const std::string& name : names) arguments.push_back(values.at(name));
  return absl::StrJoin(arguments, ", ");
}

std::vector<std::string> PlanOfSearch(db::AdminConnection& app, std::string_view plan_mode,
                                      std::size_t words) {
  const db::NumberedSql sql = db::NumberParameters(sql::kSearchPatients.sql);
  REQUIRE(app.Execute(absl::StrCat("SET plan_cache_mode = ", std::string(plan_mode))).ok());
  REQUIRE(app.Execute(absl::StrCat("SET clinicd.clinic_id = '", kClinic, "'")).ok());
  REQUIRE(app.Execute(absl::StrCat("PREPARE search AS ", sql.sql)).ok());
  const auto rows = app.Query(
      absl::StrCat("EXPLAIN (COSTS OFF) EXECUTE search(", Arguments(sql.names, words), ")"));
  REQUIRE(rows.ok());
  std::vector<std::string> lines;
  for (const auto& row : *rows) lines.push_back(row[0].value_or(""));
  return lines;
}

bool Has(const std::string& line, std::string_view part) {
  return line.find(part) != std::string::npos;
}

TEST_CASE("A search reads tokens and patients through indexes only", "[patients][integration]") {
  const TestDatabase database;
  REQUIRE(database.Connect().Execute(kFill).ok());

  for (const std::string_view plan_mode : {"force_generic_plan", "force_custom_plan"}) {
    for (const std::size_t words : {1u, 2u, 5u}) {
      db::AdminConnection app = database.Connect("clinicd_app");
      const std::vector<std::string> plan = PlanOfSearch(app, plan_mode, words);

      CAPTURE(plan_mode, words, plan);
      CHECK(std::none_of(plan.begin(), plan.end(),
                         [](const std::string& line) { return Has(line, "Seq Scan"); }));
      // Both ends of the first range bound what is read of the index.
      CHECK(std::any_of(plan.begin(), plan.end(), [](const std::string& line) {
        return Has(line, "Index Cond: ((clinic_id =") && Has(line, "(token >=") &&
               Has(line, "(token <");
      }));
    }
  }
}

}  // namespace
}  // namespace clinicd::testing
