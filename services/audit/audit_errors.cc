#include "services/audit/audit_errors.h"

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace clinicd::audit {

using status::ErrorReason;

absl::Status EventNotFound() {
  return status::Error(absl::StatusCode::kNotFound, ErrorReason::AUDIT_EVENT_NOT_FOUND,
                       "The audit trail holds no such event, or it is not sealed yet.");
}

absl::Status LogEmpty() {
  return status::Error(absl::StatusCode::kNotFound, ErrorReason::AUDIT_LOG_EMPTY,
                       "Nothing was sealed yet.");
}

absl::Status LogShorter(std::int64_t tree_size, std::int64_t meta_size) {
  return status::Error(absl::StatusCode::kFailedPrecondition, ErrorReason::AUDIT_LOG_SHORTER,
                       "The log of the server is shorter than this checkpoint: events are missing. "
                       "Keep the checkpoint.")
      .With("tree_size", absl::StrCat(tree_size))
      .With("meta_size", absl::StrCat(meta_size));
}

absl::Status FindingNotFound() {
  return status::Error(absl::StatusCode::kNotFound, ErrorReason::AUDIT_FINDING_NOT_FOUND,
                       "There is no such finding.");
}

absl::Status HoldNotFound() {
  return status::Error(absl::StatusCode::kNotFound, ErrorReason::LEGAL_HOLD_NOT_FOUND,
                       "There is no such legal hold.");
}

absl::Status PatientNotFound() {
  return status::Error(absl::StatusCode::kNotFound, ErrorReason::PATIENT_NOT_FOUND,
                       "There is no such patient.");
}

absl::Status CertificateNotFound() {
  return status::Error(absl::StatusCode::kNotFound, ErrorReason::ISOLATION_CERTIFICATE_NOT_FOUND,
                       "There is no such isolation certificate.");
}

}  // namespace clinicd::audit
