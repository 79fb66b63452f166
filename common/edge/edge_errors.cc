#include "common/edge/edge_errors.h"

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace clinicd::edge {

using status::ErrorReason;

absl::Status MethodUnknown() {
  return status::Error(absl::StatusCode::kUnimplemented, ErrorReason::METHOD_UNKNOWN,
                       "The method does not exist on this server.");
}

absl::Status MessageMalformed(std::string_view sentence) {
  return status::Error(absl::StatusCode::kInvalidArgument, ErrorReason::MESSAGE_MALFORMED,
                       sentence);
}

absl::Status MessageTooLarge(std::size_t bytes_max) {
  return status::Error(absl::StatusCode::kResourceExhausted, ErrorReason::MESSAGE_TOO_LARGE,
                       "The request is larger than the server takes; send less at once.")
      .With("max_bytes", absl::StrCat(bytes_max));
}

absl::Status MessageTooHeavy(std::size_t bytes_max) {
  return status::Error(absl::StatusCode::kResourceExhausted, ErrorReason::MESSAGE_TOO_LARGE,
                       "The request has more parts than the server takes; send fewer at once.")
      .With("max_bytes", absl::StrCat(bytes_max));
}

absl::Status MessageCountWrong() {
  return status::Error(absl::StatusCode::kUnimplemented, ErrorReason::MESSAGE_COUNT_WRONG,
                       "The method takes exactly one message.");
}

absl::Status EncodingUnknown() {
  return status::Error(absl::StatusCode::kUnimplemented, ErrorReason::ENCODING_UNSUPPORTED,
                       "The server takes no compressed requests; send it uncompressed.")
      .With("supported", "identity");
}

absl::Status CompressedUnannounced() {
  return status::Error(absl::StatusCode::kInternal, ErrorReason::ENCODING_UNSUPPORTED,
                       "A message says that it is compressed, and no compression was announced.")
      .With("supported", "identity");
}

}  // namespace clinicd::edge
