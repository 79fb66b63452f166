#include "clinicd/sdk/error.h"

#include <utility>

#include "absl/strings/cord.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace clinicd::sdk {
namespace {

// The payload of a status, a serialized google.rpc.Status. clinicd's own code knows it as well.
constexpr char kDetailsPayload[] = "clinicd/details";

std::optional<google::rpc::Status> PayloadOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kDetailsPayload);
  google::rpc::Status details;
  if (!payload || !details.ParseFromString(std::string(*payload))) return std::nullopt;
  return details;
}

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

void Read(const google::protobuf::Any& detail, ErrorDetails& result) {
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest request;
  google::rpc::RetryInfo retry;
  google::rpc::RequestInfo call;
  if (detail.UnpackTo(&info)) {
    result.reason_name = info.reason();
    if (!type::v1::ErrorReason_Parse(info.reason(), &result.reason)) {
      result.reason = type::v1::ERROR_REASON_UNSPECIFIED;
    }
    result.metadata = {info.metadata().begin(), info.metadata().end()};
  } else if (detail.UnpackTo(&request)) {
    for (const auto& violation : request.field_violations()) {
      result.fields.push_back({violation.field(), violation.description()});
    }
  } else if (detail.UnpackTo(&retry)) {
    result.retry_delay = ToDuration(retry.retry_delay());
  } else if (detail.UnpackTo(&call)) {
    result.request_id = call.request_id();
  }
}

}  // namespace

absl::Status StatusOf(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status details;
  if (!status.error_details().empty() && details.ParseFromString(status.error_details()) &&
      details.code() == static_cast<int>(status.error_code())) {
    result.SetPayload(kDetailsPayload, absl::Cord(status.error_details()));
  }
  return result;
}

ErrorDetails DetailsOf(const absl::Status& status) {
  ErrorDetails result;
  const std::optional<google::rpc::Status> payload = PayloadOf(status);
  if (!payload) return result;
  for (const auto& detail : payload->details()) Read(detail, result);
  return result;
}

type::v1::ErrorReason ReasonOf(const absl::Status& status) { return DetailsOf(status).reason; }

std::string MetadataOf(const absl::Status& status, const std::string& key) {
  const ErrorDetails details = DetailsOf(status);
  const auto entry = details.metadata.find(key);
  return entry == details.metadata.end() ? "" : entry->second;
}

}  // namespace clinicd::sdk
