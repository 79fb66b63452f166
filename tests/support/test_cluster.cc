#include "tests/support/test_cluster.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/try.h"
#include "db/cluster/prepare.h"

namespace clinicd::testing {
namespace {

namespace fs = std::filesystem;

db::PrivateCluster::Options ClusterOptions() {
  return {.directory = TestClusterDirectory(), .fast = true, .lock_patience = absl::Minutes(2)};
}

// Names the schema that this program would make.
std::string SchemaFingerprint() {
  std::string fingerprint;
  for (const db::Migration& migration : db::EmbeddedMigrations()) {
    absl::StrAppend(&fingerprint, migration.checksum.substr(0, 16), " ");
  }
  return fingerprint;
}

absl::StatusOr<bool> TemplateIsCurrent(const db::ClusterEndpoint& endpoint) {
  CLINICD_ASSIGN_OR_RETURN(db::AdminConnection server, endpoint.Connect("postgres"));
  CLINICD_ASSIGN_OR_RETURN(const db::AdminConnection::Rows current,
                           server.Query("SELECT FROM pg_catalog.pg_database WHERE datname = $1 "
                                        "AND shobj_description(oid, 'pg_database') = $2",
                                        {kTemplateDatabase, SchemaFingerprint()}));
  return !current.empty();
}

absl::Status PrepareTemplate(db::PrivateCluster& cluster) {
  CLINICD_ASSIGN_OR_RETURN(const bool current, TemplateIsCurrent(cluster.endpoint()));
  if (current) return absl::OkStatus();
  CLINICD_ASSIGN_OR_RETURN(db::AdminConnection server, cluster.endpoint().Connect("postgres"));
  CLINICD_RETURN_IF_ERROR(
      server.Execute(absl::StrCat("DROP DATABASE IF EXISTS ", kTemplateDatabase)));
  CLINICD_RETURN_IF_ERROR(db::PrepareDatabase(cluster, kTemplateDatabase, nullptr));
  // Last, so that a template cut short is made again.
  return server.Execute(
      absl::StrCat("COMMENT ON DATABASE ", kTemplateDatabase, " IS '", SchemaFingerprint(), "'"));
}

}  // namespace

fs::path TestClusterDirectory() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): only read.
  const char* binary_directory = std::getenv("CLINICD_BINARY_DIR");
  return fs::path(binary_directory != nullptr ? binary_directory : CLINICD_TEST_BINARY_DIR) /
         "test-cluster";
}

absl::StatusOr<db::ClusterEndpoint> StartTestCluster() {
  absl::StatusOr<db::ClusterEndpoint> running = db::FindRunningCluster(TestClusterDirectory());
  if (running.ok()) {
    CLINICD_ASSIGN_OR_RETURN(const bool current, TemplateIsCurrent(*running));
    if (current) return running;
  }
  SystemRandom random;
  CLINICD_ASSIGN_OR_RETURN(const std::unique_ptr<db::PrivateCluster> cluster,
                           db::PrivateCluster::Open(ClusterOptions(), random));
  CLINICD_RETURN_IF_ERROR(cluster->Start());
  CLINICD_RETURN_IF_ERROR(PrepareTemplate(*cluster));
  cluster->Leave();
  return cluster->endpoint();
}

absl::Status StopTestCluster() {
  std::error_code error;
  if (!fs::exists(TestClusterDirectory(), error)) return absl::OkStatus();
  SystemRandom random;
  CLINICD_ASSIGN_OR_RETURN(const std::unique_ptr<db::PrivateCluster> cluster,
                           db::PrivateCluster::Open(ClusterOptions(), random));
  CLINICD_RETURN_IF_ERROR(cluster->Stop());
  // Where the account of the server cannot reach the build directory, server/ is a link.
  fs::remove_all(fs::canonical(TestClusterDirectory() / "server", error), error);
  fs::remove_all(TestClusterDirectory(), error);
  return absl::OkStatus();
}

}  // namespace clinicd::testing
