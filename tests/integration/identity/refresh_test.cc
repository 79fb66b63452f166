// Refresh tokens through the whole server.

#include <catch2/catch.hpp>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/identity/identity_support.h"
#include "tests/support/fakes.h"

namespace clinicd::testing {
namespace {

using identity::v1::ROLE_OWNER;
using identity::v1::ROLE_RECEPTIONIST;

constexpr char kEmail[] = "ana@north.example";

// A clinic whose one user has signed in.
struct SignedIn {
  explicit SignedIn(const TestServer::Options& options = {}) : server(options) {
    clinic = server.AddClinic("north");
    user = server.AddUserWithPassword(clinic, kEmail, {ROLE_OWNER});
    const auto reply = SignIn(server, "north", kEmail);
    REQUIRE(reply.ok());
    tokens = reply.response.tokens();
    session = reply.response.session().id();
  }

  std::string EndReason() const {
    return ValueOf(server,
                   "SELECT COALESCE(end_reason, 'running') FROM clinicd.sessions WHERE id = $1",
                   {session});
  }

  TestServer server;
  TestClinic clinic;
  TestUser user;
  identity::v1::TokenPair tokens;
  std::string session;
};

TEST_CASE("Refresh gives a new pair that works and continues the session",
          "[identity][integration]") {
  SignedIn ana;

  const auto second = Refresh(ana.server, ana.tokens.refresh_token());
  REQUIRE(second.ok());
  const auto third = Refresh(ana.server, second.response.tokens().refresh_token());
  REQUIRE(third.ok());

  CHECK(second.response.tokens().refresh_token() != ana.tokens.refresh_token());
  CHECK(third.response.tokens().refresh_token() != second.response.tokens().refresh_token());
  const auto self = WhoAmI(With(ana.server, third.response.tokens().access_token()));
  CHECK(self.response.session_id() == ana.session);
  CHECK(ValueOf(ana.server,
                "SELECT count(*) FROM clinicd.audit_events WHERE method LIKE '%/Refresh' AND "
                "outcome = 'OK' AND actor_id = $1 AND session_id = $2",
                {ana.user.id.ToString(), ana.session}) == "2");
}

TEST_CASE("Who signed in on a server whose clock is ahead goes on with another one",
          "[identity][integration]") {
  const absl::Time now = WholeNow();
  FakeClock ahead(now);
  FakeClock behind(now);
  ahead.Advance(absl::Seconds(20));
  TestServer one({.clock = &ahead});
  TestServer two(
      {.database = &one.database(), .key_directory = one.key_directory(), .clock = &behind});
  one.AddUserWithPassword(one.AddClinic("north"), kEmail, {ROLE_OWNER});
  const auto signed_in = SignIn(one, "north", kEmail);
  REQUIRE(signed_in.ok());

  const auto second = Refresh(two, signed_in.response.tokens().refresh_token());
  REQUIRE(second.ok());
  const auto third = Refresh(two, second.response.tokens().refresh_token());

  CHECK(third.ok());
  CHECK(WhoAmI(With(two, second.response.tokens().access_token())).ok());
}

TEST_CASE("An exchange that is repeated within ten seconds gives the same successor",
          "[identity][integration]") {
  FakeClock clock(WholeNow());
  SignedIn ana({.clock = &clock});
  const auto first = Refresh(ana.server, ana.tokens.refresh_token());
  REQUIRE(first.ok());

  clock.Advance(absl::Seconds(10));
  const auto again = Refresh(ana.server, ana.tokens.refresh_token());

  REQUIRE(again.ok());
  CHECK(again.response.tokens().refresh_token() == first.response.tokens().refresh_token());
  CHECK(Refresh(ana.server, again.response.tokens().refresh_token()).ok());
}

TEST_CASE("A token used after the grace ends its session, although the call fails",
          "[identity][integration]") {
  FakeClock clock(WholeNow());
  SignedIn ana({.clock = &clock});
  const auto next = Refresh(ana.server, ana.tokens.refresh_token());
  REQUIRE(next.ok());
  const Client client = With(ana.server, next.response.tokens().access_token());
  REQUIRE(WhoAmI(client).ok());

  clock.Advance(absl::Seconds(11));
  const auto reuse = Refresh(ana.server, ana.tokens.refresh_token());

  CHECK(reuse.code() == grpc::StatusCode::UNAUTHENTICATED);
  CHECK(reuse.reason() == ErrorReason::REFRESH_TOKEN_INVALID);
  CHECK(ana.EndReason() == "token_reuse");
  CHECK(TimeUntilRefused(client, ErrorReason::SESSION_REVOKED) <= kBiteTime);
  CHECK(Refresh(ana.server, next.response.tokens().refresh_token()).reason() ==
        ErrorReason::REFRESH_TOKEN_INVALID);
  CHECK(ValueOf(ana.server,
                "SELECT count(*) FROM clinicd.audit_events WHERE category = 'sign_in' AND "
                "outcome = 'REFRESH_TOKEN_INVALID' AND session_id = $1",
                {ana.session}) == "1");
}

TEST_CASE("A token whose successor was used ends its session, also within the grace",
          "[identity][integration]") {
  SignedIn ana;
  const auto next = Refresh(ana.server, ana.tokens.refresh_token());
  REQUIRE(Refresh(ana.server, next.response.tokens().refresh_token()).ok());

  CHECK(Refresh(ana.server, ana.tokens.refresh_token()).reason() ==
        ErrorReason::REFRESH_TOKEN_INVALID);

  CHECK(ana.EndReason() == "token_reuse");
}

TEST_CASE("Fifty exchanges of one token at once have one successor", "[identity][integration]") {
  SignedIn ana;
  std::vector<std::string> successors(50);

  std::vector<std::thread> clients;
  for (std::string& successor : successors) {
    clients.emplace_back([&] {
      successor = Refresh(ana.server, ana.tokens.refresh_token()).response.tokens().refresh_token();
    });
  }
  for (std::thread& client : clients) client.join();

  CHECK(std::set<std::string>(successors.begin(), successors.end()).size() == 1);
  CHECK_FALSE(successors[0].empty());
  CHECK(ana.EndReason() == "running");
  CHECK(ValueOf(ana.server, "SELECT count(*) FROM clinicd.refresh_tokens WHERE session_id = $1",
                {ana.session}) == "2");
}

TEST_CASE("A made-up or damaged token is refused and ends nothing", "[identity][integration]") {
  SignedIn ana;
  std::string token = ana.tokens.refresh_token();
  SECTION("another secret") {
    token[token.size() - 3] = token[token.size() - 3] == 'A' ? 'B' : 'A';
  }
  SECTION("another clinic") { token[6] = token[6] == 'A' ? 'B' : 'A'; }
  SECTION("no token at all") { token = "crt1."; }
  SECTION("an access token") { token = ana.tokens.access_token().substr(0, 200); }

  const auto reply = Refresh(ana.server, token);

  CHECK(reply.code() == grpc::StatusCode::UNAUTHENTICATED);
  CHECK(reply.reason() == ErrorReason::REFRESH_TOKEN_INVALID);
  CHECK(ana.EndReason() == "running");
  CHECK(Refresh(ana.server, ana.tokens.refresh_token()).ok());
}

TEST_CASE("A spent token with another secret does not end the session", "[identity][integration]") {
  FakeClock clock(WholeNow());
  SignedIn ana({.clock = &clock});
  const auto next = Refresh(ana.server, ana.tokens.refresh_token());
  clock.Advance(absl::Minutes(5));
  std::string forged = ana.tokens.refresh_token();
  forged[forged.size() - 3] = forged[forged.size() - 3] == 'A' ? 'B' : 'A';

  CHECK_FALSE(Refresh(ana.server, forged).ok());

  CHECK(ana.EndReason() == "running");
  CHECK(Refresh(ana.server, next.response.tokens().refresh_token()).ok());
}

TEST_CASE("Refresh fails once user, clinic or session is no more", "[identity][integration]") {
  FakeClock clock(WholeNow());
  SignedIn ana({.clock = &clock});
  auto superuser = ana.server.database().Connect();
  SECTION("the user is disabled") {
    REQUIRE(superuser.Execute("UPDATE clinicd.memberships SET state = 'disabled'").ok());
  }
  SECTION("the clinic is suspended") {
    REQUIRE(superuser.Execute("UPDATE clinicd.clinics SET state = 'suspended'").ok());
  }
  SECTION("the session has run out") { clock.Advance(absl::Hours(24 * 30)); }
  SECTION("the user has signed out") {
    const Client client = With(ana.server, ana.tokens.access_token());
    identity::v1::SignOutRequest request;
    request.set_request_id(ana.server.RequestId());
    REQUIRE(client.Call(client.sessions(), &SessionStub::SignOut, request).ok());
  }

  CHECK(Refresh(ana.server, ana.tokens.refresh_token()).reason() ==
        ErrorReason::REFRESH_TOKEN_INVALID);
}

TEST_CASE("A session runs until the second before its end", "[identity][integration]") {
  FakeClock clock(WholeNow());
  SignedIn ana({.clock = &clock});

  clock.Advance(absl::Hours(24 * 30) - absl::Seconds(1));

  CHECK(Refresh(ana.server, ana.tokens.refresh_token()).ok());
}

TEST_CASE("A refreshed token has the rights of now", "[identity][integration]") {
  SignedIn ana;
  REQUIRE(ana.server.database()
              .Connect()
              .Execute("UPDATE clinicd.memberships SET roles = '{receptionist}', authz_epoch = 2; "
                       "UPDATE clinicd.clinics SET time_zone = 'Asia/Tokyo'")
              .ok());

  const auto reply = Refresh(ana.server, ana.tokens.refresh_token());

  REQUIRE(reply.ok());
  const auto claims = auth::TokenVerifier(ana.server.keys().signing_keys())
                          .Verify(reply.response.tokens().access_token(), absl::Now());
  REQUIRE(claims.ok());
  CHECK(claims->roles == 1U << ROLE_RECEPTIONIST);
  CHECK(claims->time_zone == "Asia/Tokyo");
  CHECK(claims->epoch == 2);
}

// What one session should do, whatever is done with its tokens.
class Model {
 public:
  explicit Model(std::string first) : tokens_{{std::move(first), std::nullopt}} {}

  std::size_t size() const { return tokens_.size(); }
  const std::string& token(std::size_t i) const { return tokens_[i].text; }

  // The index of the token that the exchange of token `i` at `now` must give; nullopt: it fails.
  std::optional<std::size_t> Exchange(std::size_t i, absl::Time now) {
    if (ended_) return std::nullopt;
    Token& token = tokens_[i];
    if (!token.used_at) {
      token.used_at = now;
      return i + 1;
    }
    const bool child_unused = i + 1 < tokens_.size() && !tokens_[i + 1].used_at;
    if (now - *token.used_at <= absl::Seconds(10) && child_unused) return i + 1;
    ended_ = true;
    return std::nullopt;
  }

  // Learns the text of a new token; checks that of a known one.
  bool Learn(std::size_t i, const std::string& text) {
    if (i < tokens_.size()) return tokens_[i].text == text;
    tokens_.push_back({text, std::nullopt});
    return true;
  }
  bool ended() const { return ended_; }

 private:
  struct Token {
    std::string text;
    std::optional<absl::Time> used_at;
  };
  std::vector<Token> tokens_;
  bool ended_ = false;
};

TEST_CASE("Whatever is done with the tokens of a session, a stolen one ends it",
          "[identity][integration]") {
  FakeClock clock(WholeNow());
  SignedIn ana({.clock = &clock});
  const auto seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::string first = ana.tokens.refresh_token();
  for (int round = 0; round < 60; ++round) {
    Model model(first);
    for (int step = 0; step < 8; ++step) {
      clock.Advance(absl::Seconds(std::uniform_int_distribution<int>(0, 7)(random)));
      // Mostly the newest.
      const std::size_t back = std::geometric_distribution<std::size_t>(0.7)(random);
      const std::size_t i = model.size() - 1 - std::min(back, model.size() - 1);
      const auto expected = model.Exchange(i, clock.Now());

      const auto reply = Refresh(ana.server, model.token(i));

      CAPTURE(round, step, i);
      REQUIRE(reply.ok() == expected.has_value());
      if (expected) {
        REQUIRE(model.Learn(*expected, reply.response.tokens().refresh_token()));
      } else {
        REQUIRE(reply.reason() == ErrorReason::REFRESH_TOKEN_INVALID);
      }
    }
    REQUIRE((ana.EndReason() == "token_reuse") == model.ended());
    const auto again = SignIn(ana.server, "north", kEmail);
    REQUIRE(again.ok());
    first = again.response.tokens().refresh_token();
    ana.session = again.response.session().id();
  }
}

}  // namespace
}  // namespace clinicd::testing
