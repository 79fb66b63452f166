#include "tests/support/test_database.h"

#include <cstdlib>
#include <iostream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "db/migrate/migrate.h"
#include "tests/support/test_cluster.h"

namespace clinicd::testing {
namespace {

[[noreturn]] void Die(const absl::Status& status) {
  std::cerr << "no database for the test: " << status << "\n";
  std::abort();
}

void OrDie(const absl::Status& status) {
  if (!status.ok()) Die(status);
}

template <typename T>
T OrDie(absl::StatusOr<T> result) {
  if (!result.ok()) Die(result.status());
  return *std::move(result);
}

std::string UniqueName() {
  SystemRandom random;
  return absl::StrCat("clinicd_test_", absl::BytesToHexString(random.Bytes(8)));
}

}  // namespace

TestDatabase::TestDatabase(Content content)
    : server_(OrDie(StartTestCluster())), name_(UniqueName()) {
  const bool migrated = content == Content::kMigrated;
  db::AdminConnection server = OrDie(server_.Connect("postgres"));
  OrDie(server.Execute(absl::StrCat("CREATE DATABASE ", name_, " TEMPLATE ",
                                    migrated ? kTemplateDatabase : "template0")));
  if (!migrated) return;
  db::AdminConnection superuser = Connect();
  OrDie(db::BootstrapDatabase(superuser));
}

TestDatabase::~TestDatabase() {
  absl::StatusOr<db::AdminConnection> server = server_.Connect("postgres");
  if (server.ok()) {
    server->Execute(absl::StrCat("DROP DATABASE ", name_, " WITH (FORCE)")).IgnoreError();
  }
}

std::string TestDatabase::ConninfoOf(std::string_view role) const {
  return OrDie(server_.ConninfoWithPassword(role, name_));
}

db::AdminConnection TestDatabase::Connect(std::string_view role) const {
  return OrDie(db::AdminConnection::Open(ConninfoOf(role)));
}

std::string TestDatabase::ConninfoWithoutPassword(std::string_view role) const {
  return server_.Conninfo(role, name_);
}

std::filesystem::path TestDatabase::PasswordFile(std::string_view role) const {
  return server_.PasswordFile(role);
}

}  // namespace clinicd::testing
