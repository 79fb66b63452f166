#include "common/edge/connect_error.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "common/edge/connect_json.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

using namespace clinicd;

TEST_CASE("Every code has its name and its HTTP status", "[edge][unit]") {
  const auto [code, name, http_status] = GENERATE(table<grpc::StatusCode, std::string, int>(
      {{grpc::CANCELLED, "canceled", 499},
       {grpc::UNKNOWN, "unknown", 500},
       {grpc::INVALID_ARGUMENT, "invalid_argument", 400},
       {grpc::DEADLINE_EXCEEDED, "deadline_exceeded", 504},
       {grpc::NOT_FOUND, "not_found", 404},
       {grpc::ALREADY_EXISTS, "already_exists", 409},
       {grpc::PERMISSION_DENIED, "permission_denied", 403},
       {grpc::RESOURCE_EXHAUSTED, "resource_exhausted", 429},
       {grpc::FAILED_PRECONDITION, "failed_precondition", 400},
       {grpc::ABORTED, "aborted", 409},
       {grpc::OUT_OF_RANGE, "out_of_range", 400},
       {grpc::UNIMPLEMENTED, "unimplemented", 501},
       {grpc::INTERNAL, "internal", 500},
       {grpc::UNAVAILABLE, "unavailable", 503},
       {grpc::DATA_LOSS, "data_loss", 500},
       {grpc::UNAUTHENTICATED, "unauthenticated", 401},
       // No server of ours sends it.
       {static_cast<grpc::StatusCode>(17), "unknown", 500}}));

  CHECK(edge::ConnectCode(code) == name);
  CHECK(edge::ConnectHttpStatus(code) == http_status);
}

TEST_CASE("An error is written with details that one can read without an SDK", "[edge][unit]") {
  const grpc::Status status =
      status::ToGrpc(status::InvalidField("patient.birth_date", "must be a date"), "");

  const auto json = nlohmann::json::parse(edge::ConnectErrorJson(status));

  CHECK(json["code"] == "invalid_argument");
  CHECK(json["details"][0]["type"] == "google.rpc.ErrorInfo");
  CHECK(json["details"][0]["debug"]["reason"] == "VALIDATION_FAILED");
  CHECK(json["details"][1]["debug"]["fieldViolations"][0]["field"] == "patient.birth_date");
  CHECK(json["details"][0]["value"].get<std::string>().find('=') == std::string::npos);
}

TEST_CASE("An error without details or text is still an object", "[edge][unit]") {
  CHECK(edge::ConnectErrorJson(grpc::Status(grpc::ABORTED, "")) == R"({"code":"aborted"})");
  CHECK(edge::ConnectErrorJson(grpc::Status(grpc::ABORTED, "", "no status")) ==
        R"({"code":"aborted"})");
  CHECK(edge::ConnectErrorJson(grpc::Status(grpc::ABORTED, "a\xff\"b")) ==
        "{\"code\":\"aborted\",\"message\":\"a\xef\xbf\xbd\\\"b\"}");
}

TEST_CASE("JSON becomes the message and comes back", "[edge][unit]") {
  const auto& type = *google::rpc::ErrorInfo::descriptor();
  const auto bytes = edge::BytesOfJson(type, R"({"reason": "Пётр", "metadata": {"a": "b"}})");

  REQUIRE(bytes.ok());
  google::rpc::ErrorInfo info;
  REQUIRE(info.ParseFromString(*bytes));
  CHECK(info.reason() == "Пётр");
  CHECK(edge::JsonOfBytes(type, *bytes) == R"({"reason":"Пётр","metadata":{"a":"b"}})");
  CHECK_FALSE(edge::JsonOfBytes(type, "\xff").has_value());
}

TEST_CASE("JSON that does not fit the message is refused and the field named", "[edge][unit]") {
  const auto [json, field] = GENERATE(table<std::string, std::string>(
      {{R"({"reson": "a"})", "reson"},
       {R"({"fieldViolations": [{"field": "a"}, {"fild": "a"}]})", "field_violations[1].fild"},
       {R"({"fieldViolations": [{"field": 5}]})", "field_violations[0].field"}}));

  const auto bytes = edge::BytesOfJson(*google::rpc::BadRequest::descriptor(), json);

  CHECK(status::ReasonOf(bytes.status()) == status::ErrorReason::VALIDATION_FAILED);
  google::rpc::BadRequest bad;
  const google::rpc::Status details = status::DetailsOf(bytes.status());
  for (const auto& detail : details.details()) detail.UnpackTo(&bad);
  REQUIRE(bad.field_violations_size() == 1);
  CHECK(bad.field_violations(0).field() == field);
}

TEST_CASE("JSON of very many parts is refused before it is read", "[edge][unit]") {
  std::string parts(10'001, ',');

  CHECK(edge::BytesOfJson(*google::rpc::ErrorInfo::descriptor(), parts).status().code() ==
        absl::StatusCode::kResourceExhausted);
  parts.pop_back();
  CHECK(edge::BytesOfJson(*google::rpc::ErrorInfo::descriptor(), parts).status().code() ==
        absl::StatusCode::kInvalidArgument);
}

TEST_CASE("Text that is no JSON object is refused", "[edge][unit]") {
  const std::string json = GENERATE(as<std::string>(), "", "{", "[]", "null", "\"a\"", "{} x",
                                    "{\"reason\":\"\xff\"}", std::string(200, '['));

  const auto bytes = edge::BytesOfJson(*google::rpc::ErrorInfo::descriptor(), json);

  CHECK(status::ReasonOf(bytes.status()) == status::ErrorReason::MESSAGE_MALFORMED);
}
