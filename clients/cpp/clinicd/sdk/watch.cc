#include "clinicd/sdk/watch.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace clinicd::sdk::internal {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(100);

// Waits in steps, so that a watch that is told to stop does so.
void WaitUnlessStopped(absl::Duration wait, const Timing& timing, const WatchOptions& options) {
  while (wait > absl::ZeroDuration() && !options.should_stop()) {
    const absl::Duration step = std::min(wait, kPoll);
    timing.sleep(step);
    wait -= step;
  }
}

// What is known across the streams of a watch.
struct State {
  StreamRun run = {};
  // In a row, without an event.
  int failures = 0;
  bool refreshed = false;
};

// How the watch ends after a stream that ended with `status`; nothing if another may be opened, as
// soon as this returns.
std::optional<absl::Status> Recover(Session& session, const WatchOptions& options,
                                    const std::string& token, absl::Status status, State& state) {
  if (WantsRefresh(status) && !state.refreshed) {
    status = session.Refresh(token);
    state.refreshed = status.ok();
    if (status.ok()) return std::nullopt;
  }
  if (ReasonOf(status) == type::v1::RESUME_TOKEN_INVALID && !state.run.resume_token.empty()) {
    state.run.resume_token.clear();
    return std::nullopt;
  }
  if (!status.ok() && !MayPass(status)) return status;
  ++state.failures;
  if (options.failures_max > 0 && state.failures > options.failures_max) {
    return status.ok() ? absl::UnavailableError("The server ends every stream at once.") : status;
  }
  if (state.failures > 1) {
    const RetryPolicy& policy = session.options().retry;
    WaitUnlessStopped(std::min(WaitBehind(policy, state.failures - 1, status), policy.backoff_max),
                      session.options().timing, options);
  }
  return std::nullopt;
}

// Opens one stream and works it to its end.
absl::Status RunOnce(const std::string& token,
                     const std::function<absl::Status(grpc::ClientContext&, StreamRun&)>& run,
                     State& state) {
  grpc::ClientContext context;
  Session::Authorize(context, token);
  state.run.had_event = false;
  absl::Status status = run(context, state.run);
  if (state.run.had_event) {
    state.failures = 0;
    state.refreshed = false;
  }
  return status;
}

}  // namespace

absl::Status Watch(Session& session, const WatchOptions& options,
                   const std::function<absl::Status(grpc::ClientContext&, StreamRun&)>& run) {
  State state;
  while (!options.should_stop()) {
    const absl::StatusOr<std::string> token = session.AccessToken();
    absl::Status status = token.status();
    if (token.ok()) status = RunOnce(*token, run, state);
    if (state.run.stopped) return absl::OkStatus();
    options.on_disconnect(status);
    const std::optional<absl::Status> end =
        Recover(session, options, token.ok() ? *token : std::string(), std::move(status), state);
    if (end) return *end;
  }
  return absl::OkStatus();
}

Waited Await(grpc::CompletionQueue& queue, const WatchOptions& options) {
  const absl::Time silent_at = absl::Now() + options.silence_max;
  for (;;) {
    void* tag = nullptr;
    bool ok = false;
    const auto poll_until = absl::ToChronoTime(std::min(absl::Now() + kPoll, silent_at));
    switch (queue.AsyncNext(&tag, &ok, poll_until)) {
      case grpc::CompletionQueue::GOT_EVENT:
        return ok ? Waited::kDone : Waited::kEnded;
      case grpc::CompletionQueue::SHUTDOWN:
        return Waited::kEnded;
      case grpc::CompletionQueue::TIMEOUT:
        break;
    }
    if (options.should_stop()) return Waited::kStopped;
    if (absl::Now() >= silent_at) return Waited::kSilent;
  }
}

void Drain(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
}

void Close(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
}

}  // namespace clinicd::sdk::internal
