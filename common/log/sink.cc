#include "common/log/sink.h"

#include <fcntl.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/try.h"

namespace clinicd::log {
namespace {

using SpdlogSink = std::shared_ptr<spdlog::sinks::sink>;  // spdlog hands sinks out this way.

constexpr mode_t kFileMode = 0640;

// Makes the file with our mode and finds out why it cannot be opened, before spdlog, whose own
// attempts would say less.
absl::Status PrepareFile(const std::string& file) {
  const int descriptor =
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, kFileMode);
  if (descriptor < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("log.file: cannot open ", file, " for writing"));
  }
  ::close(descriptor);
  return absl::OkStatus();
}

void KeepFromChildren(const spdlog::filename_t& /*name*/, std::FILE* file) {
  ::fcntl(::fileno(file), F_SETFD, FD_CLOEXEC);
}

absl::StatusOr<SpdlogSink> OpenSpdlogSink(const std::string& file) {
  if (file != "-") CLINICD_RETURN_IF_ERROR(PrepareFile(file));
  try {
    SpdlogSink sink;
    if (file == "-") {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      spdlog::file_event_handlers handlers;
      handlers.after_open = KeepFromChildren;
      sink =
          std::make_shared<spdlog::sinks::basic_file_sink_mt>(file, /*truncate=*/false, handlers);
    }
    sink->set_pattern("%v");
    return sink;
  } catch (const spdlog::spdlog_ex&) {
    return absl::UnavailableError(absl::StrCat("log.file: cannot open ", file, " for writing"));
  }
}

class SpdlogLineSink final : public LineSink {
 public:
  SpdlogLineSink(std::string file, SpdlogSink sink)
      : file_(std::move(file)), sink_(std::move(sink)) {}

  bool Write(std::string_view line) override {
    const absl::MutexLock lock(&mutex_);
    try {
      sink_->log(spdlog::details::log_msg(spdlog::string_view_t(), spdlog::level::info,
                                          spdlog::string_view_t(line.data(), line.size())));
      sink_->flush();
      return true;
    } catch (const spdlog::spdlog_ex&) {
      return false;
    }
  }

  absl::Status Reopen() override {
    CLINICD_ASSIGN_OR_RETURN(SpdlogSink fresh, OpenSpdlogSink(file_));
    const absl::MutexLock lock(&mutex_);
    sink_ = std::move(fresh);
    return absl::OkStatus();
  }

 private:
  const std::string file_;
  absl::Mutex mutex_;
  SpdlogSink sink_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<std::unique_ptr<LineSink>> OpenSink(std::string_view file) {
  std::string name(file);
  CLINICD_ASSIGN_OR_RETURN(SpdlogSink sink, OpenSpdlogSink(name));
  return std::make_unique<SpdlogLineSink>(std::move(name), std::move(sink));
}

}  // namespace clinicd::log
