#include "tests/isolation/guards.h"

#include <re2/re2.h>

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"

namespace clinicd::isolation {
namespace {

constexpr char kPassword[] = "isolation";

// "clinic_id = :clinic_id" of any table, "id = :clinic_id" of clinics.
constexpr char kPredicate[] = R"((?:\w+\.)?\b(?:clinic_id|id) = :clinic_id\b)";
// A comparison in any other form.
constexpr char kComparison[] =
    R"((?i)(?:[=<>]|\bIN|\bANY)\s*\(?\s*:clinic_id\b|:clinic_id\s*[=<>])";

}  // namespace

BypassRole::BypassRole(const testing::TestDatabase& database)
    : database_(database), name_(absl::StrCat("bypass_", database.name())) {
  db::AdminConnection superuser = database_.Connect();
  REQUIRE(
      superuser.Execute(absl::StrCat("CREATE ROLE ", name_, " LOGIN BYPASSRLS IN ROLE clinicd_app"))
          .ok());
  REQUIRE(superuser.SetPassword(name_, kPassword).ok());
  const auto settings = superuser.Query(
      "SELECT split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1) "
      "FROM pg_db_role_setting, unnest(setconfig) AS setting "
      "WHERE setrole = 'clinicd_app'::regrole AND setdatabase = 0");
  REQUIRE(settings.ok());
  for (const auto& setting : *settings) {
    // Copied as parsed, because some are lists.
    REQUIRE(superuser.Query("SELECT set_config($1, $2, false)", {setting[0], setting[1]}).ok());
    REQUIRE(
        superuser.Execute(absl::StrCat("ALTER ROLE ", name_, " SET ", *setting[0], " FROM CURRENT"))
            .ok());
  }
}

BypassRole::~BypassRole() {
  database_.Connect().Execute(absl::StrCat("DROP ROLE ", name_)).IgnoreError();
}

std::string BypassRole::conninfo() const {
  return absl::StrCat(database_.ConninfoWithoutPassword(name_), " password='", kPassword, "'");
}

std::string PredicateRemover::Rewrite(std::string_view sql) {
  std::string rewritten(sql);
  const int removed = RE2::GlobalReplace(&rewritten, kPredicate, "true");
  const absl::MutexLock lock(&mutex_);
  removed_ += removed;
  if (RE2::PartialMatch(rewritten, kComparison)) left_.push_back(rewritten);
  return rewritten;
}

int PredicateRemover::removed() const {
  const absl::MutexLock lock(&mutex_);
  return removed_;
}

std::vector<std::string> PredicateRemover::left() const {
  const absl::MutexLock lock(&mutex_);
  return left_;
}

}  // namespace clinicd::isolation
