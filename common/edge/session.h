// One connection's protocol, HTTP/1.1 or HTTP/2, without its socket: bytes in, bytes out, time
// told.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/edge/answer_headers.h"
#include "common/edge/byte_budget.h"
#include "common/edge/counters.h"
#include "common/edge/http.h"
#include "common/edge/limits.h"

namespace clinicd::edge {

// What a session needs of the connection that it speaks on.
class Wire {
 public:
  virtual ~Wire() = default;

  virtual const Peer& peer() const = 0;
  // There is something to write, or more to read. Acted upon soon, never within this call.
  virtual void Wake() = 0;
  virtual HttpStream::Poster poster() const = 0;
};

// What sessions share; outlives them.
struct SessionParts {
  const EdgeLimits& limits;
  const Router& router;
  ByteBudget& budget;
  AnswerHeaders& headers;
  EdgeCounters& counters;
};

// Lives on one thread. `now` is monotonic.
class Session {
 public:
  virtual ~Session() = default;

  // Takes what came. To be called only while wants_input().
  virtual void Receive(std::string_view bytes, absl::Time now) = 0;
  // Whether it can use bytes now; when it could not and can again, it wakes the wire.
  virtual bool wants_input() const = 0;
  // Appends what is to be sent to `out`, some dozens of KiB at most; nothing when there is nothing.
  virtual void TakeOutput(std::string& out, absl::Time now) = 0;
  // All that was taken is with the kernel.
  virtual void OnFlushed() = 0;
  // The connection is gone, or about to be. Last call before the destructor.
  virtual void OnLost() = 0;
  // Nothing will be received or sent any more, except what is left to take.
  virtual bool finished() const = 0;
  // Lets requests under way end and takes no more.
  virtual void Drain(absl::Time now) = 0;
  // What the client took too long for; nothing when it is in time.
  virtual std::optional<Cut> Overdue(absl::Time now) = 0;
  // Why the session gave the client up by itself, if it did.
  virtual std::optional<Cut> cut() const = 0;
};

}  // namespace clinicd::edge
