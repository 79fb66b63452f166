#include "db/access/transaction_runner.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/base/try.h"
#include "db/access/db_errors.h"
#include "db/queries/runner.h"

namespace clinicd::db {
namespace {

using status::ErrorReason;

constexpr int kAttemptsMax = 4;
constexpr absl::Duration kAnswersKept = absl::Hours(72);
constexpr absl::Duration kChangesKept = absl::Hours(24);
constexpr absl::Duration kPurgeEvery = absl::Hours(1);
constexpr std::int64_t kPurgedAtOnce = 1000;

absl::Status RequestIdReused(std::string_view method) {
  return status::Error(absl::StatusCode::kInvalidArgument, ErrorReason::REQUEST_ID_REUSED,
                       "This request id came before with another request; use a new one.")
      .With("method", method);
}

// The parts of an advisory lock key, the clinic's first (one lock space serves all clinics).
std::int32_t LockKey(const Uuid& uuid) {
  std::uint32_t key = 0;
  for (const std::uint8_t byte : uuid.bytes()) key = key * 16777619U ^ byte;
  return static_cast<std::int32_t>(key);
}

// Whether a failed call of `method` leaves an audit row: what was refused for reasons of rights or
// of the records themselves does; malformed requests and trouble of the server do not.
bool LeavesFailureRow(const rpc::MethodInfo& method, const absl::Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kPermissionDenied:
      return true;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
      return method.audit != options::v1::AUDIT_LEVEL_NONE ||
             status::ReasonOf(error) == ErrorReason::STEP_UP_REQUIRED;
    case absl::StatusCode::kAborted:
      return status::ReasonOf(error) == ErrorReason::ETAG_MISMATCH;
    default:
      return false;
  }
}

// What an event of a call says whatever became of it. Views into both.
AuditRow RowOf(const rpc::CallInfo& info, const rpc::AuditSubject& subject) {
  return {.category = info.method->audit_category,
          .action = info.method->audit_action,
          .method = info.method->full_name,
          .actor = info.identity.user,
          .session = info.identity.session,
          .entity_type = subject.entity_type,
          .entity_id = subject.entity_id,
          .entity_version = subject.entity_version,
          .patient = subject.patient,
          .changed_fields = subject.changed_fields,
          .before_json = subject.before_json,
          .after_json = subject.after_json,
          .client_address = info.client_address,
          .user_agent = info.user_agent};
}

}  // namespace

struct TransactionRunner::StoredAnswer {
  std::string method;
  std::string request_hash;
  std::string response;
  // Absent in answers of releases that did not keep it.
  std::optional<Uuid> event;
};

void DeferChange(TenantTx& tx, const Uuid& id, const rpc::Change& change) {
  tx.Defer(sql::kInsertChange, Params()
                                   .Set("id", id)
                                   .Set("entity_type", change.entity_type)
                                   .Set("entity_id", change.entity_id)
                                   .Set("row_version", change.row_version)
                                   .Set("was_on", change.was_on)
                                   .Set("is_on", change.is_on));
}

TransactionRunner::TransactionRunner(Pool& pool, const Clock& clock, const IdSource& ids,
                                     Options options)
    : pool_(pool), clock_(clock), ids_(ids), options_(std::move(options)), audit_(options_.audit) {}

TenantScope TransactionRunner::ScopeOf(const rpc::CallInfo& info) const {
  const bool durable = info.method->mutates || options_.strict_reads;
  return {
      .clinic = info.identity.clinic,
      .user = info.identity.user,
      .purpose = "",
      .deadline = info.deadline,
      .durability = durable ? Durability::kDisk : Durability::kRelaxed,
      .read_only = !info.method->mutates && info.method->audit == options::v1::AUDIT_LEVEL_NONE};
}

Uuid TransactionRunner::DeferCallRow(TenantTx& tx, const rpc::CallInfo& info,
                                     const rpc::AuditSubject& subject,
                                     std::string_view outcome) const {
  const std::string request_id = info.request_id.is_nil() ? "" : info.request_id.ToString();
  const std::string role_names = options_.role_names(info.identity.roles);
  AuditRow row = RowOf(info, subject);
  row.outcome = outcome;
  row.actor_roles = role_names;
  row.request_id = request_id;
  const Uuid event = ids_.NewUuid();
  audit_.Defer(tx, event, clock_.Now(), row);
  return event;
}

void TransactionRunner::DeferReceipt(rpc::CallTask& task, TenantTx& tx, const Uuid& event) const {
  if (!task.info().wants_receipt) return;
  options_.defer_receipt(tx, event,
                         [&task](std::string receipt) { task.SetReceipt(std::move(receipt)); });
}

void TransactionRunner::DeferAccessRow(TenantTx& tx, const rpc::Call& call) const {
  if (!options_.access_rows) return;
  const rpc::CallInfo& info = call.info();
  if (!call.single_entity_access()) {
    DeferCallRow(tx, info, *call.audit_subject(), "OK");
    return;
  }
  const std::string role_names = options_.role_names(info.identity.roles);
  AuditRow row = RowOf(info, *call.audit_subject());
  row.actor_roles = role_names;
  audit_.DeferAccess(tx, ids_.NewUuid(), clock_.Now(), row);
}

absl::Status TransactionRunner::RunRead(rpc::CallTask& task, Connection& connection) {
  const rpc::CallInfo& info = task.info();
  const bool traced = info.method->audit == options::v1::AUDIT_LEVEL_ACCESS;
  TenantTx tx(connection, ScopeOf(info));
  rpc::Call call(
      info, ids_, tx,
      [&] {
        tx.CommitWithNext([&](TenantTx& last) {
          if (traced && call.audit_subject()) DeferAccessRow(last, call);
        });
      },
      [](const rpc::ExpectedChange&) {});
  absl::Status status = task.Run(call);
  if (traced && status.ok() && !call.audit_subject()) {
    return status::Defect("a read named no audit subject");
  }
  if (tx.committed()) return status;
  if (!status.ok()) {
    CLINICD_RETURN_IF_ERROR(RollBackAndRecord(tx, call, status, connection));
    return status;
  }
  if (traced) DeferAccessRow(tx, call);
  return tx.Commit();
}

absl::Status TransactionRunner::RunMutation(rpc::CallTask& task, Connection& connection) {
  const rpc::CallInfo& info = task.info();
  std::optional<StoredAnswer> stored;
  TenantTx tx(connection, ScopeOf(info));
  tx.Precede(sql::kLockIdempotencyKey,
             Params()
                 .Set("clinic_key", LockKey(info.identity.clinic.uuid()))
                 .Set("request_key", LockKey(info.request_id)),
             nullptr);
  tx.Precede(sql::kFindIdempotencyKey,
             Params().Set("membership_id", info.identity.user).Set("request_id", info.request_id),
             [&](const RowReader* row) {
               if (row != nullptr) {
                 stored = StoredAnswer{row->Text("method"), row->BytesValue("request_hash"),
                                       row->BytesValue("response"), row->OptionalUuid("event_id")};
               }
               return row == nullptr;
             });
  rpc::Call call(
      info, ids_, tx, [] {},
      [&](const rpc::ExpectedChange& expected) {
        if (options_.audit.sealer != nullptr) options_.audit.sealer->Expect(tx, expected);
      });
  absl::Status status = task.Run(call);
  if (status.ok() && !stored) {
    if (!call.audit_subject()) return status::Defect("a mutation named no audit subject");
    const Uuid event = DeferCallRow(tx, info, *call.audit_subject(), "OK");
    for (const rpc::Change& change : call.changes()) DeferChange(tx, ids_.NewUuid(), change);
    const std::string answer = task.SerializedResponse();
    tx.Defer(sql::kInsertIdempotencyKey, Params()
                                             .Set("membership_id", info.identity.user)
                                             .Set("request_id", info.request_id)
                                             .Set("method", info.method->full_name)
                                             .Set("request_hash", Bytes{info.request_hash})
                                             .Set("response", Bytes{answer})
                                             .Set("event_id", event));
    DeferReceipt(task, tx, event);
    status = tx.Commit();
  }
  if (status.ok() && !stored) return status;
  if (stored) {
    tx.Rollback();
    return Repeat(task, *stored, connection);
  }
  CLINICD_RETURN_IF_ERROR(RollBackAndRecord(tx, call, status, connection));
  return status;
}

absl::Status TransactionRunner::Repeat(rpc::CallTask& task, const StoredAnswer& stored,
                                       Connection& connection) const {
  const rpc::CallInfo& info = task.info();
  if (stored.request_hash != info.request_hash || stored.method != info.method->full_name) {
    return RequestIdReused(stored.method);
  }
  if (info.wants_receipt && stored.event) {
    TenantTx tx(connection, ScopeOf(info));
    DeferReceipt(task, tx, *stored.event);
    CLINICD_RETURN_IF_ERROR(tx.Commit());
  }
  return task.Restore(stored.response);
}

absl::Status TransactionRunner::RecordFailure(const rpc::CallInfo& info, const rpc::Call* call,
                                              const absl::Status& error,
                                              Connection& connection) const {
  if (!LeavesFailureRow(*info.method, error)) return absl::OkStatus();
  const bool keeps = call != nullptr && call->keep_on_failure() != nullptr;
  TenantScope scope = ScopeOf(info);
  scope.durability = options_.strict_reads || keeps ? Durability::kDisk : Durability::kRelaxed;
  scope.read_only = false;
  TenantTx tx(connection, scope);
  rpc::AuditSubject refused;
  if (call != nullptr && call->audit_subject()) refused = *call->audit_subject();
  // Nothing was changed, whatever the handler had prepared.
  refused.entity_version.reset();
  refused.changed_fields.clear();
  refused.before_json.clear();
  refused.after_json.clear();
  if (keeps) call->keep_on_failure()(tx);
  DeferCallRow(tx, info, refused, type::v1::ErrorReason_Name(status::ReasonOf(error)));
  return tx.Commit();
}

absl::Status TransactionRunner::RollBackAndRecord(TenantTx& tx, const rpc::Call& call,
                                                  const absl::Status& error,
                                                  Connection& connection) const {
  if (!LeavesFailureRow(*call.info().method, error)) {
    tx.Rollback();
    return absl::OkStatus();
  }
  tx.RollbackWithNext();
  return RecordFailure(call.info(), &call, error, connection);
}

absl::Status TransactionRunner::RunOnce(rpc::CallTask& task, Connection& connection) {
  const std::int64_t before = connection.round_trips();
  absl::Status status =
      task.info().method->mutates ? RunMutation(task, connection) : RunRead(task, connection);
  task.AddRoundTrips(connection.round_trips() - before);
  return status;
}

absl::Status TransactionRunner::RunOnWorker(rpc::CallTask& task, Worker& worker,
                                            Canceller& canceller) {
  task.SetCancelHook([&canceller] { canceller.Cancel(); });
  absl::Status status = DeadlinePassed();
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    if (task.cancelled()) status = CallCancelled();
    if (task.cancelled() || clock_.Now() >= task.info().deadline) break;
    const absl::StatusOr<Connection*> connection = worker.Acquire();
    if (!connection.ok()) {
      status = connection.status();
      break;
    }
    status = RunOnce(task, **connection);
    if (!WorthRetrying(status)) break;
  }
  task.SetCancelHook(nullptr);
  // The server reports a cancelled statement like one that ran out of time.
  if (task.cancelled() && status::ReasonOf(status) == ErrorReason::DEADLINE_PASSED) {
    return CallCancelled();
  }
  return status;
}

void TransactionRunner::Run(rpc::CallTask& task) {
  Pool::Job job;
  job.clinic = task.info().identity.clinic;
  job.deadline = task.info().deadline;
  job.run = [this, &task](absl::StatusOr<Worker*> worker,
                          const std::shared_ptr<Canceller>& canceller) {
    if (!worker.ok()) return task.Finish(worker.status());
    const ClinicId clinic = task.info().identity.clinic;
    const bool mutates = task.info().method->mutates;
    task.Finish(RunOnWorker(task, **worker, *canceller));
    // The client has its answer and does not wait for this.
    if (mutates) PurgeExpired(clinic, **worker);
  };
  if (!pool_.TrySubmit(std::move(job))) task.Finish(ServerBusy());
}

bool TransactionRunner::PurgeIsDue(const ClinicId& clinic) {
  const absl::Time now = clock_.Now();
  const absl::MutexLock lock(&purge_mutex_);
  absl::Time& last = purged_at_.try_emplace(clinic, absl::InfinitePast()).first->second;
  if (now - last < kPurgeEvery) return false;
  last = now;
  return true;
}

void TransactionRunner::ForgetPurge(const ClinicId& clinic) {
  const absl::MutexLock lock(&purge_mutex_);
  purged_at_.erase(clinic);
}

void TransactionRunner::PurgeExpired(const ClinicId& clinic, Worker& worker) {
  if (!PurgeIsDue(clinic)) return;
  const absl::Time now = clock_.Now();
  const absl::StatusOr<Connection*> connection = worker.Acquire();
  if (!connection.ok()) return;
  TenantTx tx(
      **connection,
      {.clinic = clinic, .deadline = now + absl::Seconds(5), .durability = Durability::kRelaxed});
  tx.CommitWithNext([now](TenantTx& last) {
    last.Defer(sql::kDeleteExpiredChanges, Params().Set("created_before", now - kChangesKept));
  });
  const absl::StatusOr<std::int64_t> deleted = tx.Execute(
      sql::kDeleteExpiredIdempotencyKeys,
      Params().Set("created_before", now - kAnswersKept).Set("row_limit", kPurgedAtOnce));
  // What fails now is done an hour later; what was too much for once, after the next change.
  if (deleted.ok() && *deleted == kPurgedAtOnce) ForgetPurge(clinic);
}

void TransactionRunner::Refuse(rpc::CallTask& task, const absl::Status& refusal) {
  Pool::Job job;
  job.clinic = task.info().identity.clinic;
  job.deadline = task.info().deadline;
  job.run = [this, &task, refusal](absl::StatusOr<Worker*> worker,
                                   const std::shared_ptr<Canceller>&) {
    if (!worker.ok()) return task.Finish(worker.status());
    absl::StatusOr<Connection*> connection = (*worker)->Acquire();
    if (!connection.ok()) return task.Finish(connection.status());
    const absl::Status recorded = RecordFailure(task.info(), nullptr, refusal, **connection);
    task.Finish(recorded.ok() ? refusal : recorded);
  };
  if (!pool_.TrySubmit(std::move(job))) task.Finish(ServerBusy());
}

absl::Status TransactionRunner::InClinic(const TenantScope& scope,
                                         const std::function<absl::Status(TenantTx&)>& work,
                                         bool commit_on_error) {
  absl::Status result;
  absl::Notification done;
  const auto attempt = [&](Worker& worker) -> absl::Status {
    CLINICD_ASSIGN_OR_RETURN(Connection * connection, worker.Acquire());
    TenantTx tx(*connection, scope);
    absl::Status status = work(tx);
    if (!status.ok() && (!commit_on_error || tx.failed())) return status;
    CLINICD_RETURN_IF_ERROR(tx.Commit());
    return status;
  };
  Pool::Job job;
  job.clinic = scope.clinic;
  job.deadline = scope.deadline;
  job.run = [&](absl::StatusOr<Worker*> worker, const std::shared_ptr<Canceller>&) {
    result = worker.status();
    for (int i = 0; worker.ok() && i < kAttemptsMax; ++i) {
      result = attempt(**worker);
      if (!WorthRetrying(result)) break;
    }
    done.Notify();
  };
  if (!pool_.TrySubmit(std::move(job))) return ServerBusy();
  done.WaitForNotification();
  return result;
}

}  // namespace clinicd::db
