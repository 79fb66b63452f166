// Master keys in files.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/random.h"
#include "common/crypto/key_wrapper.h"
#include "common/crypto/sealed_box.h"

namespace clinicd::auth {

// Where master keys are looked for. A number that is in both places is taken from the credentials.
struct MasterKeyPlaces {
  // keys.directory.
  std::string key_directory = {};
  // The directory of a service manager's credentials ($CREDENTIALS_DIRECTORY); empty without.
  std::string credential_directory = {};
};

// Wraps with the keys `master-<number>.key`, in the format of sealed_box.h. Reads the files again
// before it wraps and when a key is missing, so that a rotation by another process needs no
// restart. Thread-safe.
class FileMaster final : public crypto::KeyWrapper {
 public:
  // FAILED_PRECONDITION, with file, cause and way out in words for the operator, unless there is at
  // least one key and all can be read.
  static absl::StatusOr<std::unique_ptr<FileMaster>> Load(const MasterKeyPlaces& places,
                                                          Random& random);

  absl::StatusOr<std::string> Wrap(std::string_view key, std::string_view aad) override;
  absl::StatusOr<crypto::SecretBytes> Unwrap(std::string_view wrapped,
                                             std::string_view aad) override;
  absl::StatusOr<bool> IsNewest(std::string_view wrapped) override;
  absl::StatusOr<std::uint32_t> NewestNumber() override;

  // Makes a key above the newest in the key directory; its number. FAILED_PRECONDITION if the
  // newest is a credential: then the operator adds the next one there. ABORTED if another process
  // does the same right now.
  absl::StatusOr<std::uint32_t> AddKey();

  // Destroys the keys of the key directory below the newest; how many. Nothing may need them.
  absl::StatusOr<int> RetireOlder();

 private:
  FileMaster(MasterKeyPlaces places, Random& random, crypto::SealingKeys keys)
      : places_(std::move(places)), random_(random), keys_(std::move(keys)) {}
  absl::Status Reload() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const MasterKeyPlaces places_;
  Random& random_;
  absl::Mutex mutex_;
  crypto::SealingKeys keys_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace clinicd::auth
