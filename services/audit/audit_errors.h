// The named errors of the area.
#pragma once

#include <cstdint>

#include "absl/status/status.h"

namespace clinicd::audit {

// NOT_FOUND, AUDIT_EVENT_NOT_FOUND.
absl::Status EventNotFound();
// NOT_FOUND, AUDIT_LOG_EMPTY.
absl::Status LogEmpty();
// FAILED_PRECONDITION, AUDIT_LOG_SHORTER, with the sizes that the server has.
absl::Status LogShorter(std::int64_t tree_size, std::int64_t meta_size);

// NOT_FOUND, AUDIT_FINDING_NOT_FOUND.
absl::Status FindingNotFound();
// NOT_FOUND, LEGAL_HOLD_NOT_FOUND.
absl::Status HoldNotFound();
// NOT_FOUND, PATIENT_NOT_FOUND.
absl::Status PatientNotFound();
// NOT_FOUND, ISOLATION_CERTIFICATE_NOT_FOUND.
absl::Status CertificateNotFound();

}  // namespace clinicd::audit
