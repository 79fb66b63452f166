#include "common/auth/refresh_token.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/crypto/base64url.h"
#include "common/status/error.h"

namespace clinicd::auth {
namespace {

constexpr std::string_view kPrefix = "crt1.";
constexpr std::size_t kIdSize = 16;
constexpr std::size_t kSecretSize = 32;
constexpr std::size_t kTokenSize = 3 * kIdSize + kSecretSize;
// Of base64url for that many bytes.
constexpr std::size_t kEncodedSize = (kTokenSize * 4 + 2) / 3;

std::string_view BytesOf(const Uuid& uuid) {
  return {reinterpret_cast<const char*>(uuid.bytes().data()), uuid.bytes().size()};
}

Uuid UuidAt(std::string_view bytes, std::size_t index) {
  Uuid::Bytes result{};
  const std::string_view part = bytes.substr(index * kIdSize, kIdSize);
  std::transform(part.begin(), part.end(), result.begin(),
                 [](char byte) { return static_cast<std::uint8_t>(byte); });
  return Uuid(result);
}

}  // namespace

std::string FormatRefreshToken(const RefreshToken& token) {
  std::string bytes =
      absl::StrCat(ToAbsl(BytesOf(token.clinic.uuid())), ToAbsl(BytesOf(token.session.uuid())),
                   ToAbsl(BytesOf(token.id.uuid())), ToAbsl(token.secret.view()));
  std::string text = absl::StrCat(ToAbsl(kPrefix), crypto::Base64UrlEncode(bytes));
  crypto::WipeText(bytes);
  return text;
}

absl::StatusOr<RefreshToken> ParseRefreshToken(std::string_view text) {
  if (!text.starts_with(kPrefix) || text.size() != kPrefix.size() + kEncodedSize) {
    return RefreshTokenInvalid();
  }
  std::optional<std::string> bytes = crypto::Base64UrlDecode(text.substr(kPrefix.size()));
  if (!bytes || bytes->size() != kTokenSize) return RefreshTokenInvalid();
  RefreshToken token{
      .clinic = ClinicId(UuidAt(*bytes, 0)),
      .session = SessionId(UuidAt(*bytes, 1)),
      .id = RefreshTokenId(UuidAt(*bytes, 2)),
      .secret = crypto::SecretBytes(std::string_view(*bytes).substr(3 * kIdSize)),
  };
  crypto::WipeText(*bytes);
  return token;
}

absl::Status RefreshTokenInvalid() {
  return status::Error(absl::StatusCode::kUnauthenticated,
                       status::ErrorReason::REFRESH_TOKEN_INVALID,
                       "The refresh token is not valid any more; sign in.");
}

crypto::Sha256Digest HashRefreshSecret(const crypto::SecretBytes& secret) {
  return crypto::Sha256(secret.view());
}

bool MatchesRefreshHash(std::string_view stored, const crypto::SecretBytes& secret) {
  return crypto::ConstantTimeEqual(stored, crypto::AsView(HashRefreshSecret(secret)));
}

RefreshToken RefreshTokenSource::First(ClinicId clinic, SessionId session,
                                       RefreshTokenId id) const {
  return {.clinic = clinic,
          .session = session,
          .id = id,
          .secret = Derive("first", session.uuid(), id)};
}

RefreshToken RefreshTokenSource::Child(const RefreshToken& parent, RefreshTokenId id) const {
  return {.clinic = parent.clinic,
          .session = parent.session,
          .id = id,
          .secret = Derive("child", parent.id.uuid(), id)};
}

crypto::SecretBytes RefreshTokenSource::Derive(std::string_view label, const Uuid& from,
                                               RefreshTokenId id) const {
  const std::string origin = crypto::JoinParts({label, BytesOf(from), BytesOf(id.uuid())});
  crypto::Sha256Digest digest = crypto::HmacSha256(key_.view(), origin);
  crypto::SecretBytes secret(crypto::AsView(digest));
  OPENSSL_cleanse(digest.data(), digest.size());
  return secret;
}

}  // namespace clinicd::auth
