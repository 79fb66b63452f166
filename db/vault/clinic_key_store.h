// The files with the keys of the clinics: `<key directory>/clinics/<clinic id>.keys`.
//
// A file is a random key of its own, wrapped under a master key, and what that key seals, so that
// only keys ever go to the master. It is bound to its clinic. `<clinic id>.shredded` says that
// there was one and that it was destroyed; it holds nothing.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/uuid.h"
#include "common/crypto/key_wrapper.h"
#include "db/vault/clinic_keys.h"
#include "db/vault/expiring_cache.h"

namespace clinicd::db {

// Reads and changes key files. What another process changed is seen by the next call. Changes of
// all processes on the directory happen one after the other, each in one step that a crash cannot
// halve. Thread-safe. Errors are FAILED_PRECONDITION, with file, cause and way out in words for the
// operator.
class ClinicKeyStore final {
 public:
  struct Parts {
    std::string key_directory;
    crypto::KeyWrapper& master;
    const Clock& clock;
    // For ages.
    const Clock& monotonic_clock;
    Random& random;
  };
  struct Found {
    bool shredded = false;
    // Null if the clinic was shredded, or never had any.
    std::shared_ptr<const ClinicKeys> keys;
  };

  explicit ClinicKeyStore(const Parts& parts);

  absl::StatusOr<Found> Load(const ClinicId& clinic);
  // Makes the keys of a clinic that has none; those that it has otherwise.
  absl::StatusOr<Found> LoadOrMake(const ClinicId& clinic);
  // Has `change` done to the keys of a clinic, and keeps the result.
  absl::Status Change(const ClinicId& clinic, const std::function<void(ClinicKeys&)>& change);
  // Destroys the keys of a clinic for ever. Once it has returned, there is no way back; until then
  // all or nothing is lost.
  absl::Status Shred(const ClinicId& clinic);

  // Whether the file of a clinic is wrapped under the newest master key; true without a file.
  absl::StatusOr<bool> IsUnderNewestMaster(const ClinicId& clinic);
  // Wraps a file under the newest master key.
  absl::Status Rewrap(const ClinicId& clinic) {
    return Change(clinic, [](ClinicKeys&) {});
  }

  // Clinics with a file, by id. What was being written is there, and whatever is written afterwards
  // knows master keys that were made before.
  absl::StatusOr<std::vector<ClinicId>> List();
  std::string PathOf(const ClinicId& clinic) const;

 private:
  // Tells one content of a file from another.
  struct Stamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t changed_ns = 0;

    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  struct Loaded {
    Stamp stamp;
    std::shared_ptr<const ClinicKeys> keys;
  };

  std::string TombstoneOf(const ClinicId& clinic) const;
  // nullopt without a file.
  absl::StatusOr<std::optional<Stamp>> StampOf(const std::string& path) const;
  absl::StatusOr<ClinicKeys> Read(const ClinicId& clinic) const;
  absl::Status Write(const ClinicId& clinic, const ClinicKeys& keys) const;
  absl::Status Damaged(const ClinicId& clinic, const absl::Status& cause) const;

  const Parts parts_;
  const std::string directory_;
  ExpiringCache<ClinicId, Loaded> cache_;
};

}  // namespace clinicd::db
