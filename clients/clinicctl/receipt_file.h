// Receipts of audit events, one JSON object a line.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clinicd/audit/v1/audit_log_service.pb.h"

namespace clinicd::clinicctl {

// Adds the receipt's proto3 JSON to the file, which is made if need be.
absl::Status AppendReceipt(const std::string& path, const audit::v1::Receipt& receipt);

// FAILED_PRECONDITION naming the line that holds no receipt.
absl::StatusOr<std::vector<audit::v1::Receipt>> ReadReceipts(const std::string& path);

}  // namespace clinicd::clinicctl
