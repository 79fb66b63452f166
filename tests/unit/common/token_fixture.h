// Keys, claims and forged tokens for the tests of access tokens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/auth/access_token.h"
#include "common/base/text.h"
#include "common/crypto/base64url.h"

namespace clinicd::auth::testing {

inline SigningKey KeyOf(char seed) { return *MakeSigningKey(std::string(32, seed)); }

inline std::vector<SigningKey> KeysOf(std::string_view seeds) {
  std::vector<SigningKey> keys;
  for (const char seed : seeds) keys.push_back(KeyOf(seed));
  return keys;
}

inline absl::Time Now() { return absl::FromUnixSeconds(1'800'000'000); }

// Of a token issued now.
inline Claims SomeClaims() {
  return {.user = *UserId::Parse("018f0000-0000-7000-8000-0000000000a1"),
          .clinic = *ClinicId::Parse("018f0000-0000-7000-8000-0000000000b2"),
          .session = *SessionId::Parse("018f0000-0000-7000-8000-0000000000c3"),
          .roles = 1U << 1 | 1U << 5,
          .time_zone = "Europe/Warsaw",
          .epoch = 7,
          .authenticated_at = Now() - absl::Hours(1),
          .issued_at = Now(),
          .expires_at = Now() + kAccessTokenLifetime};
}

// What SomeClaims() is in JSON.
inline std::string SomePayload() {
  return R"({"iss":"clinicd","aud":"clinicd:staff","sub":"018f0000-0000-7000-8000-0000000000a1",)"
         R"("clinic":"018f0000-0000-7000-8000-0000000000b2",)"
         R"("sid":"018f0000-0000-7000-8000-0000000000c3","roles":[1,5],)"
         R"("zoneinfo":"Europe/Warsaw","epoch":7,)"
         R"("iat":1800000000,"exp":1800000600,"auth_time":1799996400})";
}

// `text` with its only `from` replaced by `to`; empty, which no test expects, if there is none.
inline std::string With(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  return at == std::string::npos ? std::string() : text.replace(at, from.size(), to);
}

inline std::string HeaderOf(const SigningKey& key) {
  return absl::StrCat(R"({"alg":"EdDSA","kid":")", key.id, R"(","typ":"at+jwt"})");
}

// Header and payload as given, truly signed with `key`.
inline std::string Signed(std::string_view header, std::string_view payload,
                          const SigningKey& key) {
  std::string text =
      absl::StrCat(crypto::Base64UrlEncode(header), ".", crypto::Base64UrlEncode(payload));
  absl::StrAppend(&text, ".", crypto::Base64UrlEncode(*key.private_key.Sign(text)));
  return text;
}

}  // namespace clinicd::auth::testing
