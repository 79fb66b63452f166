// Errors as the Connect protocol writes them: JSON and an HTTP status.
#pragma once

#include <grpcpp/support/status.h>

#include <string>
#include <string_view>

namespace clinicd::edge {

// "not_found"; "unknown" for codes that there are not.
std::string_view ConnectCode(grpc::StatusCode code);

// The HTTP status of an answer that is this error.
int ConnectHttpStatus(grpc::StatusCode code);

// {"code", "message", "details"}; each detail also in readable form, for those who read it without
// an SDK.
std::string ConnectErrorJson(const grpc::Status& status);

}  // namespace clinicd::edge
