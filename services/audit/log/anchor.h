// What a server remembers of its log outside the database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/merkle/hash.h"

namespace clinicd::audit {

// A head of a clinic's tree, where it stands in the tree of heads.
struct AnchoredHead {
  ClinicId clinic = {};
  std::uint64_t tree_size = 0;
  merkle::Hash root{};
  std::uint64_t meta_index = 0;

  friend bool operator==(const AnchoredHead&, const AnchoredHead&) = default;
};

// A directory with the newest checkpoint, `checkpoint.note`, and the heads of clinics under it,
// `heads.journal`, a line each; the newest of each clinic are kept when it grows. Any number of
// processes may use it. What it writes is on disk when it returns. Errors: FAILED_PRECONDITION with
// file and cause; ALREADY_EXISTS when another process keeps it busy for seconds.
class Anchor final {
 public:
  // A journal is made shorter when it has this many bytes and twice of what it needs.
  static constexpr std::size_t kJournalBytes = std::size_t{4} * 1024 * 1024;

  explicit Anchor(std::string directory, std::size_t journal_bytes = kJournalBytes)
      : directory_(std::move(directory)), journal_bytes_(journal_bytes) {}

  // Makes the directory, closed to others, unless it exists.
  absl::Status Open() const;

  // The newest note; nullopt before the first one.
  absl::StatusOr<std::optional<std::string>> ReadNote() const;
  // Oldest first. A line that a crash cut off is not there.
  absl::StatusOr<std::vector<AnchoredHead>> ReadHeads() const;

  // Adds the heads, then puts the note in the place of the last one.
  absl::Status Keep(const std::string& note, const std::vector<AnchoredHead>& heads) const;

  // Puts what there is aside, as `<name>.before-<epoch>`, and begins anew with a note of `epoch`.
  absl::Status Restart(const std::string& note, std::uint32_t epoch) const;

  const std::string& directory() const { return directory_; }

 private:
  std::string NotePath() const { return directory_ + "/checkpoint.note"; }
  std::string JournalPath() const { return directory_ + "/heads.journal"; }
  std::string LockPath() const { return directory_ + "/lock"; }
  absl::Status Compact() const;

  std::string directory_;
  std::size_t journal_bytes_;
};

}  // namespace clinicd::audit
