// Runs calls in transactions: exactly once, audited, retried where that is safe.
#pragma once

#include <functional>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/base/ids.h"
#include "common/rpc/call_runner.h"
#include "db/access/audit_writer.h"
#include "db/access/pool.h"
#include "db/access/tenant_tx.h"

namespace clinicd::db {

// Sends what tells watchers of a change with the next flush of `tx`, where no call announces it.
void DeferChange(TenantTx& tx, const Uuid& id, const rpc::Change& change);

class TransactionRunner final : public rpc::CallRunner {
 public:
  struct Options {
    // Names the roles of a caller for audit rows, separated by commas.
    std::function<std::string(auth::RoleSet)> role_names;
    // Access rows wait for the disk as well.
    bool strict_reads = false;
    // Access rows are written; off only to measure what they cost.
    bool access_rows = true;
    AuditWriter::Options audit = {};
    // Has `take` called with the receipt of an event, serialized, in the next flush of `tx`.
    std::function<void(TenantTx& tx, const Uuid& event, std::function<void(std::string)> take)>
        defer_receipt = {};
  };

  TransactionRunner(Pool& pool, const Clock& clock, const IdSource& ids, Options options);

  void Run(rpc::CallTask& task) override;
  void Refuse(rpc::CallTask& task, const absl::Status& refusal) override;

  // For events of what is done outside calls, in the transactions of InClinic().
  const AuditWriter& audit() const { return audit_; }

  // Runs `work` in a transaction of its own on a worker and waits for it; for threads that may
  // block and are not workers. Commits when `work` returns OK or `commit_on_error` says so.
  // Runs it again where the database asks for that.
  absl::Status InClinic(const TenantScope& scope,
                        const std::function<absl::Status(TenantTx&)>& work,
                        bool commit_on_error = false);

 private:
  struct StoredAnswer;

  absl::Status RunOnWorker(rpc::CallTask& task, Worker& worker, Canceller& canceller);
  absl::Status RunOnce(rpc::CallTask& task, Connection& connection);
  absl::Status RunRead(rpc::CallTask& task, Connection& connection);
  absl::Status RunMutation(rpc::CallTask& task, Connection& connection);
  TenantScope ScopeOf(const rpc::CallInfo& info) const;
  void DeferAccessRow(TenantTx& tx, const rpc::Call& call) const;
  // The id of the event.
  Uuid DeferCallRow(TenantTx& tx, const rpc::CallInfo& info, const rpc::AuditSubject& subject,
                    std::string_view outcome) const;
  // Has the answer of a mutation carry the receipt of its event, where the caller wants one.
  void DeferReceipt(rpc::CallTask& task, TenantTx& tx, const Uuid& event) const;
  // Answers a repetition as the first call was answered.
  absl::Status Repeat(rpc::CallTask& task, const StoredAnswer& stored,
                      Connection& connection) const;
  // Writes the row of a call that failed with `error`, where its method leaves one, and what its
  // handler wants kept. `call` is null when no handler ran.
  absl::Status RecordFailure(const rpc::CallInfo& info, const rpc::Call* call,
                             const absl::Status& error, Connection& connection) const;

  // The same for a call whose transaction is not to be kept.
  absl::Status RollBackAndRecord(TenantTx& tx, const rpc::Call& call, const absl::Status& error,
                                 Connection& connection) const;

  // Deletes answers of `clinic` that are older than 72 hours and changes that are older than 24,
  // once an hour, and after each change as long as there are too many for once.
  void PurgeExpired(const ClinicId& clinic, Worker& worker);
  bool PurgeIsDue(const ClinicId& clinic);
  void ForgetPurge(const ClinicId& clinic);

  Pool& pool_;
  const Clock& clock_;
  const IdSource& ids_;
  const Options options_;
  const AuditWriter audit_;
  absl::Mutex purge_mutex_;
  absl::flat_hash_map<ClinicId, absl::Time> purged_at_ ABSL_GUARDED_BY(purge_mutex_);
};

}  // namespace clinicd::db
