// The one database server that all tests of a build directory share. ctest starts it before the
// first test that needs it and stops it after the last; a test run by hand starts it itself.
#pragma once

#include <filesystem>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "db/cluster/private_cluster.h"

namespace clinicd::testing {

// The migrated database that tests clone.
inline constexpr char kTemplateDatabase[] = "clinicd_template";

// test-cluster/ of the build directory.
std::filesystem::path TestClusterDirectory();

// The running server, started and its template prepared if need be. Safe to call from several
// processes at the same time. The server runs on after the process.
absl::StatusOr<db::ClusterEndpoint> StartTestCluster();

// Stops the server, if there is one, and deletes it with its databases.
absl::Status StopTestCluster();

}  // namespace clinicd::testing
