// Connect: bodies in JSON and errors on their way out.
#include <optional>
#include <string>

#include "clinicd/patients/v1/patient_service.pb.h"
#include "common/edge/connect_error.h"
#include "common/edge/connect_json.h"
#include "common/status/error.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/fuzz/edge/fuzz_input.h"

namespace clinicd::fuzz {
namespace {

void CheckBody(const google::protobuf::Descriptor& type, std::string_view json) {
  const absl::StatusOr<std::string> bytes = edge::BytesOfJson(type, json);
  if (!bytes.ok()) {
    Require(bytes.status().code() == absl::StatusCode::kInvalidArgument,
            "a refusal blames the client");
    Require(status::ReasonOf(bytes.status()) != status::ErrorReason::ERROR_REASON_UNSPECIFIED,
            "a refusal has a reason");
    return;
  }
  const std::optional<std::string> again = edge::JsonOfBytes(type, *bytes);
  // Values that have no JSON, such as instants out of range, come from no JSON either.
  Require(again.has_value(), "what was read can be written");
  Require(edge::BytesOfJson(type, *again).ok(), "what was written can be read");
}

}  // namespace
}  // namespace clinicd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace clinicd;
  fuzz::Input input(data, size);
  const std::uint8_t choice = input.Byte();
  const std::string rest(input.rest());
  switch (choice % 3) {
    case 0:
      fuzz::CheckBody(*patients::v1::CreatePatientRequest::descriptor(), rest);
      break;
    case 1:
      fuzz::CheckBody(*google::rpc::BadRequest::descriptor(), rest);
      break;
    default:
      edge::JsonOfBytes(*patients::v1::Patient::descriptor(), rest);
      edge::ConnectErrorJson({static_cast<grpc::StatusCode>(choice / 3), rest, rest});
  }
  return 0;
}
