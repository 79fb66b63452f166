// Everything this area brings to a server.
#pragma once

#include <grpcpp/impl/codegen/service_type.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/auth/key_ring.h"
#include "common/auth/page_token.h"
#include "common/auth/password_hasher.h"
#include "common/auth/verified_token_cache.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/rpc/dispatcher.h"
#include "common/rpc/request_scope.h"
#include "db/access/pool.h"
#include "db/access/transaction_runner.h"
#include "services/identity/builtin_roles.h"

namespace clinicd::identity {

// What the area stands on; must outlive it.
struct IdentityParts {
  db::TransactionRunner& runner;
  // Connects as clinicd_auth.
  db::Pool& auth_pool;
  // libpq connection string of clinicd_auth, for a connection of its own.
  std::string auth_conninfo;
  const auth::KeyRing& keys;
  auth::PasswordHasher& hasher;
  const auth::PageTokenCodec& page_tokens;
  const rpc::Dispatcher& dispatcher;
  const Clock& clock;
  const IdSource& ids;
  Random& random;
  absl::Duration access_token_lifetime = absl::Minutes(10);
  // How long a session lasts at most.
  absl::Duration refresh_token_lifetime = absl::Hours(24 * 30);
  // How long after an exchange a refresh token may be exchanged again, for the same successor.
  absl::Duration refresh_grace = absl::Seconds(10);
  // How old the knowledge of changed rights may get before nobody is admitted.
  absl::Duration authz_age_max = absl::Seconds(1);
};

// Sign-in, users, roles, practitioners and clinics. Thread-safe once started.
class IdentityModule final {
 public:
  explicit IdentityModule(const IdentityParts& parts);
  ~IdentityModule();
  IdentityModule(const IdentityModule&) = delete;
  IdentityModule& operator=(const IdentityModule&) = delete;

  // Starts to follow changes of rights; nobody is admitted before. UNAVAILABLE
  // (DATABASE_UNAVAILABLE) when the database does not answer for a while.
  absl::Status Start();
  // Ends that; harmless when it was not started.
  void Stop();
  // OK if changes of rights are known up to now; UNAVAILABLE (DATABASE_UNAVAILABLE) otherwise.
  absl::Status Ready() const;

  const rpc::Authenticator& authenticator() const;
  const rpc::PermissionSource& permissions() const;
  auth::VerifiedTokenCache::Stats token_stats() const;
  // To be registered with the gRPC server.
  std::vector<grpc::Service*> services();

 private:
  struct Graph;

  std::unique_ptr<Graph> graph_;
};

}  // namespace clinicd::identity
