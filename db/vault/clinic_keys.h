// The keys of one clinic, which lie outside the database.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/random.h"
#include "common/base/uuid.h"
#include "common/crypto/puncturable_key.h"
#include "common/crypto/secret.h"

namespace clinicd::db {

// One version of a clinic's key. It gives each subject (a patient, or the clinic itself) the key
// that wraps the subject's data keys.
struct ClinicKeyVersion {
  // From 1.
  std::int32_t number = 0;
  absl::Time made_at;
  crypto::PuncturableKey key;
};

// All versions that are kept. The newest wraps, all unwrap. A shredded subject has no key in any of
// them, nor in one that is added later. Not thread-safe for writing.
class ClinicKeys final {
 public:
  // The keys of a clinic that had none.
  static ClinicKeys Make(Random& random, absl::Time now);
  // Undoes Serialize(). DATA_LOSS for anything that Serialize() cannot have made.
  static absl::StatusOr<ClinicKeys> Parse(std::string_view bytes);
  crypto::SecretBytes Serialize() const;

  // By number, never empty.
  const std::vector<ClinicKeyVersion>& versions() const { return versions_; }
  const ClinicKeyVersion& newest() const { return versions_.back(); }
  // Null where that version is not kept.
  const ClinicKeyVersion* Find(std::int32_t number) const;

  bool IsShredded(const Uuid& subject) const { return newest().key.IsPunctured(subject.bytes()); }
  std::size_t ShreddedCount() const { return newest().key.PuncturedPoints().size(); }

  // Destroys the subject's key in all versions.
  void Shred(const Uuid& subject);
  void AddVersion(Random& random, absl::Time now);
  // Destroys all versions but the newest; how many.
  int DropOlder();

 private:
  explicit ClinicKeys(std::vector<ClinicKeyVersion> versions) : versions_(std::move(versions)) {}

  std::vector<ClinicKeyVersion> versions_;
};

}  // namespace clinicd::db
