// The files of db/ keep their rules: names, numbers, headers, and the schema they add up to.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "db/migrate/migration.h"
#include "tests/support/source_directory.h"
#include "tests/support/test_database.h"

namespace clinicd::testing {
namespace {

namespace fs = std::filesystem;
using db::EmbeddedMigrations;
using db::kSuperuser;
using db::Migration;

TEST_CASE("Every embedded migration says what it is for and what it locks", "[schema][contract]") {
  for (const Migration& migration : EmbeddedMigrations()) {
    CAPTURE(migration.name);
    CHECK_FALSE(migration.HeaderPart("Purpose").empty());
    CHECK_FALSE(migration.HeaderPart("Locks").empty());
    CHECK(migration.HeaderPart("Weather").empty());
  }
}

TEST_CASE("The build refuses misnumbered, misnamed and headless migrations", "[schema][contract]") {
  const std::string header = "-- Purpose: a\n-- Locks: a\n-- Data: a\n-- Roll back: a\n";
  const std::string body = header + "SELECT 1;\n";
  using Files = std::vector<std::pair<std::string, std::string>>;
  const auto [files, accepted] = GENERATE_COPY(table<Files, bool>({
      {{{"0001_create_a.sql", body}, {"0002_create_b.sql", body}}, true},
      {{{"0001_create_a.sql", body}, {"0003_create_b.sql", body}}, false},
      {{{"0001_create_a.sql", body}, {"0001_create_b.sql", body}}, false},
      {{{"0002_create_a.sql", body}}, false},
      {{{"1_create_a.sql", body}}, false},
      {{{"0001_a.sql", body}}, false},
      {{{"0001_create_a.sql", "SELECT 1;\n"}}, false},
      {{{"0001_create_a.sql", body + "COMMIT;\n"}}, false},
      {{{"0001_create_a.sql", header + "DO $$ BEGIN\nNULL;\nEND;\n$$;\n"}}, true},
  }));
  std::string directory = "/tmp/clinicd-embed-test-XXXXXX";
  REQUIRE(mkdtemp(directory.data()) != nullptr);
  std::string command = absl::StrCat("/usr/bin/python3 ", SourceDirectory().string(),
                                     "/db/migrate/embed_migrations.py --out ", directory,
                                     "/out/embedded.cc --bootstrap ", directory,
                                     "/bootstrap --bootstrap-database ", directory, "/bootstrap");
  std::ofstream(directory + "/bootstrap") << "SELECT 1;\n";
  for (const auto& [name, content] : files) {
    CAPTURE(name, content);
    std::ofstream(absl::StrCat(directory, "/", name)) << content;
    absl::StrAppend(&command, " ", directory, "/", name);
  }
  absl::StrAppend(&command, " 2>", directory, "/errors");
  CAPTURE(command);

  CHECK((std::system(command.c_str()) == 0) == accepted);
  CHECK(fs::exists(directory + "/out/embedded.cc") == accepted);
  fs::remove_all(directory);
}

TEST_CASE("db/schema.sql is what the migrations make", "[schema][contract]") {
  const TestDatabase database;
  // Moves the role's row in the catalog, as setting a password does: the text must not follow it.
  REQUIRE(database.Connect().Execute("ALTER ROLE clinicd_jobs CONNECTION LIMIT -1").ok());
  const std::string source = SourceDirectory().string();
  // The password stays out of what other users see of running commands.
  const std::string password_file = database.PasswordFile(kSuperuser).string();
  const std::string command = absl::StrCat(
      "PGPASSWORD=\"$(cat '", password_file, "')\" ", source, "/db/dump_schema.sh \"",
      database.ConninfoWithoutPassword(kSuperuser), "\" | diff -u ", source, "/db/schema.sql -");

  CHECK(std::system(command.c_str()) == 0);
}

}  // namespace
}  // namespace clinicd::testing
