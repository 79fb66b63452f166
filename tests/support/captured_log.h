// A log that a test reads.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/log/sink.h"

namespace clinicd::testing {

// Keeps the lines of every sink it makes. Thread-safe; must outlive the loggers of its sinks.
class CapturedLog final {
 public:
  std::unique_ptr<log::LineSink> NewSink() { return std::make_unique<Sink>(*this); }

  std::vector<std::string> lines() const {
    const absl::MutexLock lock(&mutex_);
    return lines_;
  }

 private:
  class Sink final : public log::LineSink {
   public:
    explicit Sink(CapturedLog& log) : log_(log) {}
    bool Write(std::string_view line) override {
      const absl::MutexLock lock(&log_.mutex_);
      log_.lines_.emplace_back(line);
      return true;
    }
    absl::Status Reopen() override { return absl::OkStatus(); }

   private:
    CapturedLog& log_;
  };

  mutable absl::Mutex mutex_;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace clinicd::testing
