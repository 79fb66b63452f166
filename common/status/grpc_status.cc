#include "common/status/grpc_status.h"

#include <grpcpp/support/error_details.h>

#include "common/status/error.h"

namespace clinicd::status {

grpc::Status ToGrpc(const absl::Status& status, std::string_view request_id) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status details = DetailsOf(status);
  if (details.details_size() == 0) details = DetailsOf(Defect("status without a named reason"));
  if (details.code() == static_cast<std::int32_t>(absl::StatusCode::kInternal)) {
    google::rpc::RequestInfo info;
    info.set_request_id(std::string(request_id));
    details.add_details()->PackFrom(info);
  }
  grpc::Status result;
  // Fails only for a code out of range, which DetailsOf() cannot yield.
  if (!grpc::SetErrorDetails(details, &result).ok()) return grpc::Status(grpc::INTERNAL, "");
  return result;
}

}  // namespace clinicd::status
