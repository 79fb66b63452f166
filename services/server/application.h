// The composition root: everything a running server is made of, and nothing that reads
// configuration, so that tests start the same thing in their own process.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/log/logger.h"
#include "common/metrics/metrics.h"
#include "db/access/connection.h"
#include "services/server/front_door_server.h"
#include "services/server/grpc_server.h"

namespace clinicd::identity {
class IdentityAdmin;
}

namespace clinicd::server {

class IsolationJob;

struct ApplicationOptions {
  // libpq connection strings, with passwords. Of clinicd_app and clinicd_auth.
  std::string app_conninfo = {};
  std::string auth_conninfo = {};
  // Of clinicd_jobs; empty: nothing is done for all clinics in the background.
  std::string jobs_conninfo = {};
  // Of clinicd_sealer; empty: this server seals no audit events.
  std::string sealer_conninfo = {};
  // Names the audit log of the installation.
  std::string audit_origin = "clinicd.local/audit";
  // Outside the database, where what was signed is remembered; empty: nowhere.
  std::string audit_anchor = {};
  // "url key" each.
  std::vector<std::string> audit_witnesses = {};
  // PEM file of the authorities of their certificates; empty: those of the system.
  std::string audit_witness_authorities = {};
  // Names this server in audit events.
  std::string node = {};
  std::string key_directory = {};
  // Where master keys may lie besides; empty without a service manager's credentials.
  std::string credential_directory = {};
  GrpcListeners listeners = {};
  FrontDoorOptions front_door = {};
  int workers = 8;
  std::size_t queue_max = 256;
  db::TenantMode tenant_mode = db::TenantMode::kSetConfig;
  int hash_concurrency = 2;
  absl::Duration access_token_lifetime = absl::Minutes(10);
  absl::Duration refresh_token_lifetime = absl::Hours(24 * 30);
  // A stream is ended at this age; a heartbeat says that it is alive.
  absl::Duration stream_age_max = absl::Minutes(12);
  absl::Duration stream_heartbeat = absl::Seconds(20);
  bool strict_reads = false;
  // Of UTC, when it is tried whether clinics are kept apart; below 0: never by itself.
  int isolation_hour = -1;
  // Off only to measure what access rows cost.
  bool access_rows = true;
  // The server refuses a database role that row-level security does not bind. Off only in the
  // isolation suite, which proves the other guard.
  bool check_database_role = true;
  // See db::ConnectionOptions.
  std::function<std::string(std::string_view)> rewrite_sql = {};
};

// What an Application stands on; must outlive it.
struct Environment {
  const Clock& clock;
  Random& random;
  log::Logger& logger;
  metrics::Metrics& metrics;
};

// A running server.
class Application final {
 public:
  // Starts serving. Errors say what is wrong, why, and what to do; one that IsLogBehind() knows
  // means that the audit log is not what was signed (restore_gate.h).
  static absl::StatusOr<std::unique_ptr<Application>> Start(const ApplicationOptions& options,
                                                            const Environment& environment);
  ~Application();

  // Begins what is done for all clinics in the background. Call it once, when the server is ready.
  void StartJobs();

  // Takes no new calls, lets those under way finish for up to `patience`, stops.
  void Stop(absl::Duration patience);

  // Whether the database answers and rights are fresh.
  absl::Status Ready() const;
  GrpcServer& grpc();
  // Null without listeners for it.
  FrontDoorServer* front_door();
  // Null without a connection for jobs.
  IsolationJob* isolation();
  // For filling a development server.
  const identity::IdentityAdmin& identity_admin() const;

 private:
  struct Parts;
  explicit Application(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace clinicd::server
