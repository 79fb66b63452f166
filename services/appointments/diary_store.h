// Diaries in the database.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "db/access/tenant_tx.h"
#include "services/appointments/diary.h"

namespace clinicd::appointments {

// Reads what diaries are made from. Stateless; errors as for TenantTx.
class DiaryStore final {
 public:
  struct Extent {
    TimeRange range = {};
    bool show_cancelled = false;
    // Only visits of these practitioners and resources; of all where there is none.
    std::vector<Uuid> occupants = {};
    // One more than what is allowed tells that there are too many.
    std::size_t limit = 0;
  };
  // By start and id.
  absl::StatusOr<std::vector<Visit>> ListVisits(db::TenantTx& tx, const Extent& extent) const;

  // Those of patients who arrived at `since` or later and have not left, by arrival and id.
  absl::StatusOr<std::vector<Visit>> ListWaiting(db::TenantTx& tx, absl::Time since,
                                                 absl::Time now) const;

  // Read with the next flush of `tx`; empty before that.
  std::shared_ptr<const std::vector<ColumnHead>> HeadsWithNext(db::TenantTx& tx,
                                                               DiaryGrouping grouping) const;
  // The parts of one hold follow one another.
  std::shared_ptr<const std::vector<HeldPart>> HoldsWithNext(db::TenantTx& tx,
                                                             const TimeRange& range,
                                                             absl::Time now) const;
};

}  // namespace clinicd::appointments
