// Between the dispatcher, which knows gRPC and nothing of databases, and the database layer, which
// knows transactions and nothing of gRPC.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/call.h"

namespace clinicd::rpc {

// One admitted call waiting to be run. Owned by the transport; valid until Finish().
class CallTask {
 public:
  CallTask() = default;
  CallTask(const CallTask&) = delete;
  CallTask& operator=(const CallTask&) = delete;
  virtual ~CallTask() = default;

  const CallInfo& info() const { return info_; }

  // Runs the handler and keeps its response. May be called again after a failed transaction.
  virtual absl::Status Run(Call& call) = 0;
  // The response of the last Run(), as stored for replays: without secrets, which whatever reads
  // stored answers must not have.
  virtual std::string SerializedResponse() const = 0;
  // Takes a stored response instead of running.
  virtual absl::Status Restore(std::string_view serialized) = 0;
  // Answers the client. Called exactly once, last; the task may be gone when it returns.
  virtual void Finish(const absl::Status& status) = 0;

  // Sends `receipt` with the answer, if that is no error.
  void SetReceipt(std::string receipt) { receipt_ = std::move(receipt); }

  // Counts round trips to the database, for the metrics of the method.
  void AddRoundTrips(std::int64_t count) { round_trips_ += count; }

  // True once the client has gone.
  bool cancelled() const;
  // Has `hook` called when the client goes, at once if it has gone. An empty hook ends that; when
  // this returns, no hook is running.
  void SetCancelHook(std::function<void()> hook);

 protected:
  // To be called by the transport when the client goes.
  void NotifyCancelled();

  CallInfo info_;
  std::int64_t round_trips_ = 0;
  // Serialized; empty: none.
  std::string receipt_;

 private:
  mutable absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::function<void()> hook_ ABSL_GUARDED_BY(mutex_);
};

// Runs admitted calls in transactions.
class CallRunner {
 public:
  virtual ~CallRunner() = default;

  // Runs `task` in a transaction of its clinic on a thread that may block, with exactly-once and
  // audit as its method declares, and calls Finish(). Never blocks. When there is no room, finishes
  // with RESOURCE_EXHAUSTED (SERVER_BUSY) at once.
  virtual void Run(CallTask& task) = 0;

  // Records that `task` was refused for `reason` before any handler ran, then finishes it with
  // `refusal`.
  virtual void Refuse(CallTask& task, const absl::Status& refusal) = 0;
};

}  // namespace clinicd::rpc
