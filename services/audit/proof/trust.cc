#include "services/audit/proof/trust.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/merkle/proof.h"
#include "services/audit/proof/leaf.h"

namespace clinicd::audit {
namespace {

Finding Found(Verdict verdict, std::string_view check, std::string_view message) {
  return {.verdict = verdict,
          .check = std::string(check),
          .index = std::nullopt,
          .message = std::string(message)};
}

// The check that a note failed.
Finding NoteFinding(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return Tampered("note", FromAbsl(status.message()));
    case absl::StatusCode::kFailedPrecondition:
      return Incomplete("quorum", FromAbsl(status.message()));
    default:
      return Tampered("signature", FromAbsl(status.message()));
  }
}

Opening OpenNote(const ClinicCheckpoint& clinic, const merkle::TrustPolicy& policy) {
  absl::StatusOr<merkle::TrustedHead> meta = merkle::OpenCheckpoint(clinic.note, policy);
  if (!meta.ok()) return {.finding = NoteFinding(meta.status()), .meta = {}};
  const merkle::Hash leaf = merkle::HashLeaf(EncodeClinicHead(
      {.clinic_id = clinic.clinic_id, .tree_size = clinic.tree_size, .root = clinic.root}));
  if (!merkle::InclusionHolds(clinic.meta_index, meta->head.size, leaf, clinic.meta_proof,
                              merkle::AsView(meta->head.root))) {
    return {.finding = Tampered("meta_inclusion", "the clinic's head is not in the signed log"),
            .meta = {}};
  }
  return {.finding = std::nullopt, .meta = *std::move(meta)};
}

}  // namespace

Finding Tampered(std::string_view check, std::string_view message) {
  return Found(Verdict::kTampered, check, message);
}
Finding Incomplete(std::string_view check, std::string_view message) {
  return Found(Verdict::kIncomplete, check, message);
}
Finding Stale(std::string_view check, std::string_view message) {
  return Found(Verdict::kStale, check, message);
}

Trust::Trust(const VerifyOptions& options) : options_(options), without_quorum_(options.policy) {
  without_quorum_.quorum = 0;
  since_ = OpenKnown(options.since, "since");
  head_ = OpenKnown(options.head, "head");
}

std::optional<OpenedCheckpoint> Trust::OpenKnown(const std::optional<std::string>& json,
                                                 std::string_view check) {
  if (!json || fault_) return std::nullopt;
  absl::StatusOr<ClinicCheckpoint> checkpoint = ParseClinicCheckpoint(*json);
  if (!checkpoint.ok()) {
    fault_ = Tampered(check, "the known checkpoint is not one");
    return std::nullopt;
  }
  Opening opening = OpenNote(*checkpoint, without_quorum_);
  if (opening.finding) {
    fault_ = Tampered(check, absl::StrCat("the known checkpoint: ", opening.finding->message));
    return std::nullopt;
  }
  return OpenedCheckpoint{.clinic = *std::move(checkpoint), .meta = std::move(opening.meta)};
}

Opening Trust::Open(const ClinicCheckpoint& checkpoint) const {
  return OpenNote(checkpoint, options_.policy);
}

std::optional<Finding> Trust::CheckMeta(
    const OpenedCheckpoint& opened, const std::optional<std::vector<merkle::Hash>>& proof) const {
  if (!since_) return std::nullopt;
  const merkle::TreeHead& old_head = since_->meta.head;
  const merkle::TreeHead& new_head = opened.meta.head;
  if (old_head.size > new_head.size) {
    return Stale("meta_consistency", absl::StrCat("the log of all clinics went back from ",
                                                  old_head.size, " to ", new_head.size, " heads"));
  }
  if (old_head.size == new_head.size) {
    if (old_head.root == new_head.root) return std::nullopt;
    return Tampered("meta_consistency", "there are two logs of all clinics of the same size");
  }
  if (!proof) {
    return Incomplete("meta_consistency",
                      absl::StrCat("the export does not prove that the log of all clinics goes on ",
                                   "from size ", old_head.size));
  }
  if (!merkle::ConsistencyHolds(old_head.size, merkle::AsView(old_head.root), new_head.size,
                                merkle::AsView(new_head.root), *proof)) {
    return Tampered("meta_consistency",
                    "the log of all clinics does not go on from the known checkpoint");
  }
  return std::nullopt;
}

std::optional<Finding> Trust::CheckLength(const OpenedCheckpoint& opened) const {
  const std::uint64_t size = opened.clinic.tree_size;
  for (const auto& [known, check] : {std::pair(&since_, "since"), std::pair(&head_, "head")}) {
    if (!*known) continue;
    const ClinicCheckpoint& clinic = (*known)->clinic;
    if (clinic.clinic_id != opened.clinic.clinic_id) {
      return Tampered(check, "the known checkpoint is another clinic's");
    }
    if (clinic.tree_size > size) {
      return Stale(
          check, absl::StrCat("the log had ", clinic.tree_size, " events before, and has ", size));
    }
    if (clinic.tree_size == size && clinic.root != opened.clinic.root) {
      return Tampered(check, "the known checkpoint is of another log of the same length");
    }
  }
  return std::nullopt;
}

std::optional<Finding> Trust::CheckAge(absl::Time alive_at) const {
  if (!options_.age_max || options_.now - alive_at <= *options_.age_max) return std::nullopt;
  return Stale("age", absl::StrCat("nothing is known of the log after ",
                                   absl::FormatTime(alive_at, absl::UTCTimeZone())));
}

std::optional<Finding> Trust::CheckClinic(const ClinicId& clinic) const {
  if (!options_.clinic || *options_.clinic == clinic) return std::nullopt;
  return Tampered("clinic", absl::StrCat("the export is of clinic ", clinic.ToString()));
}

}  // namespace clinicd::audit
