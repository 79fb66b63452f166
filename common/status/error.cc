#include "common/status/error.h"

#include <optional>

#include "absl/strings/cord.h"
#include "common/base/text.h"

namespace clinicd::status {
namespace {

constexpr char kDetailsPayload[] = "clinicd/details";
constexpr char kDefectPayload[] = "clinicd/defect";

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  const std::int64_t nanos = absl::ToInt64Nanoseconds(duration);
  proto.set_seconds(nanos / 1'000'000'000);
  proto.set_nanos(static_cast<std::int32_t>(nanos % 1'000'000'000));
  return proto;
}

}  // namespace

ErrorBuilder::ErrorBuilder(absl::StatusCode code, ErrorReason reason, std::string_view message)
    : code_(code), message_(message) {
  info_.set_reason(type::v1::ErrorReason_Name(reason));
  info_.set_domain("clinicd");
}

ErrorBuilder& ErrorBuilder::With(std::string_view key, std::string_view value) {
  (*info_.mutable_metadata())[std::string(key)] = std::string(value);
  return *this;
}

ErrorBuilder& ErrorBuilder::Field(std::string_view field, std::string_view description) {
  auto& violation = *bad_request_.add_field_violations();
  violation.set_field(std::string(field));
  violation.set_description(std::string(description));
  return *this;
}

ErrorBuilder& ErrorBuilder::RetryAfter(absl::Duration delay) {
  *retry_.mutable_retry_delay() = ToProto(delay);
  return *this;
}

absl::Status ErrorBuilder::ToStatus() const {
  google::rpc::Status details;
  details.set_code(static_cast<std::int32_t>(code_));
  details.set_message(message_);
  details.add_details()->PackFrom(info_);
  if (has_fields()) details.add_details()->PackFrom(bad_request_);
  if (retry_.has_retry_delay()) details.add_details()->PackFrom(retry_);
  absl::Status status(code_, message_);
  status.SetPayload(kDetailsPayload, absl::Cord(details.SerializeAsString()));
  return status;
}

ErrorBuilder Error(absl::StatusCode code, ErrorReason reason, std::string_view message) {
  return ErrorBuilder(code, reason, message);
}

ErrorBuilder Invalid() {
  return Error(absl::StatusCode::kInvalidArgument, ErrorReason::VALIDATION_FAILED,
               "The request has fields with values that are not allowed.");
}

absl::Status InvalidField(std::string_view field, std::string_view description) {
  return Invalid().Field(field, description);
}

absl::Status Defect(std::string_view what) {
  absl::Status status = Error(absl::StatusCode::kInternal, ErrorReason::INTERNAL_DEFECT,
                              "The server failed in a way it should not; report the request id.")
                            .ToStatus();
  status.SetPayload(kDefectPayload, absl::Cord(ToAbsl(what)));
  return status;
}

absl::Status WithMetadata(const absl::Status& status, std::string_view key,
                          std::string_view value) {
  absl::Status extended = status;
  google::rpc::Status details = DetailsOf(status);
  google::rpc::ErrorInfo info;
  for (auto& detail : *details.mutable_details()) {
    if (!detail.UnpackTo(&info)) continue;
    (*info.mutable_metadata())[std::string(key)] = std::string(value);
    detail.PackFrom(info);
    extended.SetPayload(kDetailsPayload, absl::Cord(details.SerializeAsString()));
  }
  return extended;
}

google::rpc::Status DetailsOf(const absl::Status& status) {
  google::rpc::Status details;
  if (const auto payload = status.GetPayload(kDetailsPayload)) {
    details.ParseFromString(std::string(*payload));
  }
  return details;
}

ErrorReason ReasonOf(const absl::Status& status) {
  ErrorReason reason = ErrorReason::ERROR_REASON_UNSPECIFIED;
  google::rpc::ErrorInfo info;
  const google::rpc::Status details = DetailsOf(status);
  for (const auto& detail : details.details()) {
    if (detail.UnpackTo(&info)) type::v1::ErrorReason_Parse(info.reason(), &reason);
  }
  return reason;
}

std::string DefectNote(const absl::Status& status) {
  const auto payload = status.GetPayload(kDefectPayload);
  return payload ? std::string(*payload) : std::string();
}

}  // namespace clinicd::status
