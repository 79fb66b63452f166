#include "common/metrics/readiness.h"

namespace clinicd::metrics {

void Readiness::AddCheck(std::string name, std::function<absl::Status()> check) {
  const absl::MutexLock lock(&mutex_);
  checks_.emplace_back(std::move(name), std::move(check));
}

std::vector<Readiness::Result> Readiness::Evaluate() const {
  const absl::MutexLock lock(&mutex_);
  if (checks_.empty()) return {{"start", absl::UnavailableError("the server is starting")}};
  std::vector<Result> results;
  for (const auto& [name, check] : checks_) results.push_back({name, check()});
  return results;
}

}  // namespace clinicd::metrics
