#include "services/audit/log/partition_store.h"

#include "common/base/try.h"
#include "db/queries/audit_log.h"

namespace clinicd::audit {
namespace {

constexpr std::int32_t kMonthsAhead = 2;
constexpr absl::Duration kPatience = absl::Seconds(30);

std::int32_t ReadMade(const db::RowReader& row) { return row.Int32("made"); }

}  // namespace

absl::StatusOr<std::int32_t> MakePartitions(db::TransactionRunner& runner, absl::Time now) {
  std::int32_t made = 0;
  CLINICD_RETURN_IF_ERROR(
      runner.InClinic({.deadline = now + kPatience}, [&](db::TenantTx& tx) -> absl::Status {
        CLINICD_ASSIGN_OR_RETURN(
            made, tx.One(sql::kCreatePartitions, db::Params().Set("months_ahead", kMonthsAhead),
                         ReadMade));
        return absl::OkStatus();
      }));
  return made;
}

}  // namespace clinicd::audit
