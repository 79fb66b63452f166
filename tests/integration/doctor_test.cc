// `clinicd doctor` as an operator meets it: what is right, and what is not with the way to mend it.
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/auth/key_ring.h"
#include "common/base/random.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_database.h"

namespace clinicd::testing {
namespace {

// An installation that is examined.
class Installation final {
 public:
  Installation() {
    SystemRandom random;
    REQUIRE(auth::KeyRing::CreateMissing(key_directory(), random).ok());
    UseRole("clinicd_app");
    Set("KEYS__DIRECTORY", key_directory());
  }

  std::string key_directory() const { return directory_.path("keys"); }
  const TestDatabase& database() const { return database_; }
  void Set(const std::string& key, const std::string& value) {
    settings_["CLINICD_" + key] = value;
  }
  void UseRole(const std::string& role) {
    Set("DB__CONNINFO", database_.ConninfoWithoutPassword(role));
    Set("DB__PASSWORD_FILE", database_.PasswordFile(role).string());
  }
  ProgramResult Examine(const std::vector<std::string>& more = {"--json"}) const {
    std::vector<std::string> arguments = {CLINICD_TEST_BINARY_DIR "/clinicd", "doctor"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::vector<std::string> environment;
    for (const auto& [key, value] : settings_) environment.push_back(absl::StrCat(key, "=", value));
    return RunProgram(arguments, environment);
  }

 private:
  TestDatabase database_;
  TemporaryDirectory directory_;
  std::map<std::string, std::string> settings_;
};

// The checks of a report that are not OK; each of them must say how to mend it.
std::map<std::string, std::string> Faults(const std::string& report) {
  std::map<std::string, std::string> faults;
  const nlohmann::json parsed = nlohmann::json::parse(report);
  for (const auto& check : parsed["checks"]) {
    if (check["grade"] == "OK") continue;
    CHECK_FALSE(check["fix"].get<std::string>().empty());
    faults[check["check"]] = check["grade"];
  }
  return faults;
}

using Found = std::map<std::string, std::string>;

TEST_CASE("Doctor finds nothing wrong with the database and the keys of an installation in order",
          "[server][integration]") {
  const Installation installation;

  const ProgramResult result = installation.Examine();

  CAPTURE(result.output);
  Found faults = Faults(result.output);
  // This installation has no listeners, so that the configuration is not complete.
  faults.erase("configuration.serving");
  CHECK(faults.empty());
  CHECK(nlohmann::json::parse(result.output)["checks"].size() >= 7);
}

TEST_CASE("Doctor names what is wrong with an installation", "[server][integration]") {
  Installation installation;
  Found expected;
  SECTION("the server would be its database's superuser") {
    installation.UseRole("postgres");
    expected = {{"database.role", "FAIL"}};
  }
  SECTION("a table has lost its row-level security") {
    REQUIRE(installation.database()
                .Connect()
                .Execute("ALTER TABLE clinicd.patients DISABLE ROW LEVEL SECURITY")
                .ok());
    expected = {{"database.row_security", "FAIL"}};
  }
  SECTION("others can read the keys") {
    for (const auto& file : std::filesystem::directory_iterator(installation.key_directory())) {
      std::filesystem::permissions(file.path(), std::filesystem::perms::others_read,
                                   std::filesystem::perm_options::add);
    }
    expected = {{"keys", "FAIL"}};
  }
  SECTION("a key of the configuration is misspelt") {
    installation.Set("DB__WORKRES", "4");
    expected = {{"configuration", "FAIL"}};
  }
  SECTION("there is no database") {
    installation.Set("DB__CONNINFO", "host=/nonexistent dbname=clinicd");
    expected = {{"database.connection", "FAIL"}};
  }

  const ProgramResult result = installation.Examine();

  CAPTURE(result.output);
  CHECK(result.exit_code == 1);
  const Found faults = Faults(result.output);
  for (const auto& [check, grade] : expected) {
    REQUIRE(faults.count(check) == 1);
    CHECK(faults.at(check) == grade);
  }
  CHECK_THAT(installation.Examine({}).output, Catch::Contains("FAIL  " + expected.begin()->first));
}

}  // namespace
}  // namespace clinicd::testing
