#include "clinicd/sdk/audit_log.h"

#include <map>
#include <utility>

#include "clinicd/audit/v1/audit_log_service.grpc.pb.h"
#include "clinicd/sdk/internal/audit_checkpoint.h"
#include "common/base/try.h"
#include "common/merkle/note_key.h"
#include "common/merkle/proof.h"

namespace clinicd::sdk {
namespace {

using audit::v1::AuditLogService;
using audit::v1::Checkpoint;
using audit::v1::Receipt;
using internal::AlarmStatus;
using internal::OpenedCheckpoint;

// A proof of inclusion and one of consistency are about the same log only if nothing was sealed in
// between.
constexpr int kLinkAttemptsMax = 8;

bool IsEmpty(const absl::Status& status) { return ReasonOf(status) == type::v1::AUDIT_LOG_EMPTY; }

// Whether the server was not reached, or the session is over: nothing is known of the log then.
bool IsNoAnswer(const absl::Status& status) {
  return MayPass(status) || absl::IsUnauthenticated(status) || absl::IsCancelled(status);
}

}  // namespace

class AuditLog::Impl final {
 public:
  Impl(Session& session, CheckpointStore& store, std::vector<merkle::NoteVerifier> keys,
       std::string clinic_id)
      : session_(session),
        store_(store),
        keys_(std::move(keys)),
        clinic_id_(std::move(clinic_id)),
        log_(AuditLogService::NewStub(session.channel())) {}

  // What is kept then; nullopt while there is nothing.
  absl::StatusOr<std::optional<OpenedCheckpoint>> Advance();
  absl::StatusOr<OpenedCheckpoint> TrustAnew();
  absl::StatusOr<ReceiptReport> VerifyReceipts(std::span<const Receipt> receipts);

 private:
  // Sizes of the clinic's log, and its roots, at which it is known to be the kept one.
  using Linked = std::map<std::uint64_t, std::string>;
  enum class Fate { kProven, kMissing, kChanged };

  absl::StatusOr<std::string> ClinicId();
  absl::StatusOr<std::optional<Checkpoint>> Newest();
  absl::StatusOr<audit::v1::ConsistencyProof> ProofSince(const OpenedCheckpoint& old);
  absl::StatusOr<OpenedCheckpoint> Successor(const OpenedCheckpoint& kept);
  absl::Status ExplainShorter(const OpenedCheckpoint& kept);
  absl::StatusOr<Fate> FateOf(const Receipt& receipt, Linked& linked);
  absl::Status Link(const OpenedCheckpoint& shown, Linked& linked);
  // Whether the checkpoint is known to be of the kept log now; false if the log has grown
  // meanwhile.
  absl::StatusOr<bool> TryLink(const OpenedCheckpoint& shown);

  Session& session_;
  CheckpointStore& store_;
  const std::vector<merkle::NoteVerifier> keys_;
  std::string clinic_id_;
  const std::unique_ptr<AuditLogService::Stub> log_;
};

absl::StatusOr<std::string> AuditLog::Impl::ClinicId() {
  if (clinic_id_.empty()) {
    CLINICD_ASSIGN_OR_RETURN(const identity::v1::WhoAmIResponse me, session_.WhoAmI());
    clinic_id_ = me.clinic().id();
  }
  return clinic_id_;
}

absl::StatusOr<std::optional<Checkpoint>> AuditLog::Impl::Newest() {
  auto checkpoint = session_.Call(*log_, &AuditLogService::Stub::GetCheckpoint,
                                  audit::v1::GetCheckpointRequest());
  if (IsEmpty(checkpoint.status())) return std::optional<Checkpoint>();
  if (!checkpoint.ok()) return checkpoint.status();
  return std::optional<Checkpoint>(*std::move(checkpoint));
}

absl::StatusOr<audit::v1::ConsistencyProof> AuditLog::Impl::ProofSince(
    const OpenedCheckpoint& old) {
  audit::v1::GetConsistencyProofRequest request;
  request.set_tree_size(old.checkpoint.tree_size());
  request.set_meta_size(static_cast<std::int64_t>(old.meta.size));
  return session_.Call(*log_, &AuditLogService::Stub::GetConsistencyProof, request);
}

absl::Status AuditLog::Impl::ExplainShorter(const OpenedCheckpoint& kept) {
  CLINICD_ASSIGN_OR_RETURN(std::optional<Checkpoint> shown, Newest());
  AuditAlarmKind kind = AuditAlarmKind::kRollback;
  if (shown) {
    // A log that goes on under another name was begun anew, which an operator has to have told.
    const auto opened = internal::OpenCheckpoint(*shown, kept.checkpoint.clinic_id(), keys_);
    if (opened.ok() && opened->meta.origin != kept.meta.origin) kind = AuditAlarmKind::kOrigin;
  }
  return AlarmStatus({.kind = kind, .kept = kept.checkpoint, .shown = std::move(shown)});
}

absl::StatusOr<OpenedCheckpoint> AuditLog::Impl::Successor(const OpenedCheckpoint& kept) {
  const auto proof = ProofSince(kept);
  if (proof.ok()) return internal::OpenSuccessor(kept, *proof, keys_);
  if (IsEmpty(proof.status()) || ReasonOf(proof.status()) == type::v1::AUDIT_LOG_SHORTER) {
    return ExplainShorter(kept);
  }
  if (IsNoAnswer(proof.status())) return proof.status();
  return AlarmStatus({.kind = AuditAlarmKind::kRefused, .kept = kept.checkpoint, .shown = {}});
}

absl::StatusOr<std::optional<OpenedCheckpoint>> AuditLog::Impl::Advance() {
  CLINICD_ASSIGN_OR_RETURN(const std::string clinic_id, ClinicId());
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Checkpoint> stored, store_.Load());
  std::optional<OpenedCheckpoint> now;
  if (stored) {
    const auto kept = internal::OpenCheckpoint(*stored, clinic_id, keys_);
    if (!kept.ok()) {
      return AlarmStatus({.kind = AuditAlarmKind::kKept, .kept = stored, .shown = {}});
    }
    CLINICD_ASSIGN_OR_RETURN(now, Successor(*kept));
  } else {
    CLINICD_ASSIGN_OR_RETURN(const std::optional<Checkpoint> first, Newest());
    if (!first) return now;
    CLINICD_ASSIGN_OR_RETURN(now, internal::OpenCheckpoint(*first, clinic_id, keys_));
  }
  CLINICD_RETURN_IF_ERROR(store_.Save(now->checkpoint));
  return now;
}

absl::StatusOr<OpenedCheckpoint> AuditLog::Impl::TrustAnew() {
  CLINICD_ASSIGN_OR_RETURN(const std::string clinic_id, ClinicId());
  CLINICD_ASSIGN_OR_RETURN(const Checkpoint shown,
                           session_.Call(*log_, &AuditLogService::Stub::GetCheckpoint,
                                         audit::v1::GetCheckpointRequest()));
  CLINICD_ASSIGN_OR_RETURN(OpenedCheckpoint opened,
                           internal::OpenCheckpoint(shown, clinic_id, keys_));
  CLINICD_RETURN_IF_ERROR(store_.Save(opened.checkpoint));
  return opened;
}

absl::StatusOr<bool> AuditLog::Impl::TryLink(const OpenedCheckpoint& shown) {
  CLINICD_ASSIGN_OR_RETURN(const std::optional<OpenedCheckpoint> kept, Advance());
  const auto refuse = [&](AuditAlarmKind kind) {
    return AlarmStatus({.kind = kind,
                        .kept = kept ? std::optional(kept->checkpoint) : std::nullopt,
                        .shown = shown.checkpoint});
  };
  if (!kept) return refuse(AuditAlarmKind::kRollback);
  if (shown.meta.origin != kept->meta.origin) return refuse(AuditAlarmKind::kOrigin);
  std::optional<std::vector<merkle::Hash>> path = std::vector<merkle::Hash>();
  if (shown.size() != kept->size()) {
    CLINICD_ASSIGN_OR_RETURN(const audit::v1::ConsistencyProof proof, ProofSince(shown));
    if (proof.checkpoint().tree_size() != kept->checkpoint.tree_size()) return false;
    path = internal::ReadProof(proof.proof());
  }
  if (!path || !merkle::ConsistencyHolds(shown.size(), shown.checkpoint.root_hash(), kept->size(),
                                         kept->checkpoint.root_hash(), *path)) {
    return refuse(AuditAlarmKind::kFork);
  }
  return true;
}

absl::Status AuditLog::Impl::Link(const OpenedCheckpoint& shown, Linked& linked) {
  const auto known = linked.find(shown.size());
  if (known != linked.end() && known->second == shown.checkpoint.root_hash()) {
    return absl::OkStatus();
  }
  for (int attempt = 0; attempt < kLinkAttemptsMax; ++attempt) {
    CLINICD_ASSIGN_OR_RETURN(const bool is_linked, TryLink(shown));
    if (!is_linked) continue;
    linked.insert_or_assign(shown.size(), shown.checkpoint.root_hash());
    return absl::OkStatus();
  }
  return AlarmStatus(
      {.kind = AuditAlarmKind::kRefused, .kept = std::nullopt, .shown = shown.checkpoint});
}

absl::StatusOr<AuditLog::Impl::Fate> AuditLog::Impl::FateOf(const Receipt& receipt,
                                                            Linked& linked) {
  CLINICD_ASSIGN_OR_RETURN(const std::string clinic_id, ClinicId());
  audit::v1::GetInclusionProofRequest request;
  request.set_event_id(receipt.event_id());
  const auto proof = session_.Call(*log_, &AuditLogService::Stub::GetInclusionProof, request);
  if (ReasonOf(proof.status()) == type::v1::AUDIT_EVENT_NOT_FOUND || IsEmpty(proof.status())) {
    return Fate::kMissing;
  }
  if (!proof.ok()) return proof.status();
  CLINICD_ASSIGN_OR_RETURN(const OpenedCheckpoint opened,
                           internal::OpenCheckpoint(proof->checkpoint(), clinic_id, keys_));
  CLINICD_RETURN_IF_ERROR(Link(opened, linked));
  const auto path = internal::ReadProof(proof->proof());
  const auto leaf = merkle::ToHash(proof->leaf_hash());
  const bool is_leaf = leaf && (proof->leaf().empty() || merkle::HashLeaf(proof->leaf()) == *leaf);
  const bool holds =
      is_leaf && path && proof->leaf_index() >= 0 &&
      merkle::InclusionHolds(static_cast<std::uint64_t>(proof->leaf_index()), opened.size(), *leaf,
                             *path, opened.checkpoint.root_hash());
  const bool is_same =
      receipt.clinic_id() == clinic_id && receipt.leaf_hash() == proof->leaf_hash();
  return holds && is_same ? Fate::kProven : Fate::kChanged;
}

absl::StatusOr<ReceiptReport> AuditLog::Impl::VerifyReceipts(std::span<const Receipt> receipts) {
  ReceiptReport report;
  Linked linked;
  CLINICD_RETURN_IF_ERROR(Advance().status());
  for (const Receipt& receipt : receipts) {
    CLINICD_ASSIGN_OR_RETURN(const Fate fate, FateOf(receipt, linked));
    auto& list = fate == Fate::kProven    ? report.proven
                 : fate == Fate::kMissing ? report.missing
                                          : report.changed;
    list.push_back(receipt);
  }
  return report;
}

AuditLog::AuditLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AuditLog::~AuditLog() = default;

absl::StatusOr<std::unique_ptr<AuditLog>> AuditLog::Create(Session& session, CheckpointStore& store,
                                                           const AuditLogOptions& options) {
  std::vector<merkle::NoteVerifier> keys;
  for (const std::string& text : options.keys) {
    CLINICD_ASSIGN_OR_RETURN(merkle::NoteVerifier key, merkle::NoteVerifier::Parse(text));
    if (key.kind() != merkle::KeyKind::kEd25519) {
      return absl::InvalidArgumentError("A witness's key signs no log.");
    }
    keys.push_back(std::move(key));
  }
  return std::unique_ptr<AuditLog>(
      new AuditLog(std::make_unique<Impl>(session, store, std::move(keys), options.clinic_id)));
}

absl::StatusOr<std::optional<Checkpoint>> AuditLog::Check() {
  CLINICD_ASSIGN_OR_RETURN(std::optional<OpenedCheckpoint> now, impl_->Advance());
  if (!now) return std::optional<Checkpoint>();
  return std::optional<Checkpoint>(std::move(now->checkpoint));
}

absl::StatusOr<Checkpoint> AuditLog::TrustAnew() {
  CLINICD_ASSIGN_OR_RETURN(OpenedCheckpoint now, impl_->TrustAnew());
  return std::move(now.checkpoint);
}

absl::StatusOr<ReceiptReport> AuditLog::VerifyReceipts(std::span<const Receipt> receipts) {
  return impl_->VerifyReceipts(receipts);
}

}  // namespace clinicd::sdk
