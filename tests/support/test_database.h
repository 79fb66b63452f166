// A database for one test.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "db/admin/admin_connection.h"
#include "db/cluster/private_cluster.h"

namespace clinicd::testing {

// A migrated, empty database that nobody else uses; deleted with the object, sessions on it are
// ended. Ends the process with a message if there is no server to be had: no test could go on.
class TestDatabase final {
 public:
  enum class Content {
    kMigrated,
    kBare,  // Without schema clinicd; for tests of bootstrap and migrations.
  };

  explicit TestDatabase(Content content = Content::kMigrated);
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;
  TestDatabase(TestDatabase&&) = delete;
  TestDatabase& operator=(TestDatabase&&) = delete;
  ~TestDatabase();

  // libpq connection strings, with passwords.
  std::string app() const { return ConninfoOf("clinicd_app"); }
  std::string auth() const { return ConninfoOf("clinicd_auth"); }
  std::string jobs() const { return ConninfoOf("clinicd_jobs"); }
  std::string migrator() const { return ConninfoOf("clinicd_migrator"); }
  std::string superuser() const { return ConninfoOf(db::kSuperuser); }
  std::string ConninfoOf(std::string_view role) const;

  // A connection as superuser, or as another role.
  db::AdminConnection Connect(std::string_view role = db::kSuperuser) const;

  // For configuration that takes a connection string and a password file.
  std::string ConninfoWithoutPassword(std::string_view role) const;
  std::filesystem::path PasswordFile(std::string_view role) const;

  const std::string& name() const { return name_; }

 private:
  db::ClusterEndpoint server_;
  std::string name_;
};

}  // namespace clinicd::testing
