// Streams that go on where they ended.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/support/async_stream.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "clinicd/sdk/session.h"

namespace clinicd::sdk {

struct WatchOptions {
  // A stream that says nothing for so long, not even a heartbeat, is given up and opened again.
  absl::Duration silence_max = absl::Seconds(45);
  // Streams that may fail one behind the other without an event between them; 0: any number.
  int failures_max = 0;
  // Asked about ten times a second; true ends the watch with OK.
  std::function<bool()> should_stop = [] { return false; };
  // Told why a stream ended, before the next is opened.
  std::function<void(const absl::Status&)> on_disconnect = [](const absl::Status&) {};
};

namespace internal {

// What one stream is told, and what it tells.
struct StreamRun {
  std::string resume_token = {};
  bool had_event = false;
  bool stopped = false;
};

// Opens streams one behind the other. `run` works one to its end and returns how it ended.
absl::Status Watch(Session& session, const WatchOptions& options,
                   const std::function<absl::Status(grpc::ClientContext&, StreamRun&)>& run);

// Waits for the one operation under way. kEnded: the stream has no further message.
enum class Waited { kDone, kEnded, kSilent, kStopped };
Waited Await(grpc::CompletionQueue& queue, const WatchOptions& options);

// Waits for an operation that has been cancelled.
void Drain(grpc::CompletionQueue& queue);

// Ends a queue that has no operation under way.
void Close(grpc::CompletionQueue& queue);

}  // namespace internal

// Watches with `method`, an event a call of `each`, in this thread, until `each` returns false, it
// is told to stop, or the server refuses for good, which is the error returned:
//   Watch(session, *stub, &AppointmentService::Stub::PrepareAsyncWatchDay, request, on_event);
// A stream that breaks, ends, or falls silent is opened again with the latest `resume_token`, at
// once the first time and then with the waits of the session's retry policy. An event may come
// twice. The token is taken when `each` has returned.
template <typename Stub, typename Request, typename Event, typename Each>
absl::Status Watch(Session& session, Stub& stub,
                   std::unique_ptr<grpc::ClientAsyncReader<Event>> (Stub::*method)(
                       grpc::ClientContext*, const Request&, grpc::CompletionQueue*),
                   const Request& request, Each each, const WatchOptions& options = {}) {
  return internal::Watch(
      session, options, [&](grpc::ClientContext& context, internal::StreamRun& run) {
        Request sent = request;
        sent.set_resume_token(run.resume_token);
        grpc::CompletionQueue queue;
        const auto reader = (stub.*method)(&context, sent, &queue);
        reader->StartCall(nullptr);
        internal::Waited waited = internal::Await(queue, options);
        Event event;
        while (waited == internal::Waited::kDone) {
          reader->Read(&event, nullptr);
          waited = internal::Await(queue, options);
          if (waited != internal::Waited::kDone) break;
          run.had_event = true;
          if (!each(std::as_const(event))) {
            run.stopped = true;
            break;
          }
          if (!event.resume_token().empty()) run.resume_token = event.resume_token();
        }
        if (waited == internal::Waited::kStopped) run.stopped = true;
        if (waited != internal::Waited::kEnded) context.TryCancel();
        if (waited == internal::Waited::kSilent || waited == internal::Waited::kStopped) {
          internal::Drain(queue);
        }
        grpc::Status status;
        reader->Finish(&status, nullptr);
        internal::Drain(queue);
        internal::Close(queue);
        if (waited == internal::Waited::kSilent) {
          return absl::UnavailableError("The server has said nothing for too long.");
        }
        return StatusOf(status);
      });
}

}  // namespace clinicd::sdk
