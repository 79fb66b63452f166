#include "common/auth/access_token.h"

#include <catch2/catch.hpp>

#include "common/status/error.h"
#include "tests/unit/common/token_fixture.h"

namespace clinicd::auth {
namespace {

using status::ErrorReason;
using testing::HeaderOf;
using testing::KeyOf;
using testing::KeysOf;
using testing::Now;
using testing::Signed;
using testing::SomeClaims;
using testing::SomePayload;
using testing::With;

TEST_CASE("A signed token verifies to the claims that went in", "[auth][unit]") {
  const TokenSigner signer(KeysOf("a"));
  const TokenVerifier verifier(KeysOf("a"));

  const auto token = signer.Sign(SomeClaims());

  REQUIRE(token.ok());
  const auto claims = verifier.Verify(*token, Now());
  REQUIRE(claims.ok());
  CHECK(*claims == SomeClaims());
}

TEST_CASE("The form of a token is the documented one", "[auth][unit]") {
  const SigningKey key = KeyOf('a');

  const auto token = TokenSigner(KeysOf("a")).Sign(SomeClaims());

  REQUIRE(token.ok());
  CHECK(*token == Signed(HeaderOf(key), SomePayload(), key));
  CHECK(token->size() < 600);
}

TEST_CASE("Every role and no role survive a token", "[auth][unit]") {
  const TokenSigner signer(KeysOf("a"));
  const TokenVerifier verifier(KeysOf("a"));
  Claims claims = SomeClaims();
  claims.roles = GENERATE(0U, 1U, 0x80000000U, 0xffffffffU);

  const auto verified = verifier.Verify(*signer.Sign(claims), Now());

  REQUIRE(verified.ok());
  CHECK(verified->roles == claims.roles);
}

TEST_CASE("A token works until the second before its expiry", "[auth][unit]") {
  const TokenVerifier verifier(KeysOf("a"));
  const std::string token = *TokenSigner(KeysOf("a")).Sign(SomeClaims());
  const absl::Time expiry = SomeClaims().expires_at;

  CHECK(verifier.Verify(token, expiry - absl::Nanoseconds(1)).ok());
  for (const absl::Time late : {expiry, expiry + absl::Seconds(1), absl::InfiniteFuture()}) {
    const absl::Status status = verifier.Verify(token, late).status();
    CHECK(absl::IsUnauthenticated(status));
    CHECK(status::ReasonOf(status) == ErrorReason::TOKEN_EXPIRED);
  }
}

TEST_CASE("A token issued up to 30 seconds ahead of the clock works", "[auth][unit]") {
  const TokenVerifier verifier(KeysOf("a"));
  const std::string token = *TokenSigner(KeysOf("a")).Sign(SomeClaims());

  CHECK(verifier.Verify(token, Now() - absl::Seconds(30)).ok());
  const absl::Status status = verifier.Verify(token, Now() - absl::Seconds(31)).status();
  CHECK(absl::IsUnauthenticated(status));
  CHECK(status::ReasonOf(status) == ErrorReason::TOKEN_INVALID);
}

TEST_CASE("Tokens of both active keys verify and of the removed one do not", "[auth][unit]") {
  TokenSigner signer(KeysOf("a"));
  TokenVerifier verifier(KeysOf("a"));
  const std::string first = *signer.Sign(SomeClaims());

  signer.Replace(KeysOf("ab"));
  verifier.Replace(KeysOf("ab"));
  const std::string second = *signer.Sign(SomeClaims());

  CHECK(second == Signed(HeaderOf(KeyOf('b')), SomePayload(), KeyOf('b')));
  CHECK(verifier.Verify(first, Now()).ok());
  CHECK(verifier.Verify(second, Now()).ok());
  verifier.Replace(KeysOf("bc"));
  CHECK(status::ReasonOf(verifier.Verify(first, Now()).status()) == ErrorReason::TOKEN_INVALID);
  CHECK(verifier.Verify(second, Now()).ok());
}

TEST_CASE("Claims that no verifier would accept are not signed", "[auth][unit]") {
  Claims claims = SomeClaims();
  SECTION("longer than tokens live") { claims.expires_at += absl::Seconds(1); }
  SECTION("never valid") { claims.expires_at = claims.issued_at; }
  SECTION("authenticated later than issued") {
    claims.authenticated_at = claims.issued_at + absl::Seconds(1);
  }
  SECTION("no clinic") { claims.clinic = ClinicId(); }
  SECTION("no user") { claims.user = UserId(); }
  SECTION("no session") { claims.session = SessionId(); }
  SECTION("no time zone") { claims.time_zone = ""; }
  SECTION("negative epoch") { claims.epoch = -1; }

  const auto token = TokenSigner(KeysOf("a")).Sign(claims);

  CHECK(status::ReasonOf(token.status()) == ErrorReason::INTERNAL_DEFECT);
}

}  // namespace
}  // namespace clinicd::auth
