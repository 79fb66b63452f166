// The only place where an error becomes a gRPC status.
#pragma once

#include <grpcpp/support/status.h>

#include <string_view>

#include "absl/status/status.h"

namespace clinicd::status {

// Converts `status` with its details (google.rpc.Status in grpc-status-details-bin). A status that
// carries no named reason is a defect: it becomes INTERNAL with `request_id` in RequestInfo, and
// its text is not sent. `request_id` names the call in the server's log.
grpc::Status ToGrpc(const absl::Status& status, std::string_view request_id);

}  // namespace clinicd::status
