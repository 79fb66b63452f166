// Unary Connect through the front door.
#include <nlohmann/json.hpp>

#include "tests/unit/common/edge/door_fixture.h"

using namespace clinicd;
using namespace clinicd::testing::edge;

namespace {

constexpr char kJson[] = "application/json";
constexpr char kProto[] = "application/proto";

nlohmann::json JsonOf(const Exchange& exchange) {
  return nlohmann::json::parse(exchange.stream.body);
}

std::string ReasonOf(const Exchange& exchange) {
  return JsonOf(exchange)["details"][0]["debug"].value("reason", "(no reason)");
}

}  // namespace

TEST_CASE("A call in JSON is answered in JSON", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead("application/json; charset=utf-8", "Echo",
                               {{"connect-protocol-version", "1"}}));
  call.Body(R"({"text": "Пё)").Body(R"(тр", "header": "value"})").BodyEnd();

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.status == 200);
  CHECK(JsonOf(call)["text"] == "Пётр");
  CHECK(call.stream.Header("content-type") == kJson);
  CHECK(call.stream.Header("content-length") == absl::StrCat(call.stream.body.size()));
  CHECK(call.stream.Header("x-head") == "value");
  CHECK(call.stream.Header("trailer-x-tail") == "value");
  CHECK(call.stream.trailers.empty());
}

TEST_CASE("A call in binary is answered in binary", "[edge][unit]") {
  const std::string text = GENERATE(as<std::string>(), "", "a");
  Door door;
  Exchange call(door, CallHead(kProto, "Echo"));
  call.Body(Serialized(Text(text))).BodyEnd();

  REQUIRE(call.RunToEnd());
  EchoReply reply;
  REQUIRE(reply.ParseFromString(call.stream.body));
  CHECK(reply.text() == text);
  CHECK(call.stream.status == 200);
  CHECK(call.stream.Header("content-type") == kProto);
}

TEST_CASE("An error is JSON in both forms, with the HTTP status of its code", "[edge][unit]") {
  const std::string type = GENERATE(as<std::string>(), kJson, kProto);
  Door door;
  Exchange call(door, CallHead(type, "Echo"));
  EchoRequest request;
  request.set_code(grpc::FAILED_PRECONDITION);
  request.set_message("no %");
  request.set_header("value");
  call.Body(type == kJson ? R"({"code": 9, "message": "no %", "header": "value"})"
                          : Serialized(request))
      .BodyEnd();

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.status == 400);
  CHECK(call.stream.Header("content-type") == kJson);
  CHECK(call.stream.Header("trailer-x-tail") == "value");
  CHECK(JsonOf(call) == nlohmann::json({{"code", "failed_precondition"}, {"message", "no %"}}));
}

TEST_CASE("Requests that are no call are refused with a code each", "[edge][unit]") {
  struct Case {
    std::string type;
    std::string rpc;
    Headers headers;
    std::string body;
    int status;
    std::string reason;
  };
  const Case broken = GENERATE(values<Case>({
      {kJson, "Nothing", {}, "{}", 404, "METHOD_UNKNOWN"},
      {kJson, "Echo", {}, "", 400, "MESSAGE_MALFORMED"},
      {kJson, "Echo", {}, "{", 400, "MESSAGE_MALFORMED"},
      {kJson, "Echo", {}, R"({"txt": ""})", 400, "VALIDATION_FAILED"},
      {kProto, "Echo", {}, "\xff", 400, "MESSAGE_MALFORMED"},
      {kJson, "Echo", {{"content-encoding", "gzip"}}, "{}", 501, "ENCODING_UNSUPPORTED"},
      {kJson, "Echo", {{"connect-protocol-version", "2"}}, "{}", 400, "MESSAGE_MALFORMED"},
      {kJson, "Echo", {{"connect-timeout-ms", "1s"}}, "{}", 400, "MESSAGE_MALFORMED"},
      {kJson, "Echo", {{"content-length", "1001"}}, "", 429, "MESSAGE_TOO_LARGE"},
      {kProto, "Echo", {}, std::string(kMessageMax + 1, 'a'), 429, "MESSAGE_TOO_LARGE"},
      {kProto,
       "Echo",
       {},
       std::string(100, '\x7b') + std::string(100, '\x7c'),
       429,
       "MESSAGE_TOO_LARGE"},
  }));
  Door door;
  Exchange call(door, CallHead(broken.type, broken.rpc, broken.headers));
  call.Body(broken.body).BodyEnd();

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.status == broken.status);
  CHECK(ReasonOf(call) == broken.reason);
  CHECK(call.stream.ends == 1);
}

TEST_CASE("A body may have the size of the limit", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kJson, "Echo"));
  const std::string json = R"({"text": "a"})";
  call.Body(json + std::string(kMessageMax - json.size(), ' '));
  CHECK(call.stream.kept == kMessageMax);
  call.BodyEnd();

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.status == 200);
  CHECK(call.stream.consumed == kMessageMax);
}

TEST_CASE("A Connect time-out ends the call", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kJson, "Echo", {{"connect-timeout-ms", "100"}}));
  call.Body(R"({"hang": true})").BodyEnd();

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.status == 504);
  CHECK(ReasonOf(call) == "DEADLINE_PASSED");
  CHECK(call.RunUntil([&door] { return door.server().cancelled() == 1; }));
}

TEST_CASE("A Connect client that goes cancels its call", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kJson, "Echo"));
  call.Body(R"({"hang": true})").BodyEnd();
  REQUIRE(call.RunUntil([&door] { return door.server().started() == 1; }));

  call.Close();

  CHECK(call.RunUntil([&door] { return door.server().cancelled() == 1; }));
}
