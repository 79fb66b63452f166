// What is checked of every event, whatever the form of the export.
#pragma once

#include <algorithm>
#include <optional>

#include "services/audit/proof/leaf.h"
#include "services/audit/proof/verifier.h"

namespace clinicd::audit {

// Looks at one event after the other, in the order of the log.
class EventCheck final {
 public:
  explicit EventCheck(const ClinicId& clinic) : clinic_(clinic) {}

  std::optional<Finding> Check(std::uint64_t index, const LeafOutline& leaf) {
    if (leaf.clinic_id != clinic_) {
      return Finding{Verdict::kTampered, "clinic", index, "the event is another clinic's"};
    }
    if (leaf.recorded_at < recorded_at_ - kRecordedBackMax) {
      return Finding{Verdict::kTampered, "recorded_at", index,
                     "the event was recorded long before events that stand before it"};
    }
    recorded_at_ = std::max(recorded_at_, leaf.recorded_at);
    return std::nullopt;
  }

  // Of the events so far, the latest.
  absl::Time recorded_at() const { return recorded_at_; }

 private:
  ClinicId clinic_;
  absl::Time recorded_at_ = absl::InfinitePast();
};

}  // namespace clinicd::audit
