#include "services/audit/log_handlers.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/auth/paging.h"
#include "common/base/try.h"
#include "common/merkle/checkpoint.h"
#include "common/merkle/note.h"
#include "common/rpc/civil.h"
#include "services/audit/audit_errors.h"
#include "services/audit/proven_head.h"

namespace clinicd::audit {
namespace {

using Hashes = google::protobuf::RepeatedPtrField<std::string>;

constexpr char kEntity[] = "audit_event";
constexpr std::int32_t kLeavesDefault = 500;
constexpr std::int32_t kLeavesMax = 2000;

void AddHashes(const std::vector<merkle::Hash>& hashes, Hashes& proto) {
  for (const merkle::Hash& hash : hashes) proto.Add(std::string(merkle::AsView(hash)));
}

// What a note says it is of, or its log's name where that cannot be read.
std::string OriginOfNote(const std::optional<merkle::Note>& note, const std::string& log) {
  if (!note) return log;
  const absl::StatusOr<merkle::TreeHead> head = merkle::ParseTreeHead(note->text);
  return head.ok() ? head->origin : log;
}

// Whether one of the log's keys signed the note. Where another process signs, keys that lie about
// here may be others, and a client that trusts them would refuse everything.
bool IsSignedBy(const LogVerifiers& verifiers, const merkle::Note& note) {
  const auto times = merkle::CheckSignatures(note, verifiers.keys);
  return times.ok() && std::any_of(times->begin(), times->end(),
                                   [](const auto& time) { return time.has_value(); });
}

}  // namespace

absl::StatusOr<LogHead> LogHandlers::FindHead(rpc::Call& call, v1::Checkpoint& checkpoint) const {
  CLINICD_ASSIGN_OR_RETURN(ProvenHead proven, FindProvenHead(store_, call.tx()));
  const LogHead& head = proven.head;
  checkpoint.set_clinic_id(call.info().identity.clinic.ToString());
  checkpoint.set_tree_size(static_cast<std::int64_t>(head.tree_size));
  checkpoint.set_root_hash(std::string(merkle::AsView(head.root)));
  checkpoint.set_meta_index(static_cast<std::int64_t>(head.meta_index));
  AddHashes(proven.meta_proof, *checkpoint.mutable_meta_proof());
  checkpoint.set_note(head.note);
  *checkpoint.mutable_seal_time() = rpc::ToTimestamp(head.sealed_at);
  return std::move(proven.head);
}

absl::StatusOr<v1::Checkpoint> LogHandlers::GetCheckpoint(const v1::GetCheckpointRequest&,
                                                          rpc::Call& call) const {
  v1::Checkpoint checkpoint;
  CLINICD_RETURN_IF_ERROR(FindHead(call, checkpoint).status());
  return checkpoint;
}

absl::StatusOr<v1::LogKeys> LogHandlers::GetLogKeys(const v1::GetLogKeysRequest&,
                                                    rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const std::optional<LogHead> head, store_.FindHead(call.last_tx()));
  std::optional<merkle::Note> note;
  if (head) {
    absl::StatusOr<merkle::Note> parsed = merkle::ParseNote(head->note);
    if (parsed.ok()) note = *std::move(parsed);
  }
  v1::LogKeys proto;
  proto.set_origin(OriginOfNote(note, verifiers_.log));
  // Before anything is sealed there is nothing that contradicts the keys.
  if (!head || (note && IsSignedBy(verifiers_, *note))) {
    for (const merkle::NoteVerifier& key : verifiers_.keys) proto.add_log_keys(key.ToText());
  }
  for (const merkle::NoteVerifier& key : verifiers_.witnesses) proto.add_witness_keys(key.ToText());
  return proto;
}

absl::StatusOr<v1::InclusionProof> LogHandlers::GetInclusionProof(
    const v1::GetInclusionProofRequest& request, rpc::Call& call) const {
  const Uuid event = Uuid::Parse(request.event_id()).value_or(Uuid());
  call.AuditListAccess(kEntity, {}, event);
  CLINICD_ASSIGN_OR_RETURN(const std::optional<LogLeaf> place, store_.FindLeaf(call.tx(), event));
  if (!place) return EventNotFound();
  CLINICD_ASSIGN_OR_RETURN(const std::vector<LogLeaf> leaves,
                           store_.ListLeaves(call.tx(), place->index, 1));
  v1::InclusionProof proof;
  // Sealed in one transaction with a head that holds it, so that there is one.
  CLINICD_ASSIGN_OR_RETURN(const LogHead head, FindHead(call, *proof.mutable_checkpoint()));
  CLINICD_ASSIGN_OR_RETURN(const merkle::ProofPlan plan,
                           merkle::NodesForInclusion(place->index, head.tree_size));
  CLINICD_ASSIGN_OR_RETURN(const std::vector<merkle::Hash> path,
                           store_.Prove(call.tx(), LogTree::kClinic, plan, head.tree_size));
  if (!leaves.empty() && leaves.front().leaf) proof.set_leaf(EncodeLeaf(*leaves.front().leaf));
  proof.set_leaf_hash(std::string(merkle::AsView(place->hash)));
  proof.set_leaf_index(static_cast<std::int64_t>(place->index));
  AddHashes(path, *proof.mutable_proof());
  return proof;
}

absl::StatusOr<v1::ConsistencyProof> LogHandlers::GetConsistencyProof(
    const v1::GetConsistencyProofRequest& request, rpc::Call& call) const {
  v1::ConsistencyProof proof;
  CLINICD_ASSIGN_OR_RETURN(const LogHead head, FindHead(call, *proof.mutable_checkpoint()));
  const auto old_size = static_cast<std::uint64_t>(request.tree_size());
  const auto old_meta_size = static_cast<std::uint64_t>(request.meta_size());
  if (old_size > head.tree_size || old_meta_size > head.meta_size) {
    return LogShorter(proof.checkpoint().tree_size(), static_cast<std::int64_t>(head.meta_size));
  }
  CLINICD_ASSIGN_OR_RETURN(const merkle::ProofPlan plan,
                           merkle::NodesForConsistency(old_size, head.tree_size));
  CLINICD_ASSIGN_OR_RETURN(const std::vector<merkle::Hash> path,
                           store_.Prove(call.tx(), LogTree::kClinic, plan, head.tree_size));
  CLINICD_ASSIGN_OR_RETURN(const merkle::ProofPlan meta_plan,
                           merkle::NodesForConsistency(old_meta_size, head.meta_size));
  CLINICD_ASSIGN_OR_RETURN(const std::vector<merkle::Hash> meta_path,
                           store_.Prove(call.tx(), LogTree::kHeads, meta_plan, head.meta_size));
  AddHashes(path, *proof.mutable_proof());
  AddHashes(meta_path, *proof.mutable_meta_proof());
  return proof;
}

absl::StatusOr<v1::ListLeavesResponse> LogHandlers::ListLeaves(const v1::ListLeavesRequest& request,
                                                               rpc::Call& call) const {
  call.AuditListAccess(kEntity);
  const std::int32_t page_size = auth::PageSize(request.page_size(), kLeavesDefault, kLeavesMax);
  CLINICD_ASSIGN_OR_RETURN(
      const std::vector<LogLeaf> leaves,
      store_.ListLeaves(call.last_tx(), static_cast<std::uint64_t>(request.start_index()),
                        page_size));
  v1::ListLeavesResponse response;
  for (const LogLeaf& leaf : leaves) {
    v1::ListLeavesResponse::Leaf& proto = *response.add_leaves();
    if (leaf.leaf) proto.set_leaf(EncodeLeaf(*leaf.leaf));
    proto.set_leaf_hash(std::string(merkle::AsView(leaf.hash)));
  }
  return response;
}

}  // namespace clinicd::audit
