#include "services/identity/session_rules.h"

#include <algorithm>

namespace clinicd::identity {
namespace {

constexpr int kManyFailures = 50;
constexpr absl::Duration kDelayMax = absl::Minutes(15);
constexpr absl::Duration kDelayMaxAfterMany = absl::Minutes(30);

}  // namespace

absl::Duration DelayAfter(int failures) {
  if (failures < kFreeFailures) return absl::ZeroDuration();
  if (failures >= kManyFailures) return kDelayMaxAfterMany;
  const int doublings = std::min(failures - kFreeFailures, 4);
  return std::min(absl::Minutes(1 << doublings), kDelayMax);
}

absl::Duration WaitLeft(const SignInFailures& failures, absl::Time now) {
  const absl::Time allowed_at = failures.last_at + DelayAfter(failures.count);
  return std::max(allowed_at - now, absl::ZeroDuration());
}

RefreshVerdict JudgeRefresh(const RefreshFacts& facts, const crypto::SecretBytes& secret,
                            absl::Time now, absl::Duration grace) {
  // Who does not know the secret must not be able to end the session.
  if (!auth::MatchesRefreshHash(facts.token_hash, secret)) return RefreshVerdict::kInvalid;
  if (facts.session_ended || !facts.may_continue || now >= facts.rights.expires_at) {
    return RefreshVerdict::kInvalid;
  }
  if (!facts.used_at) return RefreshVerdict::kExchange;
  return now - *facts.used_at <= grace ? RefreshVerdict::kRepeat : RefreshVerdict::kReuse;
}

}  // namespace clinicd::identity
