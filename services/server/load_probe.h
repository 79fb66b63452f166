// What a server has to do, for whoever scrapes its metrics.
#pragma once

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/auth/verified_token_cache.h"
#include "common/metrics/metrics.h"
#include "db/access/pool.h"
#include "services/identity/identity_module.h"

namespace clinicd::server {

// Asks a pool and the sign-in for their numbers at each scrape. Scrapes may go on when these are
// gone: then the last numbers stand. Thread-safe.
class LoadProbe final {
 public:
  // Adds the numbers to `metrics`. `pool` and `identity` live until Close().
  LoadProbe(const db::Pool& pool, const identity::IdentityModule& identity,
            metrics::Metrics& metrics);
  ~LoadProbe() { Close(); }
  LoadProbe(const LoadProbe&) = delete;
  LoadProbe& operator=(const LoadProbe&) = delete;

  void Close();

 private:
  struct Numbers {
    db::Pool::Stats pool;
    auth::VerifiedTokenCache::Stats tokens;
  };
  // Lives as long as the metrics.
  struct Source {
    Numbers Read();

    absl::Mutex mutex;
    const db::Pool* pool ABSL_GUARDED_BY(mutex);
    const identity::IdentityModule* identity ABSL_GUARDED_BY(mutex);
    Numbers last ABSL_GUARDED_BY(mutex) = {};
  };

  const std::shared_ptr<Source> source_;
};

}  // namespace clinicd::server
