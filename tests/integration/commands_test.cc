// The sub-commands that only look: what version, which configuration, which migrations; and what a
// shell offers.
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "db/migrate/migration.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_database.h"

namespace clinicd::testing {
namespace {

using nlohmann::json;

ProgramResult Clinicd(const std::vector<std::string>& words,
                      const std::vector<std::string>& environment = {}) {
  std::vector<std::string> arguments = {CLINICD_TEST_BINARY_DIR "/clinicd"};
  arguments.insert(arguments.end(), words.begin(), words.end());
  ProgramResult result = RunProgram(arguments, environment);
  UNSCOPED_INFO(result.output);
  return result;
}

ProgramResult Migrate(const TestDatabase& database, std::string_view role,
                      const std::vector<std::string>& what) {
  std::vector<std::string> arguments = {"migrate", "--database",
                                        database.ConninfoWithoutPassword(role), "--password-file",
                                        database.PasswordFile(role).string()};
  arguments.insert(arguments.end(), what.begin(), what.end());
  return Clinicd(arguments);
}

struct Setting {
  std::string value;
  std::string source;
};

// What `config show --json` says of each key.
std::map<std::string, Setting> SettingsIn(const std::string& shown) {
  std::map<std::string, Setting> settings;
  const json parsed = json::parse(shown, nullptr, false);
  REQUIRE(parsed.is_object());
  for (const json& key : parsed.value("keys", json::array())) {
    settings[key.value("key", "")] = {
        .value = key["value"].is_string() ? key.value("value", "") : "",
        .source = key.value("source", "")};
  }
  return settings;
}

TEST_CASE("version says what runs, and which schema it wants", "[commands][integration]") {
  const ProgramResult plain = Clinicd({"version"});
  CHECK(plain.exit_code == 0);
  CHECK(plain.output == absl::StrCat("clinicd ", CLINICD_VERSION, "\n"));

  const ProgramResult detailed = Clinicd({"version", "--json"});
  CHECK(detailed.exit_code == 0);
  const json facts = json::parse(detailed.output, nullptr, false);
  REQUIRE(facts.is_object());
  CHECK(facts["clinicd"] == CLINICD_VERSION);
  CHECK(facts["schema"] == db::EmbeddedMigrations().size());
}

TEST_CASE("config show says where each value comes from, the strongest first",
          "[commands][integration]") {
  const TemporaryDirectory directory;
  const std::string file = directory.path("clinicd.toml");
  std::ofstream(file) << "[log]\nlevel = \"warning\"\nfile = \"/var/log/a\"\n[server]\n"
                         "listen = \"127.0.0.1:1\"\n";
  const std::vector<std::string> environment = {"CLINICD_LOG__LEVEL=debug",
                                                "CLINICD_SERVER__LISTEN=127.0.0.1:2"};

  const ProgramResult shown =
      Clinicd({"--config", file, "--set", "server.listen=127.0.0.1:3", "config", "show", "--json"},
              environment);

  CHECK(shown.exit_code == 0);
  auto settings = SettingsIn(shown.output);
  CHECK(settings["server.listen"].value == "127.0.0.1:3");
  CHECK(settings["server.listen"].source == "--set");
  CHECK(settings["log.level"].value == "debug");
  CHECK(absl::StrContains(settings["log.level"].source, "CLINICD_LOG__LEVEL"));
  CHECK(settings["log.file"].value == "/var/log/a");
  CHECK(absl::StrContains(settings["log.file"].source, file));
  CHECK(settings["server.admin_listen"].source == "default");
  const ProgramResult text =
      Clinicd({"--config", file, "config", "show", "--sources"}, environment);
  CHECK(text.exit_code == 0);
  CHECK(absl::StrContains(text.output, "CLINICD_LOG__LEVEL"));
}

TEST_CASE("A key that does not exist is named, with the one that was meant",
          "[commands][integration]") {
  const ProgramResult wrong = Clinicd({"--set", "db.conninf=x", "config", "show"});
  CHECK(wrong.exit_code == 1);
  CHECK(absl::StrContains(wrong.output, "db.conninf "));
  CHECK(absl::StrContains(wrong.output, "db.conninfo"));
}

TEST_CASE("migrate tells what is applied and what it would do", "[commands][integration]") {
  const TestDatabase database(TestDatabase::Content::kBare);
  const std::vector<db::Migration> migrations = db::EmbeddedMigrations();
  const std::string newest = absl::StrFormat("%04d", migrations.back().version);
  REQUIRE(Migrate(database, db::kSuperuser, {"up", "--bootstrap"}).exit_code == 0);
  auto superuser = database.Connect();
  const auto forget = [&](std::string_view which) {
    REQUIRE(superuser
                .Execute(absl::StrCat("DELETE FROM clinicd.schema_migrations WHERE version = ",
                                      std::string(which)))
                .ok());
  };

  forget(newest);
  const ProgramResult status = Migrate(database, "clinicd_migrator", {"status"});
  CHECK(status.exit_code == 2);
  CHECK(absl::StrContains(status.output, "0001  applied"));
  CHECK(absl::StrContains(status.output, newest + "  pending"));
  const ProgramResult plan = Migrate(database, "clinicd_migrator", {"plan"});
  CHECK(plan.exit_code == 0);
  CHECK(absl::StrContains(plan.output, migrations.back().sql));
  CHECK_FALSE(absl::StrContains(plan.output, migrations.front().sql));
  // A hole in the book is nothing to be filled in.
  forget("1");
  CHECK(Migrate(database, "clinicd_migrator", {"plan"}).exit_code == 1);
}

TEST_CASE("migrate brings an empty database up, and then has nothing to do",
          "[commands][integration]") {
  const TestDatabase database(TestDatabase::Content::kBare);

  const ProgramResult up = Migrate(database, db::kSuperuser, {"up", "--bootstrap"});

  CHECK(up.exit_code == 0);
  // Not on a terminal: a line each.
  CHECK(absl::StrContains(up.output, absl::StrCat("/", db::EmbeddedMigrations().size(), "] ",
                                                  db::EmbeddedMigrations().back().name)));
  CHECK(Migrate(database, "clinicd_migrator", {"status"}).exit_code == 0);
  const ProgramResult plan = Migrate(database, "clinicd_migrator", {"plan"});
  CHECK(plan.exit_code == 0);
  CHECK_FALSE(absl::StrContains(plan.output, "CREATE TABLE"));
  CHECK(Migrate(database, "clinicd_migrator", {"up"}).exit_code == 0);
}

// What bash offers for the words, the last of which is being typed.
std::string Offered(const std::string& words) {
  const ProgramResult result = RunProgram(
      {"bash", "-c",
       absl::StrCat("eval \"$(" CLINICD_TEST_BINARY_DIR "/clinicd completion bash)\"; COMP_WORDS=(",
                    words, "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=(); ",
                    "$(complete -p clinicd | sed 's/.*-F \\([^ ]*\\).*/\\1/'); ",
                    "echo \"${COMPREPLY[*]}\"")});
  UNSCOPED_INFO(result.output);
  CHECK(result.exit_code == 0);
  return result.output;
}

TEST_CASE("A shell completes sub-commands and their options", "[commands][integration]") {
  CHECK(Offered("clinicd ser") == "serve\n");
  CHECK(Offered("clinicd migrate st") == "status\n");
  CHECK(absl::StrContains(Offered("clinicd import synthea --d"), "--dry-run"));
  CHECK(Offered("clinicd nothing x") == "\n");
  for (const char* shell : {"zsh", "fish"}) {
    const ProgramResult script = Clinicd({"completion", shell});
    CHECK(script.exit_code == 0);
    CHECK(absl::StrContains(script.output, "synthea"));
  }
  CHECK(Clinicd({"completion", "tcsh"}).exit_code != 0);
}

}  // namespace
}  // namespace clinicd::testing
