// What a witness remembers, in a directory of its own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/random.h"
#include "common/merkle/checkpoint.h"
#include "common/merkle/note_key.h"
#include "db/cluster/file_lock.h"

namespace clinicd::witness {

// A checkpoint that was cosigned.
struct Witnessed {
  merkle::TreeHead head;
  // As the log signed it.
  std::string note;
};

// The last checkpoint of each origin, a file each. Of several processes one has the directory. One
// caller at a time. Errors: FAILED_PRECONDITION with file and cause.
class WitnessState final {
 public:
  // ALREADY_EXISTS when another process has it.
  static absl::StatusOr<std::unique_ptr<WitnessState>> Open(const std::string& directory);

  // DATA_LOSS if the file is not what Store() wrote.
  absl::StatusOr<std::optional<Witnessed>> Find(std::string_view origin) const;
  absl::StatusOr<std::vector<Witnessed>> List() const;
  // On disk when it returns.
  absl::Status Store(const Witnessed& witnessed) const;

 private:
  WitnessState(std::string directory, db::FileLock lock)
      : directory_(std::move(directory)), lock_(std::move(lock)) {}

  const std::string directory_;
  const db::FileLock lock_;
};

// Makes the directory with a key `witness-1.key` called `name`. FAILED_PRECONDITION if there is
// one.
absl::Status InitializeWitness(const std::string& directory, std::string_view name, Random& random);

// The keys of a directory, the oldest first. FAILED_PRECONDITION if there is none.
absl::StatusOr<std::vector<merkle::NoteSigner>> LoadWitnessSigners(const std::string& directory);

}  // namespace clinicd::witness
