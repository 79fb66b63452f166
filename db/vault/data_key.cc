#include "db/vault/data_key.h"

#include <utility>

#include "common/base/try.h"
#include "common/crypto/aes_gcm.h"
#include "common/crypto/digest.h"

namespace clinicd::db {
namespace {

constexpr char kFormat = 1;
constexpr std::size_t kHeaderSize = 5;
constexpr std::size_t kSealedSizeMin = kHeaderSize + crypto::kGcmNonceSize + crypto::kGcmTagSize;
constexpr std::int32_t kVersionMax = 1'000'000;

std::string_view BytesOf(const Uuid& uuid) {
  return {reinterpret_cast<const char*>(uuid.bytes().data()), uuid.bytes().size()};
}

std::string BigEndian(std::int32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>((number >> shift) & 0xff));
  }
  return bytes;
}

std::string WrapContext(const KeySubject& subject, std::int32_t version,
                        std::int32_t clinic_key_version) {
  return crypto::JoinParts({BytesOf(subject.clinic.uuid()), "data_keys", BytesOf(subject.subject),
                            BigEndian(version), BigEndian(clinic_key_version)});
}

std::string FieldContext(const ClinicId& clinic, const FieldPlace& place, std::int32_t version) {
  return crypto::JoinParts({std::string_view(&kFormat, 1), BytesOf(clinic.uuid()), place.table,
                            place.column, BytesOf(place.row), BigEndian(version)});
}

}  // namespace

WrappedKey ReadWrappedKey(const RowReader& row) {
  return {.version = row.Int32("version"),
          .clinic_key_version = row.Int32("clinic_key_version"),
          .wrapped = row.BytesValue("wrapped"),
          .own = row.Bool("own"),
          .made = row.Bool("made"),
          .first = row.Bool("first")};
}

DataKey MakeDataKey(std::int32_t version, Random& random) {
  DataKey key{.version = version, .bytes = crypto::SecretBytes(crypto::kAesKeySize)};
  random.Fill(key.bytes.mutable_span());
  return key;
}

std::optional<WrappingKey> DeriveWrappingKey(const Uuid& subject, const ClinicKeyVersion& version) {
  std::optional<crypto::SecretBytes> bytes = version.key.Derive(subject.bytes());
  if (!bytes) return std::nullopt;
  return WrappingKey{.clinic_key_version = version.number, .bytes = *std::move(bytes)};
}

absl::StatusOr<WrappedKey> WrapDataKey(const KeySubject& subject, const DataKey& key,
                                       const WrappingKey& wrapping, Random& random) {
  const std::string nonce = random.Bytes(crypto::kGcmNonceSize);
  CLINICD_ASSIGN_OR_RETURN(
      const std::string body,
      crypto::AesGcmEncrypt(wrapping.bytes.view(), nonce,
                            WrapContext(subject, key.version, wrapping.clinic_key_version),
                            key.bytes.view()));
  return WrappedKey{.version = key.version,
                    .clinic_key_version = wrapping.clinic_key_version,
                    .wrapped = nonce + body};
}

absl::StatusOr<DataKey> UnwrapDataKey(const KeySubject& subject, const WrappedKey& wrapped,
                                      const WrappingKey& wrapping) {
  const std::string_view bytes = wrapped.wrapped;
  if (bytes.size() != crypto::kGcmNonceSize + crypto::kAesKeySize + crypto::kGcmTagSize) {
    return absl::DataLossError("a wrapped data key has another size");
  }
  CLINICD_ASSIGN_OR_RETURN(
      std::string key,
      crypto::AesGcmDecrypt(wrapping.bytes.view(), bytes.substr(0, crypto::kGcmNonceSize),
                            WrapContext(subject, wrapped.version, wrapped.clinic_key_version),
                            bytes.substr(crypto::kGcmNonceSize)));
  DataKey unwrapped{.version = wrapped.version, .bytes = crypto::SecretBytes(key)};
  crypto::WipeText(key);
  return unwrapped;
}

absl::StatusOr<DataKey> UnwrapDataKey(const KeySubject& subject, const WrappedKey& wrapped,
                                      const ClinicKeys& keys) {
  const ClinicKeyVersion* const version = keys.Find(wrapped.clinic_key_version);
  if (version == nullptr) {
    return absl::NotFoundError("that version of the clinic's key is not kept");
  }
  const std::optional<WrappingKey> wrapping = DeriveWrappingKey(subject.subject, *version);
  if (!wrapping) return absl::CancelledError("the subject was shredded");
  return UnwrapDataKey(subject, wrapped, *wrapping);
}

absl::StatusOr<std::string> SealField(const ClinicId& clinic, const FieldPlace& place,
                                      const DataKey& key, std::string_view plaintext,
                                      Random& random) {
  const std::string nonce = random.Bytes(crypto::kGcmNonceSize);
  CLINICD_ASSIGN_OR_RETURN(
      const std::string body,
      crypto::AesGcmEncrypt(key.bytes.view(), nonce, FieldContext(clinic, place, key.version),
                            plaintext));
  return std::string(1, kFormat) + BigEndian(key.version) + nonce + body;
}

std::optional<std::int32_t> VersionOfSealed(std::string_view sealed) {
  if (sealed.size() < kSealedSizeMin || sealed[0] != kFormat) return std::nullopt;
  std::uint32_t version = 0;
  for (const char c : sealed.substr(1, 4)) {
    version = version << 8 | static_cast<std::uint8_t>(c);
  }
  if (version == 0 || version > kVersionMax) return std::nullopt;
  return static_cast<std::int32_t>(version);
}

absl::StatusOr<std::string> OpenField(const ClinicId& clinic, const FieldPlace& place,
                                      const DataKey& key, std::string_view sealed) {
  if (VersionOfSealed(sealed) != key.version) {
    return absl::DataLossError("sealed under another version of the key");
  }
  sealed.remove_prefix(kHeaderSize);
  return crypto::AesGcmDecrypt(key.bytes.view(), sealed.substr(0, crypto::kGcmNonceSize),
                               FieldContext(clinic, place, key.version),
                               sealed.substr(crypto::kGcmNonceSize));
}

}  // namespace clinicd::db
