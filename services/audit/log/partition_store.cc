#include "services/audit/log/partition_store.h"

#include <string>
#include <vector>

#include "common/base/try.h"
#include "db/queries/audit_log.h"

namespace clinicd::audit {
namespace {

constexpr std::int32_t kMonthsAhead = 2;
constexpr absl::Duration kPatience = absl::Seconds(30);
// A month of many clinics is looked through before it goes.
// Events say when their transaction began, and a verifier takes them up to five minutes later
// (verifier.h).
constexpr absl::Duration kDropPatience = absl::Minutes(4);

std::int32_t ReadMade(const db::RowReader& row) { return row.Int32("made"); }
std::string ReadName(const db::RowReader& row) { return row.Text("name"); }
std::string ReadOutcome(const db::RowReader& row) { return row.Text("outcome"); }

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

absl::StatusOr<DroppedPartitions> DropOldPartitions(db::TransactionRunner& runner, absl::Time now) {
  std::vector<std::string> names;
  CLINICD_RETURN_IF_ERROR(
      runner.InClinic({.deadline = now + kPatience}, [&](db::TenantTx& tx) -> absl::Status {
        CLINICD_ASSIGN_OR_RETURN(names, tx.Many(sql::kListOldPartitions, {}, ReadName));
        return absl::OkStatus();
      }));
  DroppedPartitions all;
  for (const std::string& name : names) {
    std::string outcome;
    CLINICD_RETURN_IF_ERROR(
        runner.InClinic({.deadline = now + kDropPatience}, [&](db::TenantTx& tx) -> absl::Status {
          CLINICD_ASSIGN_OR_RETURN(
              outcome, tx.One(sql::kDropPartition, db::Params().Set("name", name), ReadOutcome));
          return absl::OkStatus();
        }));
    if (outcome == "dropped") ++all.dropped;
    if (outcome == "held") ++all.held;
    if (outcome == "unsealed") ++all.unsealed;
  }
  return all;
}

}  // namespace clinicd::audit
