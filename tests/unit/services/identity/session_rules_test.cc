#include "services/identity/session_rules.h"

#include <catch2/catch.hpp>
#include <string>

namespace clinicd::identity {
namespace {

using absl::Minutes;
using absl::Seconds;

absl::Time Now() { return absl::FromUnixSeconds(1'800'000'000); }

TEST_CASE("The delay grows with the failures", "[identity][unit]") {
  const auto [failures, minutes] = GENERATE(table<int, int>({{0, 0},
                                                             {1, 0},
                                                             {4, 0},
                                                             {5, 1},
                                                             {6, 2},
                                                             {7, 4},
                                                             {8, 8},
                                                             {9, 15},
                                                             {10, 15},
                                                             {49, 15},
                                                             {50, 30},
                                                             {1'000'000, 30}}));
  CAPTURE(failures);

  CHECK(DelayAfter(failures) == Minutes(minutes));
}

TEST_CASE("An attempt is allowed from the end of the delay on", "[identity][unit]") {
  const SignInFailures failures{.count = 5, .last_at = Now()};

  CHECK(WaitLeft(failures, Now()) == Minutes(1));
  CHECK(WaitLeft(failures, Now() + Minutes(1) - Seconds(1)) == Seconds(1));
  CHECK(WaitLeft(failures, Now() + Minutes(1)) == absl::ZeroDuration());
  CHECK(WaitLeft(failures, Now() + Minutes(2)) == absl::ZeroDuration());
  CHECK(WaitLeft(SignInFailures(), Now()) == absl::ZeroDuration());
}

TEST_CASE("Nobody can try more than a hundred passwords a day", "[identity][unit]") {
  SignInFailures failures;
  absl::Time now = Now();
  int attempts = 0;
  while (true) {
    now += WaitLeft(failures, now);
    if (now >= Now() + absl::Hours(24)) break;
    ++attempts;
    failures = {.count = failures.count + 1, .last_at = now};
  }

  CHECK(attempts <= 100);
  CHECK(attempts >= 50);
}

struct Exchange {
  auth::RefreshToken token;
  RefreshFacts facts;
};

// A token that is good at Now().
Exchange GoodExchange() {
  const crypto::SecretBytes key(std::string_view("0123456789abcdef0123456789abcdef"));
  const auto clinic = *ClinicId::Parse("018f0000-0000-7000-8000-0000000000b2");
  const auto session = *SessionId::Parse("018f0000-0000-7000-8000-0000000000c3");
  const auto id = *auth::RefreshTokenId::Parse("018f0000-0000-7000-8000-0000000000d4");
  Exchange exchange{auth::RefreshTokenSource(key).First(clinic, session, id), {}};
  const crypto::Sha256Digest hash = auth::HashRefreshSecret(exchange.token.secret);
  exchange.facts.token_hash = std::string(crypto::AsView(hash));
  exchange.facts.may_continue = true;
  exchange.facts.rights.expires_at = Now() + absl::Hours(1);
  return exchange;
}

RefreshVerdict Judge(const Exchange& exchange, absl::Time now = Now()) {
  return JudgeRefresh(exchange.facts, exchange.token.secret, now, Seconds(10));
}

TEST_CASE("An unused token of a running session is exchanged", "[identity][unit]") {
  const Exchange exchange = GoodExchange();

  CHECK(Judge(exchange) == RefreshVerdict::kExchange);
  CHECK(Judge(exchange, Now() + absl::Hours(1) - Seconds(1)) == RefreshVerdict::kExchange);
  CHECK(Judge(exchange, Now() + absl::Hours(1)) == RefreshVerdict::kInvalid);
}

TEST_CASE("A used token is repeated within the grace and betrays a copy after it",
          "[identity][unit]") {
  Exchange exchange = GoodExchange();
  exchange.facts.used_at = Now();

  // The clock of another node may be behind.
  CHECK(Judge(exchange, Now() - Seconds(1)) == RefreshVerdict::kRepeat);
  CHECK(Judge(exchange, Now()) == RefreshVerdict::kRepeat);
  CHECK(Judge(exchange, Now() + Seconds(10)) == RefreshVerdict::kRepeat);
  CHECK(Judge(exchange, Now() + Seconds(11)) == RefreshVerdict::kReuse);
}

TEST_CASE("Who does not know the secret cannot end the session", "[identity][unit]") {
  Exchange exchange = GoodExchange();
  exchange.facts.used_at = Now() - absl::Hours(1);
  REQUIRE(Judge(exchange) == RefreshVerdict::kReuse);

  exchange.token.secret.mutable_span()[31] ^= 1;

  CHECK(Judge(exchange) == RefreshVerdict::kInvalid);
}

TEST_CASE("A token of a session that may not go on is invalid, used or not", "[identity][unit]") {
  Exchange exchange = GoodExchange();
  if (GENERATE(false, true)) exchange.facts.used_at = Now() - absl::Hours(1);

  SECTION("it has ended") { exchange.facts.session_ended = true; }
  SECTION("user or clinic is disabled") { exchange.facts.may_continue = false; }

  CHECK(Judge(exchange) == RefreshVerdict::kInvalid);
}

}  // namespace
}  // namespace clinicd::identity
