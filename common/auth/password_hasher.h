// Stores passwords so that neither a copy of the database nor its writer can use them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/auth/argon2.h"
#include "common/auth/work_gate.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/uuid.h"
#include "common/crypto/sealed_box.h"

namespace clinicd::auth {

// Whose password it is. A stored password works for nobody else, wherever it is copied to.
struct PasswordOwner {
  ClinicId clinic;
  UserId user;
};

struct PasswordCheck {
  bool matches = false;
  // Whether the password, which matches, should be stored anew: by a weaker cost or an older
  // pepper than today's.
  bool needs_rehash = false;
};

// Hashes passwords with Argon2id and seals the hashes with a pepper that is not in the database.
//
// A hash takes some 30 ms and 19 MiB, on the calling thread, which must be one that may block. Few
// run at a time; beyond that callers wait, few and briefly, and are then refused with
// RESOURCE_EXHAUSTED (SERVER_BUSY, RetryInfo). `deadline` bounds the waiting. Thread-safe.
class PasswordHasher final {
 public:
  struct Options {
    Argon2Cost cost = {};
    WorkGate::Limits limits = {};
  };

  // INVALID_ARGUMENT for a cost below the accepted minimum (19 MiB and two passes, or 46 MiB and
  // one) or above 256 MiB, 10 passes or 4 lanes; RESOURCE_EXHAUSTED without memory for the hashes.
  static absl::StatusOr<std::unique_ptr<PasswordHasher>> Create(const Options& options,
                                                                const crypto::SealingKeys& pepper,
                                                                Random& random, const Clock& clock);

  // What to store for a password, some 150 bytes that are not text.
  absl::StatusOr<std::string> Hash(std::string_view password, const PasswordOwner& owner,
                                   absl::Time deadline);

  // Compares a password with what Hash() gave for the same owner. INTERNAL_DEFECT if `stored` is
  // anything else: damaged, another user's, or sealed with a pepper that is not at hand.
  absl::StatusOr<PasswordCheck> Verify(std::string_view password, std::string_view stored,
                                       const PasswordOwner& owner, absl::Time deadline);

  // Does the work of Verify() for a user who does not exist or has no password, so that the time
  // of the answer does not tell.
  absl::Status VerifyDummy(std::string_view password, absl::Time deadline);

 private:
  PasswordHasher(const Options& options, const crypto::SealingKeys& pepper, Random& random,
                 const Clock& clock, std::vector<Argon2Arena> arenas);

  absl::StatusOr<crypto::SecretBytes> Compute(std::string_view password, const PhcHash& target,
                                              absl::Time deadline);
  absl::StatusOr<std::string> Seal(const PhcHash& hash, const PasswordOwner& owner) const;
  absl::StatusOr<PhcHash> Open(std::string_view stored, const PasswordOwner& owner) const;
  Argon2Arena TakeArena();
  void ReturnArena(Argon2Arena arena);

  const Options options_;
  const crypto::SealingKeys& pepper_;
  Random& random_;
  WorkGate gate_;
  // What VerifyDummy() verifies against; no password gives it.
  std::string dummy_;
  absl::Mutex mutex_;
  // Those not in use; as many as may work at a time.
  std::vector<Argon2Arena> arenas_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace clinicd::auth
