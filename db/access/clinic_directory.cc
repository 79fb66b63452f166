#include "db/access/clinic_directory.h"

#include <memory>
#include <utility>

#include "absl/synchronization/notification.h"
#include "common/base/try.h"
#include "db/access/db_errors.h"
#include "db/access/tenant_tx.h"
#include "db/queries/runner.h"

namespace clinicd::db {
namespace {

ClinicId ReadClinicId(const RowReader& row) { return row.Id<ClinicId>("id"); }

}  // namespace

absl::StatusOr<std::vector<ClinicId>> ClinicDirectory::ListActive(ClinicId after,
                                                                  std::int32_t limit,
                                                                  absl::Time deadline) {
  using Clinics = std::vector<ClinicId>;
  const auto read = [&](Worker& worker) -> absl::StatusOr<Clinics> {
    CLINICD_ASSIGN_OR_RETURN(Connection * connection, worker.Acquire());
    TenantTx tx(*connection, {.deadline = deadline, .read_only = true});
    tx.CommitWithNext(nullptr);
    return tx.Many(sql::kListActiveClinics, Params().Set("after_id", after).Set("row_limit", limit),
                   ReadClinicId);
  };
  absl::StatusOr<Clinics> clinics = Clinics();
  absl::Notification done;
  Pool::Job job;
  job.deadline = deadline;
  job.run = [&](absl::StatusOr<Worker*> worker, const std::shared_ptr<Canceller>&) {
    clinics = worker.ok() ? read(**worker) : worker.status();
    done.Notify();
  };
  if (!pool_.TrySubmit(std::move(job))) return ServerBusy();
  done.WaitForNotification();
  return clinics;
}

}  // namespace clinicd::db
