#include "db/cluster/prepare.h"

#include "absl/strings/str_cat.h"
#include "common/base/try.h"

namespace clinicd::db {
namespace {

absl::Status MakeDatabase(PrivateCluster& cluster, const std::string& database) {
  CLINICD_ASSIGN_OR_RETURN(AdminConnection server, cluster.endpoint().Connect("postgres"));
  CLINICD_ASSIGN_OR_RETURN(
      const AdminConnection::Rows found,
      server.Query("SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1", {database}));
  if (!found.empty()) return absl::OkStatus();
  CLINICD_ASSIGN_OR_RETURN(const std::string name, server.Quoted(database));
  return server.Execute(absl::StrCat("CREATE DATABASE ", name, " TEMPLATE template0"));
}

}  // namespace

absl::Status PrepareDatabase(PrivateCluster& cluster, const std::string& database,
                             const MigrationRunner::ProgressCallback& progress) {
  CLINICD_RETURN_IF_ERROR(MakeDatabase(cluster, database));
  CLINICD_ASSIGN_OR_RETURN(AdminConnection connection, cluster.endpoint().Connect(database));
  CLINICD_RETURN_IF_ERROR(Bootstrap(connection));
  CLINICD_RETURN_IF_ERROR(cluster.ProvidePasswords());
  MigrationRunner runner(connection, EmbeddedMigrations());
  return runner.Up(progress);
}

}  // namespace clinicd::db
