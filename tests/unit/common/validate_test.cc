#include "common/validate/validator.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <tuple>
#include <vector>

#include "clinicd/appointments/v1/appointment_service.pb.h"
#include "clinicd/identity/v1/user_service.pb.h"
#include "clinicd/patients/v1/patient_service.pb.h"
#include "common/status/error.h"
#include "tests/unit/common/validate_schema.h"

namespace clinicd::validate {
namespace {

constexpr char kUuid[] = "0190a3c4-7b1e-7c3a-9f00-0123456789ab";

Validator ForApi() {
  auto validator = Validator::Create({patients::v1::GetPatientRequest::descriptor(),
                                      patients::v1::CreatePatientRequest::descriptor(),
                                      patients::v1::UpdatePatientRequest::descriptor(),
                                      identity::v1::CreateUserRequest::descriptor(),
                                      appointments::v1::CancelAppointmentRequest::descriptor()});
  REQUIRE(validator.ok());
  return *std::move(validator);
}

google::rpc::BadRequest BadRequestOf(const absl::Status& status) {
  google::rpc::BadRequest bad;
  const google::rpc::Status details = status::DetailsOf(status);
  for (const auto& detail : details.details()) detail.UnpackTo(&bad);
  return bad;
}

TEST_CASE("A required field is broken when it is not set", "[validate][unit]") {
  const auto [type, set] = GENERATE(table<std::string, std::string>({
      {"string", "f: 'a'"},
      {"int32", "f: 1"},
      {"bool", "f: true"},
      {"Kind", "f: K1"},
      {"optional string", "f: ''"},
      {"repeated string", "f: ''"},
      {"map<string, string>", "f {key: '' value: ''}"},
      {"google.type.Date", "f {year: 2024 month: 1 day: 1}"},
  }));
  Schema schema = Field(type, "(buf.validate.field).required = true");

  CAPTURE(type);
  CHECK(schema.BrokenBy("") == Broken{"f required"});
  CHECK(schema.BrokenBy(set).empty());
}

TEST_CASE("Rules of a field without presence also judge its zero", "[validate][unit]") {
  const std::string rule = "(buf.validate.field).string.min_len = 2";
  Schema implicit = Field("string", rule);
  Schema optional = Field("optional string", rule);
  Schema ignored = Field("string", "(buf.validate.field).ignore = IGNORE_IF_ZERO_VALUE, " + rule);
  Schema never = Field("string", "(buf.validate.field).ignore = IGNORE_ALWAYS, " + rule);

  CHECK(implicit.BrokenBy("") == Broken{"f string.min_len"});
  CHECK(optional.BrokenBy("").empty());
  CHECK(optional.BrokenBy("f: ''") == Broken{"f string.min_len"});
  CHECK(ignored.BrokenBy("f: ''").empty());
  CHECK(ignored.BrokenBy("f: 'a'") == Broken{"f string.min_len"});
  CHECK(never.BrokenBy("f: 'a'").empty());
}

TEST_CASE("A list is judged by its size, its items and their difference", "[validate][unit]") {
  Schema schema = Field("repeated Kind",
                        "(buf.validate.field).repeated = {min_items: 1, max_items: 3, unique: true,"
                        " items: {enum: {defined_only: true, not_in: [0]}}}");

  CHECK(schema.BrokenBy("") == Broken{"f repeated.min_items"});
  CHECK(schema.BrokenBy("f: [K1]").empty());
  CHECK(schema.BrokenBy("f: [K1, K2]").empty());
  CHECK(schema.BrokenBy("f: [K1, K2, K1]") == Broken{"f repeated.unique"});
  CHECK(schema.BrokenBy("f: [K1, 7, 8, K2]") ==
        Broken{"f repeated.max_items", "f[1] enum.defined_only", "f[2] enum.defined_only"});
  CHECK(schema.BrokenBy("f: [K1, K0]") == Broken{"f[1] enum.not_in"});
}

TEST_CASE("Items of every type are told apart", "[validate][unit]") {
  const auto [type, same, different] = GENERATE(table<std::string, std::string, std::string>({
      {"string", "'a', 'b', 'a'", "'a', 'b', ''"},
      {"bytes", "'a', 'b', 'a'", "'a', 'b', ''"},
      {"bool", "true, true", "true, false"},
      {"int32", "1, 1", "1, -1"},
      {"int64", "1, 1", "1, 4294967297"},
      {"uint32", "1, 1", "1, 2"},
      {"uint64", "1, 1", "1, 4294967297"},
      {"float", "0, -0.0", "nan, nan"},
      {"double", "0, -0.0", "nan, nan"},
      {"Kind", "K1, K1", "K0, K1"},
  }));
  Schema schema = Field("repeated " + type, "(buf.validate.field).repeated.unique = true");

  CAPTURE(type);
  CHECK(schema.BrokenBy("f: [" + same + "]") == Broken{"f repeated.unique"});
  CHECK(schema.BrokenBy("f: [" + different + "]").empty());
}

TEST_CASE("Zero items are skipped where the rules say so", "[validate][unit]") {
  Schema schema = Field("repeated int32",
                        "(buf.validate.field).repeated.items = {ignore: IGNORE_IF_ZERO_VALUE,"
                        " int32: {gt: 5}}");

  CHECK(schema.BrokenBy("f: [0, 6]").empty());
  CHECK(schema.BrokenBy("f: [0, 1]") == Broken{"f[1] int32.gt"});
}

TEST_CASE("A map is judged by its size, its keys and its values", "[validate][unit]") {
  Schema schema = Field("map<string, int32>",
                        "(buf.validate.field).map = {min_pairs: 1, max_pairs: 2,"
                        " keys: {string: {min_len: 2}}, values: {int32: {gt: 0}}}");

  CHECK(schema.BrokenBy("") == Broken{"f map.min_pairs"});
  CHECK(schema.BrokenBy("f {key: 'ab' value: 1}").empty());
  CHECK(schema.BrokenBy("f {key: 'a\"' value: 0}") == Broken{"f[\"a\\\"\"] int32.gt"});
  CHECK(schema.BrokenBy("f {key: 'a' value: 0}") ==
        Broken{"f[\"a\"] string.min_len", "f[\"a\"] int32.gt"});
  CHECK(schema.BrokenBy("f {key: 'aa' value: 1} f {key: 'ab' value: 1} f {key: 'ac' value: 1}") ==
        Broken{"f map.max_pairs"});
}

TEST_CASE("Keys that are numbers stand in the path as they are", "[validate][unit]") {
  Schema ints = Field("map<int64, int32>", "(buf.validate.field).map.values.int32.gt = 0");
  Schema bools = Field("map<bool, int32>", "(buf.validate.field).map.values.int32.gt = 0");

  CHECK(ints.BrokenBy("f {key: -5 value: 0}") == Broken{"f[-5] int32.gt"});
  CHECK(bools.BrokenBy("f {key: true value: 0}") == Broken{"f[true] int32.gt"});
}

TEST_CASE("A required choice is broken when nothing is chosen", "[validate][unit]") {
  Schema schema(
      "message M { oneof way { option (buf.validate.oneof).required = true; string a = 1;"
      " int32 b = 2 [(buf.validate.field).int32.gt = 0]; } }");

  CHECK(schema.BrokenBy("") == Broken{"way required"});
  CHECK(schema.BrokenBy("a: ''").empty());
  CHECK(schema.BrokenBy("b: 0") == Broken{"b int32.gt"});
}

TEST_CASE("Messages inside are walked, also those of the same type", "[validate][unit]") {
  Schema schema(
      "message M { string s = 1 [(buf.validate.field).string.max_len = 1]; M one = 2;"
      " repeated M list = 3; map<int32, M> map = 4; }");

  CHECK(schema.BrokenBy(
            "one {one {s: 'ab'}} list {} list {one {s: 'ab'}} map {key: 3 value {s: 'ab'}}") ==
        Broken{"one.one.s string.max_len", "list[1].one.s string.max_len",
               "map[3].s string.max_len"});
}

TEST_CASE("Rules that cannot be honoured are refused by name", "[validate][unit]") {
  const auto [type, rules] = GENERATE(table<std::string, std::string>({
      {"string", "(buf.validate.field).string.hostname = true"},
      {"string", "(buf.validate.field).string.suffix = 'a'"},
      {"string", "(buf.validate.field).string.example = 'a'"},
      {"string", "(buf.validate.field).string.pattern = '('"},
      {"string", "(buf.validate.field).string.pattern = '(?=a)'"},
      {"string", "(buf.validate.field).int32.gt = 1"},
      {"int32", "(buf.validate.field).int64.gt = 1"},
      {"int32", "(buf.validate.field).enum.defined_only = true"},
      {"float", "(buf.validate.field).float.gt = 1"},
      {"sint32", "(buf.validate.field).sint32.gt = 1"},
      {"double", "(buf.validate.field).double.finite = true"},
      {"double", "(buf.validate.field).double = {gt: nan}"},
      {"bytes", "(buf.validate.field).bytes.prefix = 'a'"},
      {"repeated string", "(buf.validate.field).string.min_len = 1"},
      {"repeated string", "(buf.validate.field).repeated.items.required = true"},
      {"repeated string", "(buf.validate.field).repeated.items.string.hostname = true"},
      {"repeated google.type.Date", "(buf.validate.field).repeated.unique = true"},
      {"map<string, string>", "(buf.validate.field).map.keys.string.hostname = true"},
      {"map<string, string>", "(buf.validate.field).map.values.int32.gt = 1"},
      {"google.protobuf.Timestamp", "(buf.validate.field).timestamp.lt_now = true"},
      {"google.protobuf.Timestamp", "(buf.validate.field).timestamp.within = {seconds: 1}"},
      {"google.protobuf.FieldMask", "(buf.validate.field).field_mask.in = 'a'"},
      {"google.type.Date", "(buf.validate.field).string.min_len = 1"},
      {"string", "(buf.validate.field).cel = {id: 'a' expression: 'true'}"},
      {"string", "(buf.validate.field).cel_expression = 'true'"},
  }));
  const Schema schema = Field(type, rules);

  const auto validator = schema.Compiled();

  CAPTURE(type, rules);
  REQUIRE(validator.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(std::string(validator.status().message()).find("test.M.f: ") != std::string::npos);
}

TEST_CASE("Rules of a message are refused by name, also deep inside", "[validate][unit]") {
  const auto rules =
      GENERATE(std::string("option (buf.validate.message).cel = {id: 'a' expression: 'true'};"),
               std::string("option (buf.validate.message).cel_expression = 'true';"),
               std::string("option (buf.validate.message).oneof = {fields: ['s']};"));
  const Schema schema("message In { " + rules +
                      " string s = 1; } message Mid { repeated In in = 1; }"
                      " message M { map<string, Mid> mid = 1; }");

  const auto validator = schema.Compiled();

  REQUIRE(validator.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(std::string(validator.status().message()).find("test.In: ") != std::string::npos);
}

TEST_CASE("A mask without exactly one message beside it is refused", "[validate][unit]") {
  const auto fields =
      GENERATE(std::string("google.protobuf.FieldMask update_mask = 1;"),
               std::string("google.protobuf.FieldMask update_mask = 1; R a = 2; R b = 3;"),
               std::string("string update_mask = 1; R a = 2;"));
  const Schema schema("message R { string s = 1; } message M { " + fields + " }");

  CHECK(schema.Compiled().status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("An update is judged in the fields its mask names", "[validate][unit]") {
  Schema schema(
      "message R { string a = 1 [(buf.validate.field).string.min_len = 1]; string b = 2"
      " [(buf.validate.field).required = true]; google.type.Date c = 3; oneof way {"
      " option (buf.validate.oneof).required = true; string d = 4; string e = 5; } }"
      "message M { R r = 1 [(buf.validate.field).required = true];"
      " google.protobuf.FieldMask update_mask = 2 [(buf.validate.field).required = true]; }");

  CHECK(schema.BrokenBy("r {} update_mask {paths: 'a'}") == Broken{"r.a string.min_len"});
  CHECK(schema.BrokenBy("r {} update_mask {paths: ['b', 'a']}") ==
        Broken{"r.a string.min_len", "r.b required"});
  CHECK(schema.BrokenBy("r {a: 'x'} update_mask {paths: 'a'}").empty());
  CHECK(schema.BrokenBy("r {c {}} update_mask {paths: 'c'}") == Broken{"r.c clinicd.date"});
  CHECK(schema.BrokenBy("r {a: 'x' c {}} update_mask {paths: 'a'}").empty());
  CHECK(schema.BrokenBy("r {} update_mask {paths: 'e'}") == Broken{"r.way required"});
  CHECK(schema.BrokenBy("r {d: ''} update_mask {paths: 'e'}").empty());
  // What is not text is refused even where the mask does not reach: handlers read ids and etags.
  CHECK(schema.BrokenBy("r {a: 'x' b: '\\000'} update_mask {paths: 'a'}") ==
        Broken{"r.b clinicd.text"});
}

TEST_CASE("A mask names fields of the message, at least one, by name", "[validate][unit]") {
  Schema schema(
      "message R { string a = 1; google.type.Date date = 2; }"
      "message M { R r = 1; google.protobuf.FieldMask update_mask = 2; }");
  const Broken broken = {"update_mask clinicd.update_mask"};

  CHECK(schema.BrokenBy("r {} update_mask {paths: ['a', 'date']}").empty());
  CHECK(schema.BrokenBy("r {} update_mask {}") == broken);
  CHECK(schema.BrokenBy("r {} update_mask {paths: '*'}") == broken);
  CHECK(schema.BrokenBy("r {} update_mask {paths: ''}") == broken);
  CHECK(schema.BrokenBy("r {} update_mask {paths: ['a', 'nope']}") == broken);
  CHECK(schema.BrokenBy("r {} update_mask {paths: 'date.year'}") == broken);
  CHECK(schema.BrokenBy("r {} update_mask {paths: 'r.a'}") == broken);
}

TEST_CASE("Without a mask an update is judged in the fields that are set", "[validate][unit]") {
  Schema schema(
      "message R { string a = 1 [(buf.validate.field).string.min_len = 2]; string b = 2"
      " [(buf.validate.field).required = true]; }"
      "message M { R r = 1; google.protobuf.FieldMask update_mask = 2; }");

  CHECK(schema.BrokenBy("r {}").empty());
  CHECK(schema.BrokenBy("r {a: 'x'}") == Broken{"r.a string.min_len"});
}

TEST_CASE("An answer names every wrong field of a request at once", "[validate][unit]") {
  const Validator validator = ForApi();
  patients::v1::CreatePatientRequest request;
  request.mutable_patient()->set_family_name("Abel");
  request.mutable_patient()->mutable_birth_date()->set_year(1980);
  request.mutable_patient()->set_email("nobody");
  request.set_request_id("1");

  const absl::Status status = validator.Validate(request);

  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK(status::ReasonOf(status) == status::ErrorReason::VALIDATION_FAILED);
  const google::rpc::BadRequest bad = BadRequestOf(status);
  std::vector<std::string> fields;
  for (const auto& violation : bad.field_violations()) fields.push_back(violation.field());
  CHECK(fields == std::vector<std::string>{"patient.given_name", "patient.birth_date",
                                           "patient.email", "request_id"});
}

TEST_CASE("A request that keeps the rules passes", "[validate][unit]") {
  const Validator validator = ForApi();
  patients::v1::GetPatientRequest get;
  get.set_id(kUuid);
  appointments::v1::CancelAppointmentRequest cancel;
  cancel.set_id(kUuid);
  cancel.set_request_id(kUuid);
  cancel.set_cancelled_by(appointments::v1::CANCELLED_BY_PATIENT);
  cancel.set_reason("Ill.");

  CHECK(validator.Validate(get).ok());
  CHECK(validator.Validate(cancel).ok());
}

TEST_CASE("An update may leave required fields unset that its mask does not name",
          "[validate][unit]") {
  const Validator validator = ForApi();
  patients::v1::UpdatePatientRequest request;
  request.mutable_patient()->set_phone("+34 600 000 000");
  request.mutable_update_mask()->add_paths("phone");
  request.set_request_id(kUuid);

  CHECK(validator.Validate(request).ok());
  request.mutable_update_mask()->add_paths("given_name");
  CHECK(BadRequestOf(validator.Validate(request)).field_violations(0).field() ==
        "patient.given_name");
}

TEST_CASE("An answer has room for a header and counts what it leaves out", "[validate][unit]") {
  const Validator validator = ForApi();
  identity::v1::CreateUserRequest request;
  for (int i = 0; i < 1000; ++i) {
    request.mutable_user()->add_roles(static_cast<identity::v1::Role>(1000 + i));
  }

  const absl::Status status = validator.Validate(request);

  const google::rpc::Status details = status::DetailsOf(status);
  google::rpc::ErrorInfo info;
  REQUIRE(details.details(0).UnpackTo(&info));
  CHECK(details.ByteSizeLong() < 5000);
  const std::size_t told = static_cast<std::size_t>(BadRequestOf(status).field_violations_size());
  CHECK(info.metadata().at("omitted") ==
        std::to_string(validator.Violations(request).size() - told));
}

TEST_CASE("A message whose rules were not compiled is a defect", "[validate][unit]") {
  const Validator validator = ForApi();

  CHECK(status::ReasonOf(validator.Validate(patients::v1::ListPatientsRequest())) ==
        status::ErrorReason::INTERNAL_DEFECT);
}

TEST_CASE("A small request is judged in less than a microsecond", "[.][validate][bench]") {
  const Validator validator = ForApi();
  patients::v1::GetPatientRequest request;
  request.set_id(kUuid);
  constexpr int kRounds = 1'000'000;

  const auto start = std::chrono::steady_clock::now();
  int passed = 0;
  for (int i = 0; i < kRounds; ++i) passed += validator.Validate(request).ok() ? 1 : 0;
  const auto spent = std::chrono::steady_clock::now() - start;

  CHECK(passed == kRounds);
  WARN("ns a request: " << std::chrono::duration_cast<std::chrono::nanoseconds>(spent).count() /
                               kRounds);
  CHECK(spent < std::chrono::microseconds(kRounds));
}

}  // namespace
}  // namespace clinicd::validate
