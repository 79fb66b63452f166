// What clinicctl says, and how it ends.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace clinicd::clinicctl {

// Exit codes; the help lists them.
enum class Exit : int {
  kOk = 0,
  // The server refused, or something on this machine is wrong.
  kError = 1,
  // The command line is wrong.
  kUsage = 2,
  // Nobody is signed in, or the session has ended.
  kSignedOut = 3,
  // The server cannot be reached or has no time; the same command may work later.
  kTryAgain = 4,
  kNotFound = 5,
  // What there is does not allow it: the time is taken, the state is another.
  kConflict = 6,
  // The audit log is not what it was: shorter, changed, or another one; or a receipt is not proven.
  kAuditAlarm = 7,
};

inline constexpr std::string_view kExitCodes =
    "Exit codes: 0 done, 1 error, 2 wrong usage, 3 not signed in, 4 server not reachable or busy, "
    "5 not found, 6 in conflict with what there is, 7 the audit log is not what it was.";

Exit ExitOf(const absl::Status& status);

// An error of clinicctl's own that ends as kConflict: what there is does not allow it.
absl::Status Conflict(std::string_view message);

// Says on standard error what could not be done ("book"), why, and the way out; as one JSON object
// if `json`. Returns the exit code.
int PrintError(std::string_view what, const absl::Status& status, bool json);

// Prints a message of the API as one line of JSON.
void PrintJson(const google::protobuf::Message& message);

}  // namespace clinicd::clinicctl
