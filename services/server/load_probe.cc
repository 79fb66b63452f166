#include "services/server/load_probe.h"

namespace clinicd::server {

LoadProbe::Numbers LoadProbe::Source::Read() {
  const absl::MutexLock lock(&mutex);
  if (pool != nullptr) last = {.pool = pool->stats(), .tokens = identity->token_stats()};
  return last;
}

LoadProbe::LoadProbe(const db::Pool& pool, const identity::IdentityModule& identity,
                     metrics::Metrics& metrics)
    : source_(std::make_shared<Source>()) {
  {
    const absl::MutexLock lock(&source_->mutex);
    source_->pool = &pool;
    source_->identity = &identity;
  }
  const auto source = source_;
  metrics.AddSampled("clinicd_queue_depth", "Calls that wait for a database connection.",
                     [source] { return static_cast<double>(source->Read().pool.queued); });
  metrics.AddSampled("clinicd_calls_in_flight", "Calls that have one.",
                     [source] { return static_cast<double>(source->Read().pool.running); });
  metrics.AddSampledCounter(
      {.name = "clinicd_db_connects_total",
       .help =
           "Database connections opened for calls; more than there are workers: some were lost."},
      [source] { return static_cast<double>(source->Read().pool.connects); });
  metrics.AddSampledCounter({.name = "clinicd_token_cache_hits_total",
                             .help = "Access tokens that had been verified before."},
                            [source] { return static_cast<double>(source->Read().tokens.hits); });
  metrics.AddSampledCounter({.name = "clinicd_token_cache_misses_total",
                             .help = "Access tokens whose signature had to be verified."},
                            [source] { return static_cast<double>(source->Read().tokens.misses); });
}

void LoadProbe::Close() {
  source_->Read();
  const absl::MutexLock lock(&source_->mutex);
  source_->pool = nullptr;
  source_->identity = nullptr;
}

}  // namespace clinicd::server
