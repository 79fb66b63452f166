// Seals audit events: makes them the leaves of their clinics' trees, and signs what comes of it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/merkle/note_key.h"
#include "db/access/transaction_runner.h"
#include "services/audit/log/anchor.h"
#include "services/audit/log/seal_store.h"

namespace clinicd::audit {

// What one batch came to.
struct SealReport {
  // Somebody else is sealing; nothing was looked at.
  bool busy = false;
  std::int64_t events = 0;
  std::int64_t clinics = 0;
  // There may be more to seal at once.
  bool more = false;
  // When the transaction of the oldest event began; infinite future without events.
  absl::Time oldest = absl::InfiniteFuture();
  // The size of the tree of heads, where a checkpoint was signed.
  std::uint64_t meta_size = 0;
  merkle::Hash meta_root{};
  // That checkpoint, and the heads that it adds.
  std::string note = {};
  std::vector<AnchoredHead> heads = {};
};

// Any number of sealers may run anywhere, of which one works at a time; each batch is one
// transaction, so that one that is killed leaves nothing half done. Writers never wait for it.
//
// An event is sealed once no transaction that began before its own is left: a transaction that
// stays open holds back the sealing of what came after it, and nothing else.
class Sealer final {
 public:
  struct Parts {
    // Of clinicd_sealer.
    db::TransactionRunner& runner;
    const Clock& clock;
    // Names the log and its keys; checkpoints have the name of the log's epoch.
    std::string origin;
    // Each of them signs; at least one.
    std::vector<merkle::NoteSigner> signers;
    std::int32_t batch_max = 2000;
    // Asked in each transaction before anything is sealed; its error is the error of the batch.
    std::function<absl::Status(db::TenantTx& tx, const SealState& state)> guard = {};
  };

  explicit Sealer(Parts parts) : parts_(std::move(parts)) {}

  // Seals the next batch. Errors: as TenantTx; DATA_LOSS where the log in the database is damaged.
  absl::StatusOr<SealReport> SealBatch() const;

 private:
  absl::Status SealIn(db::TenantTx& tx, SealReport& report) const;
  absl::Status StoreLeaves(db::TenantTx& tx, const std::vector<NewEvent>& events,
                           std::vector<ClinicTree>& grown) const;
  absl::StatusOr<merkle::Frontier> StoreHeads(db::TenantTx& tx,
                                              const std::vector<ClinicTree>& grown,
                                              const merkle::Frontier& meta,
                                              std::vector<AnchoredHead>& heads) const;

  const Parts parts_;
  SealStore store_;
};

}  // namespace clinicd::audit
