#include "common/status/error.h"

#include <grpcpp/support/error_details.h>

#include <catch2/catch.hpp>

#include "common/status/grpc_status.h"

namespace clinicd::status {
namespace {

TEST_CASE("An error keeps reason, metadata, fields and retry delay on the wire", "[status][unit]") {
  const absl::Status error = Error(absl::StatusCode::kResourceExhausted, ErrorReason::SERVER_BUSY, "Busy.")
                                 .With("queue", "64")
                                 .Field("a.b", "must be set")
                                 .RetryAfter(absl::Milliseconds(1500));

  const grpc::Status wire = ToGrpc(error, "call-1");

  google::rpc::Status details;
  REQUIRE(grpc::ExtractErrorDetails(wire, &details).ok());
  CHECK(wire.error_code() == grpc::RESOURCE_EXHAUSTED);
  CHECK(ReasonOf(error) == ErrorReason::SERVER_BUSY);
  REQUIRE(details.details_size() == 3);
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad;
  google::rpc::RetryInfo retry;
  REQUIRE(details.details(0).UnpackTo(&info));
  REQUIRE(details.details(1).UnpackTo(&bad));
  REQUIRE(details.details(2).UnpackTo(&retry));
  CHECK(info.domain() == "clinicd");
  CHECK(info.metadata().at("queue") == "64");
  CHECK(bad.field_violations(0).field() == "a.b");
  CHECK(retry.retry_delay().seconds() == 1);
  CHECK(retry.retry_delay().nanos() == 500'000'000);
}

TEST_CASE("Metadata is added to what was made here, and to nothing else", "[status][unit]") {
  const absl::Status error =
      Error(absl::StatusCode::kNotFound, ErrorReason::PATIENT_NOT_FOUND, "Absent.").With("a", "1");

  const absl::Status more = WithMetadata(error, "b", "2");

  google::rpc::ErrorInfo info;
  REQUIRE(DetailsOf(more).details(0).UnpackTo(&info));
  CHECK(ReasonOf(more) == ErrorReason::PATIENT_NOT_FOUND);
  CHECK(info.metadata().at("a") == "1");
  CHECK(info.metadata().at("b") == "2");
  CHECK(WithMetadata(absl::OkStatus(), "b", "2").ok());
  CHECK(WithMetadata(absl::NotFoundError("x"), "b", "2") == absl::NotFoundError("x"));
}

TEST_CASE("A status without a named reason leaves as INTERNAL without its text", "[status][unit]") {
  const grpc::Status wire = ToGrpc(absl::NotFoundError("SELECT secret"), "call-2");

  google::rpc::Status details;
  REQUIRE(grpc::ExtractErrorDetails(wire, &details).ok());
  CHECK(wire.error_code() == grpc::INTERNAL);
  CHECK(wire.error_message().find("secret") == std::string::npos);
  google::rpc::RequestInfo request;
  REQUIRE(details.details(1).UnpackTo(&request));
  CHECK(request.request_id() == "call-2");
}

TEST_CASE("A defect keeps its note for the log and off the wire", "[status][unit]") {
  const absl::Status defect = Defect("row without clinic");

  CHECK(DefectNote(defect) == "row without clinic");
  CHECK(ToGrpc(defect, "call-3").error_message().find("row") == std::string::npos);
}

}  // namespace
}  // namespace clinicd::status
