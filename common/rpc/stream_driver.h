// Moves all streams of a server, on one thread: a stream that waits costs none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace clinicd::rpc {

// One stream, seen from the driver.
class DrivenStream {
 public:
  DrivenStream() = default;
  DrivenStream(const DrivenStream&) = delete;
  DrivenStream& operator=(const DrivenStream&) = delete;
  virtual ~DrivenStream() = default;

  // Does what is due. Called on the driver's thread only, when woken and a few times a second.
  virtual void Drive() = 0;
};

// Thread-safe.
class StreamDriver final {
 public:
  struct Options {
    // Streams are ended with OK at this age.
    absl::Duration age_max = absl::Minutes(12);
    // A heartbeat is sent when nothing else was for this long.
    absl::Duration heartbeat_every = absl::Seconds(20);
    // How often each stream is looked at although nothing woke it: rights, age, heartbeat.
    absl::Duration tick = absl::Milliseconds(200);
    // Reads of the database under way at the same time, so that unary calls find workers.
    std::size_t reads_max = 2;
    std::size_t streams_max = 10'000;
    // Of one user, so that nobody takes all of them: a busy desk has a few dozen.
    std::size_t streams_of_user_max = 200;
    // Called when the number of streams has changed.
    std::function<void(std::size_t)> observe_count = {};
  };

  explicit StreamDriver(Options options);
  // All streams must have been removed.
  ~StreamDriver();
  StreamDriver(const StreamDriver&) = delete;
  StreamDriver& operator=(const StreamDriver&) = delete;

  const Options& options() const { return options_; }

  // Takes a stream of `user`, if it is known whose it is; its number. RESOURCE_EXHAUSTED when there
  // are too many: STREAM_LIMIT_REACHED if they are the user's own, SERVER_BUSY otherwise. The
  // stream is shared because it may end, on a thread of gRPC's, while it is being driven.
  absl::StatusOr<std::uint64_t> Add(std::shared_ptr<DrivenStream> stream,
                                    std::optional<UserId> user);
  void Remove(std::uint64_t number);
  // Has the stream driven soon. Never blocks; harmless when there is no such stream.
  void Wake(std::uint64_t number);

  // From now on draining() is true; streams end themselves then.
  void Drain();
  bool draining() const;
  // Drives nothing any more once it has returned. What is called afterwards is harmless. Not to be
  // called by a stream.
  void Stop();

  // For Drive(): whether the stream may read now. If not, it is woken when it may. Each that may
  // gives its place back with EndRead().
  bool TryBeginRead(std::uint64_t number);
  void EndRead();

 private:
  struct Driven {
    std::shared_ptr<DrivenStream> stream;
    std::optional<UserId> user;
  };

  void Loop();
  // Waits for what is due; false when stopping.
  bool TakeDue(std::vector<std::shared_ptr<DrivenStream>>& due);

  const Options options_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  std::uint64_t last_number_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time next_tick_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::flat_hash_map<std::uint64_t, Driven> streams_ ABSL_GUARDED_BY(mutex_);
  // How many of them each user has; no entry: none.
  absl::flat_hash_map<UserId, std::size_t> of_users_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<std::uint64_t> woken_ ABSL_GUARDED_BY(mutex_);
  std::size_t reads_ ABSL_GUARDED_BY(mutex_) = 0;
  // Who waits for a read, in the order of asking.
  std::deque<std::uint64_t> waiting_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<std::uint64_t> is_waiting_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace clinicd::rpc
