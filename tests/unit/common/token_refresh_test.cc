#include <catch2/catch.hpp>
#include <set>

#include "common/auth/refresh_token.h"
#include "common/crypto/base64url.h"
#include "common/status/error.h"

namespace clinicd::auth {
namespace {

template <typename IdType>
IdType IdOf(char last) {
  return *IdType::Parse(std::string("018f0000-0000-7000-8000-00000000000") + last);
}

RefreshTokenSource Source(char key) {
  return RefreshTokenSource(crypto::SecretBytes(std::string(32, key)));
}

RefreshToken FirstToken() {
  return Source('k').First(IdOf<ClinicId>('1'), IdOf<SessionId>('2'), IdOf<RefreshTokenId>('3'));
}

void CheckRefused(std::string_view text) {
  const absl::Status status = ParseRefreshToken(text).status();
  CHECK(absl::IsUnauthenticated(status));
  CHECK(status::ReasonOf(status) == status::ErrorReason::REFRESH_TOKEN_INVALID);
}

TEST_CASE("A refresh token survives its text", "[auth][unit]") {
  const RefreshToken token = FirstToken();

  const std::string text = FormatRefreshToken(token);
  const auto parsed = ParseRefreshToken(text);

  CHECK(text.starts_with("crt1."));
  CHECK(text.size() == 112);
  REQUIRE(parsed.ok());
  CHECK(parsed->clinic == token.clinic);
  CHECK(parsed->session == token.session);
  CHECK(parsed->id == token.id);
  CHECK(parsed->secret.view() == token.secret.view());
  CHECK(token.secret.size() == 32);
}

TEST_CASE("A refresh token in any other form is refused", "[auth][unit]") {
  const std::string text = FormatRefreshToken(FirstToken());

  for (std::size_t size = 0; size < text.size(); ++size) CheckRefused(text.substr(0, size));
  CheckRefused(text + "A");
  CheckRefused(text + "=");
  CheckRefused(" " + text);
  CheckRefused("crt2." + text.substr(5));
  CheckRefused("CRT1." + text.substr(5));
  CheckRefused(text.substr(0, 111) + "+");
  CheckRefused(text.substr(0, 60) + "\n" + text.substr(61));
  CheckRefused(std::string(10'000'000, 'A'));
  // The last letter carries four bits; the others must be zero.
  std::string stray = text;
  stray.back() = static_cast<char>(stray.back() + 1);
  CheckRefused(stray);
}

TEST_CASE("The same exchange gives the same child", "[auth][unit]") {
  const RefreshToken parent = FirstToken();

  const RefreshToken once = Source('k').Child(parent, IdOf<RefreshTokenId>('4'));
  const RefreshToken again = Source('k').Child(parent, IdOf<RefreshTokenId>('4'));

  CHECK(FormatRefreshToken(once) == FormatRefreshToken(again));
  CHECK(once.clinic == parent.clinic);
  CHECK(once.session == parent.session);
  CHECK(once.id == IdOf<RefreshTokenId>('4'));
}

TEST_CASE("Secrets differ with key, parent, id and place in the session", "[auth][unit]") {
  const RefreshToken first = FirstToken();
  const RefreshToken child = Source('k').Child(first, IdOf<RefreshTokenId>('4'));
  std::set<std::string> secrets;
  const auto add = [&secrets](const RefreshToken& token) {
    secrets.insert(std::string(token.secret.view()));
  };

  add(first);
  add(child);
  add(Source('j').Child(first, IdOf<RefreshTokenId>('4')));
  add(Source('k').Child(first, IdOf<RefreshTokenId>('5')));
  add(Source('k').Child(child, IdOf<RefreshTokenId>('4')));
  // Made from the ids of which a child is made, in the place of a session's first.
  add(Source('k').First(IdOf<ClinicId>('1'), SessionId(first.id.uuid()),
                        IdOf<RefreshTokenId>('4')));

  CHECK(secrets.size() == 6);
}

TEST_CASE("A stored hash matches its secret and no other", "[auth][unit]") {
  const RefreshToken first = FirstToken();
  const RefreshToken child = Source('k').Child(first, IdOf<RefreshTokenId>('4'));
  const crypto::Sha256Digest digest = HashRefreshSecret(first.secret);
  const std::string stored(crypto::AsView(digest));

  CHECK(MatchesRefreshHash(stored, first.secret));
  CHECK_FALSE(MatchesRefreshHash(stored, child.secret));
  CHECK_FALSE(MatchesRefreshHash("", first.secret));
  CHECK_FALSE(MatchesRefreshHash(stored.substr(1), first.secret));
  CHECK_FALSE(MatchesRefreshHash(first.secret.view(), first.secret));
}

}  // namespace
}  // namespace clinicd::auth
