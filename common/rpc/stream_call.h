// One call that is answered with a stream: what happens around its handler, whatever the messages.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/rpc/call_runner.h"
#include "common/rpc/stream_driver.h"

namespace clinicd::rpc {

// The life of a stream: opened with a verdict; then reads and writes in turn, one message under
// way, a heartbeat when nothing happens; ended by the client, by the loss of rights, by age, or by
// the end of the server. All of it is done by Drive(); events from other threads leave a mark and
// wake the driver.
class StreamCall : public CallTask,
                   public DrivenStream,
                   public std::enable_shared_from_this<StreamCall> {
 public:
  struct Parts {
    CallRunner& runner;
    StreamDriver& driver;
    const Clock& clock;
  };

  explicit StreamCall(const Parts& parts) : parts_(parts) {}

  void Drive() final;

  // CallTask: one read of the stream, or the record of a refusal, has ended.
  void Finish(const absl::Status& status) final;
  // Reads are not stored.
  std::string SerializedResponse() const final { return {}; }
  absl::Status Restore(std::string_view serialized) final;

 protected:
  // Starts the life of a call that was let in (OK), or not. A status that leaves a trace is
  // recorded in the caller's clinic.
  void Begin(const absl::Status& opened, bool record_refusal);
  // To be called by the transport when a write has ended; false: the client has gone.
  void NoteWritten(bool ok);
  void NoteCancelled();
  // By which the driver knows the stream; set once, before Begin().
  void SetNumber(std::uint64_t number) { number_ = number; }
  std::uint64_t number() const { return number_; }
  absl::Time opened_at() const { return opened_at_; }

  // Whether the caller may still make the call. Not asked of calls that were refused.
  virtual absl::Status CheckRights(absl::Time now) = 0;
  // Starts to write the next message of the last read; false when there is none left.
  virtual bool WriteNext() = 0;
  // Forgets the messages that were not written.
  virtual void DropMessages() = 0;
  // Whether there is something to read.
  virtual bool ReadIsDue() = 0;
  // Makes the messages of the last read the next ones.
  virtual void AcceptRead() = 0;
  // Makes a heartbeat the next message.
  virtual absl::Status QueueHeartbeat(absl::Time now) = 0;
  // Sends the status of the call. Nothing is touched afterwards.
  virtual void End(const absl::Status& status) = 0;
  // Ends the call although a message is still under way.
  virtual void Cut() = 0;

 private:
  // Does one thing that is due; false: there is nothing to do before the next event.
  bool DriveOnce();
  // Sees whether the stream has to end, for whatever reason.
  void NoteEndings(absl::Time now);
  void SetEnding(const absl::Status& status, bool at_once, absl::Time now);
  // Waits for the message or read that is under way, but not for ever when the stream has to end.
  void WaitForEvent(absl::Time now);
  bool TakeReadResult(const absl::Status& result, absl::Time now);
  bool WriteOne(absl::Time now);
  // Ends the call, with a last heartbeat in front.
  bool EndInGoodOrder(absl::Time now);
  bool StartReadOrHeartbeat(absl::Time now);
  void StartRead(absl::Time now);
  void Finally(const absl::Status& status);

  const Parts parts_;
  std::uint64_t number_ = 0;
  // While a read, or the record of a refusal, is under way, which ends on a thread that does not
  // know whether the driver still has the stream.
  std::shared_ptr<StreamCall> under_way_;

  absl::Mutex mutex_;
  bool begun_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool gone_ ABSL_GUARDED_BY(mutex_) = false;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> read_result_ ABSL_GUARDED_BY(mutex_);

  // Of the driver's thread, once begun.
  absl::Time opened_at_;
  absl::Time last_sent_at_;
  absl::Time retry_at_ = absl::InfinitePast();
  // Since when nobody knows whether the caller still has the right.
  absl::Time rights_unknown_since_ = absl::InfiniteFuture();
  bool first_read_ = true;
  bool refused_ = false;
  bool finished_ = false;
  // How the stream ends; nullopt: not yet.
  std::optional<absl::Status> ending_;
  bool at_once_ = false;
  bool farewell_ = false;
  absl::Time ending_since_;
};

}  // namespace clinicd::rpc
