// What a handler gives for a call that is answered with a stream of messages.
#pragma once

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"

namespace clinicd::rpc {

// Has the stream looked at soon. Never blocks; harmless after the end of the stream.
using Wake = std::function<void()>;

// The messages of one stream, as they become due. Nothing is called while Read() runs; Sent()
// follows each Read() whose transaction was committed.
template <typename Response>
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  // Whether there is something to read. Never blocks.
  virtual bool Due() const = 0;
  // Reads the messages that are due, in a transaction of the caller's clinic and under their rights
  // as they are now; a bounded number. Leaves the trace that the method declares, as a unary
  // handler does. May be called again when its transaction has failed.
  virtual absl::StatusOr<std::vector<Response>> Read(Call& call) = 0;
  // The messages of the last Read() are on their way.
  virtual void Sent() = 0;
  // A message which says that the stream is alive and, where that is so, complete. An error ends
  // the stream.
  virtual absl::StatusOr<Response> Heartbeat(absl::Time now) = 0;
};

}  // namespace clinicd::rpc
