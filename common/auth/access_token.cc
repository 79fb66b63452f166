#include "common/auth/access_token.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/token_claims.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/crypto/base64url.h"
#include "common/status/error.h"

namespace clinicd::auth {
namespace {

using status::ErrorReason;

std::string EncodedHeader(const SigningKey& key) {
  return crypto::Base64UrlEncode(
      absl::StrCat(R"({"alg":"EdDSA","kid":")", key.id, R"(","typ":"at+jwt"})"));
}

absl::Status TokenInvalid() {
  return status::Error(absl::StatusCode::kUnauthenticated, ErrorReason::TOKEN_INVALID,
                       "The access token is not one that this server accepts; sign in.");
}

absl::Status TokenExpired() {
  return status::Error(absl::StatusCode::kUnauthenticated, ErrorReason::TOKEN_EXPIRED,
                       "The access token has expired; refresh it.");
}

// The parts of a token, all of them within the token's text.
struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  // What is signed: header, dot, payload.
  std::string_view signed_text;
};

std::optional<Parts> Split(std::string_view token) {
  if (token.size() > kAccessTokenSizeMax) return std::nullopt;
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  const std::string_view payload = token.substr(first + 1, last - first - 1);
  if (payload.find('.') != std::string_view::npos) return std::nullopt;
  return Parts{.header = token.substr(0, first),
               .payload = payload,
               .signature = token.substr(last + 1),
               .signed_text = token.substr(0, last)};
}

}  // namespace

void TokenSigner::Replace(const std::vector<SigningKey>& keys) {
  const absl::MutexLock lock(&mutex_);
  key_ = keys.back();
}

absl::StatusOr<std::string> TokenSigner::Sign(const Claims& claims) const {
  const std::string payload = EncodeClaims(claims);
  if (!DecodeClaims(payload)) return status::Defect("claims that no verifier would accept");
  const SigningKey key = [this] {
    const absl::ReaderMutexLock lock(&mutex_);
    return key_;
  }();
  std::string token = absl::StrCat(EncodedHeader(key), ".", crypto::Base64UrlEncode(payload));
  absl::StatusOr<std::string> signature = key.private_key.Sign(token);
  if (!signature.ok()) return status::Defect("an access token could not be signed");
  absl::StrAppend(&token, ".", crypto::Base64UrlEncode(*signature));
  if (token.size() > kAccessTokenSizeMax) return status::Defect("an access token is too long");
  return token;
}

TokenVerifier::TokenVerifier(const std::vector<SigningKey>& keys) : keys_(Prepare(keys)) {}

std::shared_ptr<const TokenVerifier::Keys> TokenVerifier::Prepare(
    const std::vector<SigningKey>& keys) {
  auto prepared = std::make_shared<Keys>();
  for (const SigningKey& key : keys) {
    prepared->push_back({.encoded_header = EncodedHeader(key), .public_key = key.public_key});
  }
  return prepared;
}

void TokenVerifier::Replace(const std::vector<SigningKey>& keys) {
  std::shared_ptr<const Keys> prepared = Prepare(keys);
  const absl::MutexLock lock(&mutex_);
  keys_ = std::move(prepared);
  generation_.fetch_add(1, std::memory_order_acq_rel);
}

std::shared_ptr<const TokenVerifier::Keys> TokenVerifier::CurrentKeys() const {
  const absl::ReaderMutexLock lock(&mutex_);
  return keys_;
}

absl::StatusOr<Claims> TokenVerifier::Verify(std::string_view token, absl::Time now) const {
  const std::optional<Parts> parts = Split(token);
  if (!parts) return TokenInvalid();
  const std::shared_ptr<const Keys> keys = CurrentKeys();
  const auto key = std::find_if(keys->begin(), keys->end(), [&parts](const Key& candidate) {
    return candidate.encoded_header == parts->header;
  });
  if (key == keys->end()) return TokenInvalid();
  const std::optional<std::string> signature = crypto::Base64UrlDecode(parts->signature);
  if (!signature || !key->public_key.Verify(parts->signed_text, *signature)) return TokenInvalid();
  // Nothing of the payload is looked at before its signature is known to be ours.
  const std::optional<std::string> payload = crypto::Base64UrlDecode(parts->payload);
  const std::optional<Claims> claims = payload ? DecodeClaims(*payload) : std::nullopt;
  if (!claims) return TokenInvalid();
  CLINICD_RETURN_IF_ERROR(CheckTimes(*claims, now));
  return *claims;
}

absl::Status CheckTimes(const Claims& claims, absl::Time now) {
  if (claims.issued_at > now + kIssuedAtLeeway) return TokenInvalid();
  if (now >= claims.expires_at) return TokenExpired();
  return absl::OkStatus();
}

}  // namespace clinicd::auth
