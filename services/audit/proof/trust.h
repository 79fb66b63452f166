// What an export's checkpoint is judged by: keys, and the checkpoints that are known already.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/merkle/checkpoint.h"
#include "services/audit/proof/clinic_checkpoint.h"
#include "services/audit/proof/verifier.h"

namespace clinicd::audit {

// A checkpoint, and what its note proved.
struct OpenedCheckpoint {
  ClinicCheckpoint clinic;
  merkle::TrustedHead meta;
};

// What opening a note came to; `meta` means something only without a finding.
struct Opening {
  std::optional<Finding> finding;
  merkle::TrustedHead meta;
};

Finding Tampered(std::string_view check, std::string_view message);
Finding Incomplete(std::string_view check, std::string_view message);
Finding Stale(std::string_view check, std::string_view message);

// Opens checkpoints. Immutable, hence thread-safe.
class Trust final {
 public:
  // `options` must outlive this.
  explicit Trust(const VerifyOptions& options);

  // What is wrong with the known checkpoints themselves, if anything is.
  const std::optional<Finding>& fault() const { return fault_; }
  const std::optional<OpenedCheckpoint>& since() const { return since_; }
  const std::optional<OpenedCheckpoint>& head() const { return head_; }

  std::uint64_t purged_below() const { return options_.purged_below; }

  // Checks an export's checkpoint: note, signatures, witnesses, the clinic's place in the log of
  // all clinics.
  Opening Open(const ClinicCheckpoint& checkpoint) const;

  // Checks that the log of all clinics did not go back or elsewhere since `since`. `proof` is of
  // its consistency, if there is one.
  std::optional<Finding> CheckMeta(const OpenedCheckpoint& opened,
                                   const std::optional<std::vector<merkle::Hash>>& proof) const;

  // Checks that the clinic's log is not shorter than the known checkpoints say, nor another one.
  std::optional<Finding> CheckLength(const OpenedCheckpoint& opened) const;

  std::optional<Finding> CheckAge(absl::Time alive_at) const;

  // Checks that the export is of the clinic that it must be of.
  std::optional<Finding> CheckClinic(const ClinicId& clinic) const;

 private:
  std::optional<OpenedCheckpoint> OpenKnown(const std::optional<std::string>& json,
                                            std::string_view check);
  const VerifyOptions& options_;
  // Of the known checkpoints, which may have been kept before they were witnessed.
  merkle::TrustPolicy without_quorum_;
  std::optional<Finding> fault_;
  std::optional<OpenedCheckpoint> since_;
  std::optional<OpenedCheckpoint> head_;
};

}  // namespace clinicd::audit
