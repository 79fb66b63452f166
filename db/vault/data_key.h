// The keys that seal values, and what they seal. Pure, but for randomness.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/random.h"
#include "common/base/uuid.h"
#include "common/crypto/secret.h"
#include "db/access/field_sealer.h"
#include "db/access/row_reader.h"
#include "db/vault/clinic_keys.h"

namespace clinicd::db {

// One version of a subject's data key.
struct DataKey {
  std::int32_t version = 0;
  crypto::SecretBytes bytes;
};

// Whose data key: a patient, or the clinic itself, whose subject is its own id.
struct KeySubject {
  ClinicId clinic;
  Uuid subject;

  friend bool operator==(const KeySubject&, const KeySubject&) = default;
};

// A row of data_keys.
struct WrappedKey {
  std::int32_t version = 0;
  std::int32_t clinic_key_version = 0;
  std::string wrapped;
  // Made by this transaction, which may still fail.
  bool own = false;
  // Made by this statement; the first of the clinic.
  bool made = false;
  bool first = false;
};

WrappedKey ReadWrappedKey(const RowReader& row);

// 32 random bytes.
DataKey MakeDataKey(std::int32_t version, Random& random);

// What wraps the data keys of a subject: one version of the clinic's key at the subject's point.
struct WrappingKey {
  std::int32_t clinic_key_version = 0;
  crypto::SecretBytes bytes;
};

// The subject's key in a version of the clinic's key; nullopt if the subject was shredded. Takes a
// fraction of a millisecond.
std::optional<WrappingKey> DeriveWrappingKey(const Uuid& subject, const ClinicKeyVersion& version);

absl::StatusOr<WrappedKey> WrapDataKey(const KeySubject& subject, const DataKey& key,
                                       const WrappingKey& wrapping, Random& random);

// Undoes WrapDataKey(). DATA_LOSS if the row was changed, belongs elsewhere or was wrapped under
// another key.
absl::StatusOr<DataKey> UnwrapDataKey(const KeySubject& subject, const WrappedKey& wrapped,
                                      const WrappingKey& wrapping);

// As above, with the version that the row names. NOT_FOUND where it is not in `keys`; CANCELLED if
// the subject was shredded.
absl::StatusOr<DataKey> UnwrapDataKey(const KeySubject& subject, const WrappedKey& wrapped,
                                      const ClinicKeys& keys);

// What to store for `plaintext`: format (1 byte, 1), version of the data key (4 bytes, big-endian),
// nonce (12 random bytes), ciphertext, tag (16 bytes). Clinic, place and version are authenticated.
// Random nonces are safe for 2^32 values a key.
absl::StatusOr<std::string> SealField(const ClinicId& clinic, const FieldPlace& place,
                                      const DataKey& key, std::string_view plaintext,
                                      Random& random);

// The version of the data key that `sealed` names; nullopt for what SealField() cannot have made.
std::optional<std::int32_t> VersionOfSealed(std::string_view sealed);

// Undoes SealField(). DATA_LOSS for anything else.
absl::StatusOr<std::string> OpenField(const ClinicId& clinic, const FieldPlace& place,
                                      const DataKey& key, std::string_view sealed);

}  // namespace clinicd::db
