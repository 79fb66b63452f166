#include "clinicd/sdk/error.h"

#include <catch2/catch.hpp>

#include "common/status/error.h"
#include "common/status/grpc_status.h"

namespace clinicd::sdk {
namespace {

using absl::StatusCode;

TEST_CASE("An error has what the server said of it", "[sdk][unit]") {
  const absl::Status error = status::Invalid()
                                 .Field("appointment.local_start", "must match")
                                 .Field("appointment.duration_minutes", "must be at least 1")
                                 .With("omitted", "3")
                                 .RetryAfter(absl::Milliseconds(1500));

  const absl::Status received = StatusOf(status::ToGrpc(error, ""));
  const ErrorDetails details = DetailsOf(received);

  CHECK(received.code() == StatusCode::kInvalidArgument);
  CHECK(details.reason == type::v1::VALIDATION_FAILED);
  CHECK(details.reason_name == "VALIDATION_FAILED");
  REQUIRE(details.fields.size() == 2);
  CHECK(details.fields[0].field == "appointment.local_start");
  CHECK(details.fields[0].description == "must match");
  CHECK(details.fields[1].field == "appointment.duration_minutes");
  CHECK(MetadataOf(received, "omitted") == "3");
  CHECK(details.retry_delay == absl::Milliseconds(1500));
}

TEST_CASE("A defect has the id of the call", "[sdk][unit]") {
  const absl::Status received = StatusOf(status::ToGrpc(status::Defect("x"), "call-7"));

  CHECK(ReasonOf(received) == type::v1::INTERNAL_DEFECT);
  CHECK(DetailsOf(received).request_id == "call-7");
}

TEST_CASE("A reason that this version does not know keeps its name", "[sdk][unit]") {
  google::rpc::ErrorInfo info;
  info.set_reason("REASON_OF_TOMORROW");
  google::rpc::Status details;
  details.set_code(static_cast<int>(StatusCode::kAborted));
  details.add_details()->PackFrom(info);

  const absl::Status received =
      StatusOf(grpc::Status(grpc::StatusCode::ABORTED, "", details.SerializeAsString()));

  CHECK(DetailsOf(received).reason == type::v1::ERROR_REASON_UNSPECIFIED);
  CHECK(DetailsOf(received).reason_name == "REASON_OF_TOMORROW");
}

TEST_CASE("Details that are none, or of another error, are ignored", "[sdk][unit]") {
  google::rpc::Status other;
  other.set_code(static_cast<int>(StatusCode::kNotFound));
  other.add_details();
  const auto details = GENERATE_COPY(as<std::string>(), "", "\xff\xff", other.SerializeAsString());

  const absl::Status received =
      StatusOf(grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone", details));

  CHECK(received.code() == StatusCode::kUnavailable);
  CHECK(DetailsOf(received).reason_name.empty());
  CHECK(DetailsOf(absl::OkStatus()).reason_name.empty());
}

}  // namespace
}  // namespace clinicd::sdk
