// What a checkpoint proves by itself, and beside one that was kept. Not part of the installed SDK.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clinicd/audit/v1/audit_log_service.pb.h"
#include "clinicd/sdk/audit_log.h"
#include "common/merkle/checkpoint.h"
#include "common/merkle/note_key.h"

namespace clinicd::sdk::internal {

using audit::v1::Checkpoint;

// The error that AlarmOf() reads.
absl::Status AlarmStatus(const AuditAlarm& alarm);

// A checkpoint, and what its note states of the log of all clinics.
struct OpenedCheckpoint {
  Checkpoint checkpoint;
  merkle::TreeHead meta;
  // Keys of the log that signed, as "name+id"; without known keys those that are said to have.
  std::vector<std::string> signers;

  std::uint64_t size() const { return static_cast<std::uint64_t>(checkpoint.tree_size()); }
};

// Opens a checkpoint of the clinic; an alarm unless it is true in itself.
absl::StatusOr<OpenedCheckpoint> OpenCheckpoint(const Checkpoint& checkpoint,
                                                const std::string& clinic_id,
                                                const std::vector<merkle::NoteVerifier>& keys);

// The proof's checkpoint; an alarm unless it is shown to continue the kept one.
absl::StatusOr<OpenedCheckpoint> OpenSuccessor(const OpenedCheckpoint& kept,
                                               const audit::v1::ConsistencyProof& proof,
                                               const std::vector<merkle::NoteVerifier>& keys);

// nullopt for a proof that is none.
std::optional<std::vector<merkle::Hash>> ReadProof(
    const google::protobuf::RepeatedPtrField<std::string>& proof);

}  // namespace clinicd::sdk::internal
