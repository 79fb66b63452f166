// Where finished log lines go.
#pragma once

#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace clinicd::log {

// Takes whole lines. Thread-safe.
class LineSink {
 public:
  virtual ~LineSink() = default;

  // Writes `line`, which has no line end. False when it could not be written.
  virtual bool Write(std::string_view line) = 0;

  // Opens the destination anew, after a rotation moved it. On an error the old one stays in use.
  virtual absl::Status Reopen() = 0;
};

// A sink for standard error ("-") or for the end of a file, which is made with mode 0640 when
// absent. Every line is handed to the system at once, so that a crash loses none.
absl::StatusOr<std::unique_ptr<LineSink>> OpenSink(std::string_view file);

}  // namespace clinicd::log
