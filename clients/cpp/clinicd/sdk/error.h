// What a server says of a call that failed.
#pragma once

#include <grpcpp/support/status.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "clinicd/type/v1/error_reason.pb.h"

namespace clinicd::sdk {

struct FieldViolation {
  // Path from the request, as in "appointment.local_start".
  std::string field = {};
  // What the field has to be.
  std::string description = {};
};

// The details of an error. Switch on `reason`, never on a message.
struct ErrorDetails {
  // ERROR_REASON_UNSPECIFIED for an error that no clinicd server named, such as a lost connection,
  // and for one that this version of the SDK does not know.
  type::v1::ErrorReason reason = type::v1::ERROR_REASON_UNSPECIFIED;
  // As the server wrote it, so that one can show what one does not know; empty if it named none.
  std::string reason_name = {};
  // The dynamic parts; what there is for a reason is said in error_reason.proto.
  std::map<std::string, std::string> metadata = {};
  // VALIDATION_FAILED: what is wrong with the request.
  std::vector<FieldViolation> fields = {};
  // How long the server asks to wait before the next attempt.
  std::optional<absl::Duration> retry_delay = {};
  // INTERNAL: names the call in the server's log.
  std::string request_id = {};
};

// The error as the SDK's functions return it: code and message, with the server's details.
absl::Status StatusOf(const grpc::Status& status);

// The details of what StatusOf() returned; empty for OK and for other statuses.
ErrorDetails DetailsOf(const absl::Status& status);

// DetailsOf(status).reason.
type::v1::ErrorReason ReasonOf(const absl::Status& status);

// DetailsOf(status).metadata[key]; empty if there is no such entry.
std::string MetadataOf(const absl::Status& status, const std::string& key);

}  // namespace clinicd::sdk
