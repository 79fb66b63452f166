#include "clinicd/sdk/internal/audit_checkpoint.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/cbor/writer.h"
#include "common/merkle/epoch.h"
#include "common/merkle/note.h"
#include "common/merkle/proof.h"

namespace clinicd::sdk {
namespace {

struct KindText {
  AuditAlarmKind kind;
  std::string_view name;
  std::string_view message;
};

constexpr std::array<KindText, 9> kKinds{{
    {AuditAlarmKind::kRollback, "rollback", "The audit log is shorter than it was."},
    {AuditAlarmKind::kFork, "fork", "The audit log does not continue the one that was kept."},
    {AuditAlarmKind::kOrigin, "origin",
     "The audit log has another origin than the one that was kept."},
    {AuditAlarmKind::kSignature, "signature",
     "The audit log is not signed by a key that is known."},
    {AuditAlarmKind::kMetaInclusion, "meta_inclusion",
     "The clinic's audit log is not part of what the server signed."},
    {AuditAlarmKind::kClinic, "clinic", "The audit log is another clinic's."},
    {AuditAlarmKind::kFormat, "format", "The server sent no checkpoint."},
    {AuditAlarmKind::kRefused, "refused", "The server does not prove its audit log."},
    {AuditAlarmKind::kKept, "kept", "The checkpoint that was kept cannot be believed."},
}};

// Payloads of a status: the name of the kind, and the checkpoints, serialized.
constexpr char kKindPayload[] = "clinicd/audit-alarm";
constexpr char kKeptPayload[] = "clinicd/audit-kept";
constexpr char kShownPayload[] = "clinicd/audit-shown";

const KindText& TextOf(AuditAlarmKind kind) {
  return *std::find_if(kKinds.begin(), kKinds.end(),
                       [kind](const KindText& text) { return text.kind == kind; });
}

std::optional<audit::v1::Checkpoint> CheckpointIn(const absl::Status& status, const char* payload) {
  const auto bytes = status.GetPayload(payload);
  audit::v1::Checkpoint checkpoint;
  if (!bytes || !checkpoint.ParseFromString(std::string(*bytes))) return std::nullopt;
  return checkpoint;
}

}  // namespace

std::string_view NameOf(AuditAlarmKind kind) { return TextOf(kind).name; }

std::optional<AuditAlarm> AlarmOf(const absl::Status& status) {
  const auto name = status.GetPayload(kKindPayload);
  if (!name) return std::nullopt;
  const auto* const text = std::find_if(
      kKinds.begin(), kKinds.end(), [&](const KindText& one) { return *name == ToAbsl(one.name); });
  if (text == kKinds.end()) return std::nullopt;
  return AuditAlarm{.kind = text->kind,
                    .kept = CheckpointIn(status, kKeptPayload),
                    .shown = CheckpointIn(status, kShownPayload)};
}

namespace internal {
namespace {

constexpr char kHeadKind[] = "clinicd-clinic-head";
constexpr std::int64_t kHeadVersion = 1;
constexpr std::size_t kUuidBytes = 16;

// The bytes of a UUID in its usual form in lower case.
std::optional<std::string> UuidBytes(const std::string& text) {
  constexpr std::size_t kUuidText = 36;
  if (text.size() != kUuidText) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool is_digit = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (is_dash ? text[i] != '-' : !is_digit) return std::nullopt;
  }
  return absl::HexStringToBytes(absl::StrReplaceAll(text, {{"-", ""}}));
}

// The head of a clinic's log as it is hashed into the log of all clinics.
std::string ClinicHead(const std::string& clinic, const Checkpoint& checkpoint) {
  cbor::Writer writer;
  writer.Array(5);
  writer.Text(kHeadKind);
  writer.Int(kHeadVersion);
  writer.Bytes(clinic);
  writer.Uint(static_cast<std::uint64_t>(checkpoint.tree_size()));
  writer.Bytes(checkpoint.root_hash());
  return writer.Take();
}

// The log that an origin is of.
std::string LogOf(const std::string& origin) {
  const std::size_t mark = origin.rfind('#');
  if (mark == std::string::npos || mark == 0) return origin;
  std::string log = origin.substr(0, mark);
  return merkle::EpochOf(log, origin) ? log : origin;
}

std::string SignerText(const std::string& name, std::uint32_t key_id) {
  return absl::StrCat(name, "+", absl::Hex(key_id, absl::kZeroPad8));
}

// The keys that signed; none if one that is known did so falsely.
std::vector<std::string> SignersOf(const merkle::Note& note, const std::string& log,
                                   const std::vector<merkle::NoteVerifier>& keys) {
  std::vector<std::string> signers;
  if (keys.empty()) {
    for (const merkle::NoteSignature& signature : note.signatures) {
      if (signature.name == log) signers.push_back(SignerText(signature.name, signature.key_id));
    }
    return signers;
  }
  const auto times = merkle::CheckSignatures(note, keys);
  if (!times.ok()) return signers;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if ((*times)[i] && keys[i].name() == log) {
      signers.push_back(SignerText(keys[i].name(), keys[i].key_id()));
    }
  }
  return signers;
}

bool IsInMeta(const std::string& clinic, const Checkpoint& checkpoint,
              const merkle::TreeHead& meta) {
  const auto proof = ReadProof(checkpoint.meta_proof());
  return proof && checkpoint.meta_index() >= 0 &&
         merkle::InclusionHolds(static_cast<std::uint64_t>(checkpoint.meta_index()), meta.size,
                                merkle::HashLeaf(ClinicHead(clinic, checkpoint)), *proof,
                                merkle::AsView(meta.root));
}

bool Continues(const OpenedCheckpoint& kept, const OpenedCheckpoint& now,
               const audit::v1::ConsistencyProof& proof) {
  const auto path = ReadProof(proof.proof());
  const auto meta_path = ReadProof(proof.meta_proof());
  return path && meta_path &&
         merkle::ConsistencyHolds(kept.size(), kept.checkpoint.root_hash(), now.size(),
                                  now.checkpoint.root_hash(), *path) &&
         merkle::ConsistencyHolds(kept.meta.size, merkle::AsView(kept.meta.root), now.meta.size,
                                  merkle::AsView(now.meta.root), *meta_path);
}

}  // namespace

absl::Status AlarmStatus(const AuditAlarm& alarm) {
  const KindText& text = TextOf(alarm.kind);
  absl::Status status = absl::DataLossError(ToAbsl(text.message));
  status.SetPayload(kKindPayload, absl::Cord(ToAbsl(text.name)));
  if (alarm.kept) status.SetPayload(kKeptPayload, absl::Cord(alarm.kept->SerializeAsString()));
  if (alarm.shown) status.SetPayload(kShownPayload, absl::Cord(alarm.shown->SerializeAsString()));
  return status;
}

std::optional<std::vector<merkle::Hash>> ReadProof(
    const google::protobuf::RepeatedPtrField<std::string>& proof) {
  return merkle::ToHashes(std::vector<std::string>(proof.begin(), proof.end()));
}

absl::StatusOr<OpenedCheckpoint> OpenCheckpoint(const Checkpoint& checkpoint,
                                                const std::string& clinic_id,
                                                const std::vector<merkle::NoteVerifier>& keys) {
  const auto refuse = [&](AuditAlarmKind kind) {
    return AlarmStatus({.kind = kind, .kept = std::nullopt, .shown = checkpoint});
  };
  const std::optional<std::string> clinic = UuidBytes(checkpoint.clinic_id());
  const auto note = merkle::ParseNote(checkpoint.note());
  if (!clinic || clinic->size() != kUuidBytes || !note.ok() || checkpoint.tree_size() <= 0 ||
      checkpoint.root_hash().size() != merkle::kHashSize) {
    return refuse(AuditAlarmKind::kFormat);
  }
  auto meta = merkle::ParseTreeHead(note->text);
  if (!meta.ok()) return refuse(AuditAlarmKind::kFormat);
  if (checkpoint.clinic_id() != clinic_id) return refuse(AuditAlarmKind::kClinic);
  const std::string log = LogOf(meta->origin);
  const auto is_of_log = [&](const merkle::NoteVerifier& key) { return key.name() == log; };
  if (!keys.empty() && std::none_of(keys.begin(), keys.end(), is_of_log)) {
    return refuse(AuditAlarmKind::kOrigin);
  }
  std::vector<std::string> signers = SignersOf(*note, log, keys);
  if (signers.empty()) return refuse(AuditAlarmKind::kSignature);
  if (!IsInMeta(*clinic, checkpoint, *meta)) return refuse(AuditAlarmKind::kMetaInclusion);
  return OpenedCheckpoint{
      .checkpoint = checkpoint, .meta = *std::move(meta), .signers = std::move(signers)};
}

absl::StatusOr<OpenedCheckpoint> OpenSuccessor(const OpenedCheckpoint& kept,
                                               const audit::v1::ConsistencyProof& proof,
                                               const std::vector<merkle::NoteVerifier>& keys) {
  const auto refuse = [&](AuditAlarmKind kind) {
    return AlarmStatus({.kind = kind, .kept = kept.checkpoint, .shown = proof.checkpoint()});
  };
  auto now = OpenCheckpoint(proof.checkpoint(), kept.checkpoint.clinic_id(), keys);
  if (!now.ok()) return refuse(AlarmOf(now.status())->kind);
  if (now->meta.origin != kept.meta.origin) return refuse(AuditAlarmKind::kOrigin);
  const auto signed_before = [&](const std::string& signer) {
    return std::find(kept.signers.begin(), kept.signers.end(), signer) != kept.signers.end();
  };
  // Without a key to check with, at least the same key must be said to have signed.
  if (keys.empty() && std::none_of(now->signers.begin(), now->signers.end(), signed_before)) {
    return refuse(AuditAlarmKind::kSignature);
  }
  if (now->size() < kept.size() || now->meta.size < kept.meta.size) {
    return refuse(AuditAlarmKind::kRollback);
  }
  if (!Continues(kept, *now, proof)) return refuse(AuditAlarmKind::kFork);
  return now;
}

}  // namespace internal
}  // namespace clinicd::sdk
