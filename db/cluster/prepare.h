// Fills a private cluster with a database that is ready for use.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "db/cluster/private_cluster.h"
#include "db/migrate/migrate.h"

namespace clinicd::db {

// Makes the database unless it is there, bootstraps it, gives the roles their passwords and applies
// pending migrations. The cluster must run. May be repeated; errors are those of the steps.
absl::Status PrepareDatabase(PrivateCluster& cluster, const std::string& database,
                             const MigrationRunner::ProgressCallback& progress);

}  // namespace clinicd::db
