// The log in the database, checked against itself, and against what others remember of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/merkle/checkpoint.h"
#include "common/merkle/note_key.h"
#include "db/access/tenant_tx.h"
#include "services/audit/log/acknowledgement.h"
#include "services/audit/log/log_store.h"

namespace clinicd::audit {

// What somebody outside the database knows that the log had signed.
struct RememberedHead {
  // Who, in words for the operator.
  std::string source;
  std::uint32_t epoch = 0;
  merkle::TreeHead head = {};
};

struct StoredLog {
  std::uint32_t epoch = 0;
  // Of the tree of heads; 0 when nothing was sealed. The root is the one over the stored hashes.
  std::uint64_t size = 0;
  merkle::Hash root{};
  // Of the epochs from 1 on, without a gap.
  std::vector<Acknowledgement> acknowledgements = {};
  // The newest checkpoint, without cosignatures; empty when nothing was sealed.
  std::string note = {};
};

// Stateless. The transactions name no clinic. Errors: as TenantTx.
class StoredLogReader final {
 public:
  struct Parts {
    // Names log and keys.
    std::string log;
    std::vector<merkle::NoteVerifier> log_keys;
  };

  explicit StoredLogReader(Parts parts) : parts_(std::move(parts)) {}

  // DATA_LOSS, with the cause in words for the operator, where the log contradicts itself: hashes
  // that are missing or do not lead to the root that was signed, a checkpoint or an acknowledgement
  // that the log's keys have not signed.
  absl::StatusOr<StoredLog> Read(db::TenantTx& tx) const;

  // The root over the first `size` leaves of the tree of heads, from stored hashes; `stored_size`
  // is at least `size`. DATA_LOSS where they are missing.
  absl::StatusOr<merkle::Hash> RootAt(db::TenantTx& tx, std::uint64_t size,
                                      std::uint64_t stored_size) const;

  // What is wrong if `remembered` was signed by this log: a sentence for the operator; nullopt if
  // the log continues it, or what is lost of it was acknowledged.
  absl::StatusOr<std::optional<std::string>> Contradiction(db::TenantTx& tx,
                                                           const StoredLog& stored,
                                                           const RememberedHead& remembered) const;

  // Opens a note that somebody kept. INVALID_ARGUMENT, PERMISSION_DENIED or DATA_LOSS as
  // merkle::OpenCheckpoint().
  absl::StatusOr<RememberedHead> Open(const std::string& note, const std::string& source) const;

  const Parts& parts() const { return parts_; }

 private:
  absl::StatusOr<std::vector<Acknowledgement>> ReadAcknowledgements(db::TenantTx& tx) const;

  const Parts parts_;
  LogStore store_;
};

}  // namespace clinicd::audit
