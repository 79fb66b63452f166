// Named errors. Every error that leaves the server is made here and carries
// google.rpc.ErrorInfo{reason, domain: "clinicd"}; see clinicd/type/v1/error_reason.proto.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "clinicd/type/v1/error_reason.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace clinicd::status {

using type::v1::ErrorReason;

// Builds an error with its details. Messages are one English sentence without health data, SQL or
// class names. Metadata values are ids, limits, field paths and permission names.
class ErrorBuilder final {
 public:
  ErrorBuilder(absl::StatusCode code, ErrorReason reason, std::string_view message);

  // Adds an entry to ErrorInfo.metadata.
  ErrorBuilder& With(std::string_view key, std::string_view value);
  // Adds a BadRequest violation: `field` as a path from the request, `description` as a
  // requirement.
  ErrorBuilder& Field(std::string_view field, std::string_view description);
  // Says when to try again.
  ErrorBuilder& RetryAfter(absl::Duration delay);

  bool has_fields() const { return bad_request_.field_violations_size() > 0; }

  absl::Status ToStatus() const;
  operator absl::Status() const { return ToStatus(); }  // NOLINT(google-explicit-constructor)

 private:
  absl::StatusCode code_;
  std::string message_;
  google::rpc::ErrorInfo info_;
  google::rpc::BadRequest bad_request_;
  google::rpc::RetryInfo retry_;
};

ErrorBuilder Error(absl::StatusCode code, ErrorReason reason, std::string_view message);

// INVALID_ARGUMENT, VALIDATION_FAILED, with no field yet.
ErrorBuilder Invalid();
// INVALID_ARGUMENT, VALIDATION_FAILED, for one field.
absl::Status InvalidField(std::string_view field, std::string_view description);
// INTERNAL, INTERNAL_DEFECT. `what` names the broken assumption for the server's log; clients get
// a fixed sentence.
absl::Status Defect(std::string_view what);

// `status`, which was made here, with an entry in ErrorInfo.metadata; a foreign status or OK stays as
// it is.
absl::Status WithMetadata(const absl::Status& status, std::string_view key,
                          std::string_view value);

// The reason of an error made here; ERROR_REASON_UNSPECIFIED for OK and foreign statuses.
ErrorReason ReasonOf(const absl::Status& status);
// The details of an error made here; empty for OK and foreign statuses.
google::rpc::Status DetailsOf(const absl::Status& status);
// For the server's log: what was passed to Defect(), empty otherwise.
std::string DefectNote(const absl::Status& status);

}  // namespace clinicd::status
