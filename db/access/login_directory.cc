#include "db/access/login_directory.h"

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/base/try.h"
#include "db/access/db_errors.h"

namespace clinicd::db {

absl::Status LoginDirectory::Run(const Query& query, absl::Time deadline,
                                 const std::function<absl::Status(TenantTx&)>& work) {
  if (!query.global) {
    return status::Defect(absl::StrCat("query=", std::string(query.name), " needs a clinic"));
  }
  const auto attempt = [&](Worker& worker) -> absl::Status {
    CLINICD_ASSIGN_OR_RETURN(Connection * connection, worker.Acquire());
    TenantTx tx(*connection, {.deadline = deadline, .read_only = true});
    tx.CommitWithNext(nullptr);
    return work(tx);
  };
  absl::Status result;
  absl::Notification done;
  Pool::Job job;
  job.deadline = deadline;
  job.run = [&](absl::StatusOr<Worker*> worker, const std::shared_ptr<Canceller>&) {
    result = worker.ok() ? attempt(**worker) : worker.status();
    done.Notify();
  };
  if (!pool_.TrySubmit(std::move(job))) return ServerBusy();
  done.WaitForNotification();
  return result;
}

}  // namespace clinicd::db
