#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>
#include <vector>

#include "common/auth/verified_token_cache.h"
#include "common/status/error.h"
#include "tests/unit/common/token_fixture.h"

namespace clinicd::auth {
namespace {

using status::ErrorReason;
using testing::KeysOf;
using testing::Now;
using testing::SomeClaims;

std::string TokenOfEpoch(std::int64_t epoch) {
  Claims claims = SomeClaims();
  claims.epoch = epoch;
  return *TokenSigner(KeysOf("a")).Sign(claims);
}

TEST_CASE("A token verified once answers from the cache with its claims", "[auth][unit]") {
  const TokenVerifier verifier(KeysOf("a"));
  VerifiedTokenCache cache(verifier, 1000);
  const std::string token = TokenOfEpoch(7);

  const auto first = cache.Verify(token, Now());
  const auto second = cache.Verify(token, Now());

  REQUIRE(first.ok());
  REQUIRE(second.ok());
  CHECK(*first == SomeClaims());
  CHECK(*second == SomeClaims());
  CHECK(cache.size() == 1);
  CHECK(cache.stats().misses == 1);
  CHECK(cache.stats().hits == 1);
}

TEST_CASE("A refused token is not remembered", "[auth][unit]") {
  const TokenVerifier verifier(KeysOf("b"));
  VerifiedTokenCache cache(verifier, 1000);

  CHECK(status::ReasonOf(cache.Verify(TokenOfEpoch(1), Now()).status()) ==
        ErrorReason::TOKEN_INVALID);
  CHECK(status::ReasonOf(cache.Verify("", Now()).status()) == ErrorReason::TOKEN_INVALID);
  CHECK(cache.size() == 0);
}

TEST_CASE("A token that differs from a remembered one in a letter is refused", "[auth][unit]") {
  const TokenVerifier verifier(KeysOf("a"));
  VerifiedTokenCache cache(verifier, 1000);
  const std::string token = TokenOfEpoch(7);
  REQUIRE(cache.Verify(token, Now()).ok());

  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(cache.Verify(changed, Now()).ok());
  }
}

TEST_CASE("A remembered token dies at its expiry", "[auth][unit]") {
  const TokenVerifier verifier(KeysOf("a"));
  VerifiedTokenCache cache(verifier, 1000);
  const std::string token = TokenOfEpoch(7);
  const absl::Time expiry = SomeClaims().expires_at;
  REQUIRE(cache.Verify(token, Now()).ok());

  CHECK(cache.Verify(token, expiry - absl::Nanoseconds(1)).ok());
  CHECK(status::ReasonOf(cache.Verify(token, expiry).status()) == ErrorReason::TOKEN_EXPIRED);
  CHECK(cache.size() == 0);
  CHECK(status::ReasonOf(cache.Verify(token, expiry).status()) == ErrorReason::TOKEN_EXPIRED);
}

TEST_CASE("A remembered token dies with the key that signed it", "[auth][unit]") {
  TokenVerifier verifier(KeysOf("a"));
  VerifiedTokenCache cache(verifier, 1000);
  const std::string token = TokenOfEpoch(7);
  REQUIRE(cache.Verify(token, Now()).ok());

  verifier.Replace(KeysOf("ab"));
  CHECK(cache.Verify(token, Now()).ok());
  verifier.Replace(KeysOf("bc"));
  CHECK(status::ReasonOf(cache.Verify(token, Now()).status()) == ErrorReason::TOKEN_INVALID);
}

TEST_CASE("The cache never holds more tokens than its capacity", "[auth][unit]") {
  const TokenVerifier verifier(KeysOf("a"));
  VerifiedTokenCache cache(verifier, 64);

  for (int i = 0; i < 500; ++i) {
    CHECK(cache.Verify(TokenOfEpoch(i), Now())->epoch == i);
    CHECK(cache.size() <= 64);
  }
  for (int i = 0; i < 500; ++i) CHECK(cache.Verify(TokenOfEpoch(i), Now())->epoch == i);
}

TEST_CASE("Threads that share the cache all get the right claims", "[auth][unit]") {
  TokenVerifier verifier(KeysOf("a"));
  VerifiedTokenCache cache(verifier, 32);
  std::vector<std::string> tokens;
  for (int i = 0; i < 100; ++i) tokens.push_back(TokenOfEpoch(i));
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;

  for (std::size_t start = 0; start < 4; ++start) {
    threads.emplace_back([&, start] {
      for (std::size_t i = 0; i < 400; ++i) {
        const std::size_t epoch = (start * 25 + i) % tokens.size();
        const auto claims = cache.Verify(tokens[epoch], Now());
        if (!claims.ok() || claims->epoch != static_cast<std::int64_t>(epoch)) ++wrong;
      }
    });
  }
  for (int i = 0; i < 50; ++i) verifier.Replace(KeysOf("ba"));
  for (std::thread& thread : threads) thread.join();

  CHECK(wrong == 0);
}

// Run by hand: auth_unit_test "[.bench]".
TEST_CASE("A hit costs less than a microsecond", "[auth][.bench]") {
  const TokenVerifier verifier(KeysOf("a"));
  VerifiedTokenCache cache(verifier, 1000);
  const std::string token = TokenOfEpoch(7);
  constexpr int kRounds = 1'000'000;
  int accepted = 0;

  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kRounds; ++i) accepted += cache.Verify(token, Now()).ok() ? 1 : 0;
  const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;

  CHECK(accepted == kRounds);
  WARN(spent.count() / kRounds << " ns a hit");
  CHECK(spent.count() / kRounds < 1000);
}

}  // namespace
}  // namespace clinicd::auth
