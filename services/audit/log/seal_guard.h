// Keeps the sealer from signing a log that does not continue what was signed before.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "services/audit/log/seal_store.h"
#include "services/audit/log/stored_log.h"

namespace clinicd::audit {

// Looks at the whole before the first batch, and at what others have added before each further one.
// Thread-safe.
class SealGuard final {
 public:
  // `remembered`: by whoever keeps checkpoints outside the database.
  SealGuard(StoredLogReader reader, std::vector<RememberedHead> remembered)
      : reader_(std::move(reader)), remembered_(std::move(remembered)) {}

  // In the transaction that has locked the state. FAILED_PRECONDITION, with the cause, where it
  // must not be continued; DATA_LOSS where it contradicts itself.
  absl::Status Check(db::TenantTx& tx, const SealState& state);

  // A batch was committed that made the tree of heads so large.
  void Sealed(std::uint64_t meta_size, const merkle::Hash& meta_root);

  // From now on every check fails: somebody was found who remembers something else.
  void Halt(std::string why);

 private:
  struct Known {
    std::uint32_t epoch = 0;
    std::uint64_t size = 0;
    merkle::Hash root{};
  };

  absl::Status CheckFirst(db::TenantTx& tx, const SealState& state)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckGrowth(db::TenantTx& tx, const SealState& state)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const StoredLogReader reader_;
  const std::vector<RememberedHead> remembered_;
  absl::Mutex mutex_;
  std::optional<Known> known_ ABSL_GUARDED_BY(mutex_);
  std::string halted_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace clinicd::audit
