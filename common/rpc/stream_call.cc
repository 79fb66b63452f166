#include "common/rpc/stream_call.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/status/error.h"

namespace clinicd::rpc {
namespace {

using status::ErrorReason;

// How long a message may still take when the stream has to end: at once, or in good order.
constexpr absl::Duration kCutAfter = absl::Milliseconds(500);
constexpr absl::Duration kCutAfterInGoodOrder = absl::Seconds(5);
// How long a stream may go without anybody knowing whether the caller still has the right; nothing
// is sent meanwhile.
constexpr absl::Duration kRightsUnknownMax = absl::Seconds(10);
constexpr absl::Duration kRetryReadAfter = absl::Seconds(1);

absl::Status ShuttingDown() {
  return status::Error(absl::StatusCode::kUnavailable, ErrorReason::SHUTTING_DOWN,
                       "The server is shutting down; connect again.")
      .RetryAfter(absl::Seconds(1));
}

absl::Status CallCancelled() {
  return status::Error(absl::StatusCode::kCancelled, ErrorReason::CALL_CANCELLED,
                       "The client ended the call.");
}

// Trouble that passes while the stream waits.
bool IsPassing(const absl::Status& status) {
  const ErrorReason reason = status::ReasonOf(status);
  return reason == ErrorReason::SERVER_BUSY || reason == ErrorReason::CONFLICT_RETRY ||
         reason == ErrorReason::DEADLINE_PASSED;
}

}  // namespace

void StreamCall::Begin(const absl::Status& opened, bool record_refusal) {
  opened_at_ = info_.start;
  last_sent_at_ = info_.start;
  refused_ = !opened.ok();
  const bool record = refused_ && record_refusal;
  {
    const absl::MutexLock lock(&mutex_);
    begun_ = true;
    reading_ = record;
    if (refused_ && !record) read_result_ = opened;
  }
  if (!record) return parts_.driver.Wake(number_);
  under_way_ = shared_from_this();
  parts_.runner.Refuse(*this, opened);
}

void StreamCall::Finish(const absl::Status& status) {
  const std::shared_ptr<StreamCall> keep = std::move(under_way_);
  {
    const absl::MutexLock lock(&mutex_);
    reading_ = false;
    read_result_ = status;
  }
  parts_.driver.Wake(number_);
}

absl::Status StreamCall::Restore(std::string_view) {
  return status::Defect("an answer was stored for a stream");
}

void StreamCall::NoteWritten(bool ok) {
  {
    const absl::MutexLock lock(&mutex_);
    writing_ = false;
    gone_ |= !ok;
  }
  parts_.driver.Wake(number_);
}

void StreamCall::NoteCancelled() {
  {
    const absl::MutexLock lock(&mutex_);
    gone_ = true;
  }
  NotifyCancelled();
  parts_.driver.Wake(number_);
}

void StreamCall::Drive() {
  while (DriveOnce()) {
  }
}

bool StreamCall::DriveOnce() {
  if (finished_) return false;
  const absl::Time now = parts_.clock.Now();
  bool busy = false;
  bool gone = false;
  std::optional<absl::Status> result;
  {
    const absl::MutexLock lock(&mutex_);
    if (!begun_) return false;
    busy = reading_ || writing_;
    gone = gone_;
    if (!busy) std::swap(result, read_result_);
  }
  if (!refused_) NoteEndings(now);
  if (busy) {
    WaitForEvent(now);
    return false;
  }
  if (result) return TakeReadResult(*result, now);
  if (gone) {
    Finally(CallCancelled());
    return false;
  }
  if (ending_ && at_once_) {
    Finally(*ending_);
    return false;
  }
  if (WriteOne(now)) return false;
  return ending_ ? EndInGoodOrder(now) : StartReadOrHeartbeat(now);
}

void StreamCall::NoteEndings(absl::Time now) {
  const absl::Status rights = CheckRights(now);
  if (rights.ok()) {
    rights_unknown_since_ = absl::InfiniteFuture();
  } else if (rights.code() == absl::StatusCode::kUnavailable) {
    rights_unknown_since_ = std::min(rights_unknown_since_, now);
    if (now - rights_unknown_since_ > kRightsUnknownMax) SetEnding(rights, /*at_once=*/true, now);
  } else {
    SetEnding(rights, /*at_once=*/true, now);
  }
  if (parts_.driver.draining()) SetEnding(ShuttingDown(), /*at_once=*/false, now);
  if (now - opened_at_ >= parts_.driver.options().age_max) {
    SetEnding(absl::OkStatus(), /*at_once=*/false, now);
  }
}

void StreamCall::SetEnding(const absl::Status& status, bool at_once, absl::Time now) {
  // The first reason stands, but the loss of rights waits for nothing.
  if (ending_ && (at_once_ || !at_once)) return;
  ending_ = status;
  at_once_ = at_once;
  ending_since_ = now;
  if (!at_once) return;
  DropMessages();
  NotifyCancelled();
}

void StreamCall::WaitForEvent(absl::Time now) {
  if (!ending_) return;
  if (now - ending_since_ > (at_once_ ? kCutAfter : kCutAfterInGoodOrder)) Cut();
}

bool StreamCall::TakeReadResult(const absl::Status& result, absl::Time now) {
  if (refused_) {
    Finally(result);
    return false;
  }
  parts_.driver.EndRead();
  if (ending_ && at_once_) return true;
  if (result.ok()) {
    first_read_ = false;
    AcceptRead();
    return true;
  }
  if (first_read_ || !IsPassing(result)) {
    Finally(result);
    return false;
  }
  retry_at_ = now + kRetryReadAfter;
  return true;
}

bool StreamCall::WriteOne(absl::Time now) {
  {
    const absl::MutexLock lock(&mutex_);
    writing_ = true;
  }
  if (WriteNext()) {
    last_sent_at_ = now;
    return true;
  }
  const absl::MutexLock lock(&mutex_);
  writing_ = false;
  return false;
}

bool StreamCall::EndInGoodOrder(absl::Time now) {
  // Before the first message there is nothing to go on from.
  if (!farewell_ && !first_read_) {
    farewell_ = true;
    if (QueueHeartbeat(now).ok()) return true;
  }
  Finally(*ending_);
  return false;
}

bool StreamCall::StartReadOrHeartbeat(absl::Time now) {
  if (rights_unknown_since_ != absl::InfiniteFuture()) return false;
  if (ReadIsDue()) {
    if (now >= retry_at_ && parts_.driver.TryBeginRead(number_)) StartRead(now);
    return false;
  }
  if (now - last_sent_at_ < parts_.driver.options().heartbeat_every) return false;
  const absl::Status queued = QueueHeartbeat(now);
  if (!queued.ok()) Finally(queued);
  return queued.ok();
}

void StreamCall::StartRead(absl::Time now) {
  info_.start = now;
  info_.deadline = now + info_.method->deadline_max;
  {
    const absl::MutexLock lock(&mutex_);
    reading_ = true;
  }
  under_way_ = shared_from_this();
  parts_.runner.Run(*this);
}

void StreamCall::Finally(const absl::Status& status) {
  finished_ = true;
  End(status);
}

}  // namespace clinicd::rpc
