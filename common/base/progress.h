// Shows how far a long command has come.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"

namespace clinicd {

// Writes a bar that is redrawn in place on a terminal, and a line every few seconds elsewhere; at
// most ten times a second, so that Advance() may be called for each row. Thread-safe.
class Progress final {
 public:
  enum class Style { kNone, kBar, kLines };

  // `out` and `clock` must outlive it.
  Progress(std::ostream& out, Style style, const Clock& clock)
      : out_(out), style_(style), clock_(clock) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // kBar if the file descriptor is a terminal, else kLines.
  static Style StyleOf(int descriptor);

  // Begins a step of `total` things, 0 if nobody knows how many; `what` names them ("patients").
  void Start(std::string_view what, std::int64_t total);
  void Advance(std::int64_t count = 1);
  // Ends the step with a last bar or line.
  void Finish();

 private:
  void Show(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string Bar(absl::Time now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string Line() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::ostream& out_;
  const Style style_;
  const Clock& clock_;
  absl::Mutex mutex_;
  std::string what_ ABSL_GUARDED_BY(mutex_);
  std::int64_t total_ ABSL_GUARDED_BY(mutex_) = 0;
  std::int64_t done_ ABSL_GUARDED_BY(mutex_) = 0;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time started_at_ ABSL_GUARDED_BY(mutex_);
  absl::Time shown_at_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace clinicd
