// gRPC-Web through the front door: what differs from native gRPC.
#include "tests/unit/common/edge/door_fixture.h"

using namespace clinicd;
using namespace clinicd::testing::edge;

namespace {

constexpr char kWeb[] = "application/grpc-web+proto";
constexpr char kText[] = "application/grpc-web-text";

// A concatenation of padded pieces.
std::string DecodedText(const std::string& body) {
  Base64StreamDecoder decoder;
  const std::optional<std::string> bytes = decoder.Feed(body);
  REQUIRE(bytes.has_value());
  REQUIRE(decoder.at_end());
  return *bytes;
}

std::string TextFrame(const EchoRequest& request) {
  return Base64Encode(Framed(request), Padding::kFull);
}

}  // namespace

TEST_CASE("The status of gRPC-Web is the last frame of the body and nowhere else", "[edge][unit]") {
  const int code = GENERATE(0, 5);
  const HttpVersion version = GENERATE(HttpVersion::kHttp1, HttpVersion::kHttp2);
  Door door;
  RequestHead head = CallHead(kWeb, "Echo", {{"x-grpc-web", "1"}});
  head.version = version;
  Exchange call(door, head);
  EchoRequest request = Text("a");
  request.set_code(code);
  request.set_message("не 100%");
  request.set_header("value");
  call.Body(Framed(request)).BodyEnd();

  REQUIRE(call.RunToEnd());
  const FramedAnswer answer = Parsed(call.stream.body);
  CHECK(answer.replies.size() == (code == 0 ? 1 : 0));
  CHECK(answer.trailer_frames == 1);
  CHECK(answer.trailers_last);
  CHECK(Line(answer.trailers, "grpc-status") == absl::StrCat(code));
  CHECK(Line(answer.trailers, "x-tail") == "value");
  CHECK(Line(answer.trailers, "grpc-message") == (code == 0 ? "(none)" : "%D0%BD%D0%B5 100%25"));
  CHECK(call.stream.status == 200);
  CHECK(call.stream.Header("content-type") == kWeb);
  CHECK(call.stream.Header("grpc-status") == "(none)");
  CHECK(call.stream.trailers.empty());
}

TEST_CASE("An error before the call is a frame as well", "[edge][unit]") {
  const auto [rpc, headers, body, code] =
      GENERATE(table<std::string, Headers, std::string, std::string>(
          {{"Nothing", {}, "", "12"},
           {"Echo", {}, "", "12"},
           {"Echo", {}, "not a frame", "3"},
           {"Echo", {{"grpc-encoding", "br"}}, "", "12"},
           {"Echo", {{"grpc-timeout", "1"}}, "", "3"}}));
  Door door;
  Exchange call(door, CallHead(kWeb, rpc, headers));
  call.Body(body).BodyEnd();

  REQUIRE(call.RunToEnd());
  const FramedAnswer answer = Parsed(call.stream.body);
  CHECK(call.stream.status == 200);
  CHECK(answer.replies.empty());
  CHECK(answer.trailer_frames == 1);
  CHECK(Line(answer.trailers, "grpc-status") == code);
  CHECK(ReasonIn(Line(answer.trailers, "grpc-status-details-bin")) != "(no reason)");
}

TEST_CASE("Trailers of a client are refused", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kWeb, "Echo"));
  call.Body(Framed(Text("a")) + TrailersFrame({{"a", "b"}})).BodyEnd();

  REQUIRE(call.RunToEnd());
  CHECK(Line(Parsed(call.stream.body).trailers, "grpc-status") == "3");
}

TEST_CASE("Text is understood however it is cut and wherever it is padded", "[edge][unit]") {
  const std::size_t piece = GENERATE(1u, 3u, 4u, 1000u);
  const std::string body = TextFrame(Text("a")) + TextFrame(Text("bc")) + TextFrame(Text("def"));
  Door door;
  Exchange call(door, CallHead(kText, "Collect"));
  for (std::size_t at = 0; at < body.size(); at += piece) call.Body(body.substr(at, piece));
  call.BodyEnd();

  REQUIRE(call.RunToEnd());
  const FramedAnswer answer = Parsed(DecodedText(call.stream.body));
  CHECK(answer.replies.at(0).text() == "abcdef");
  CHECK(Line(answer.trailers, "grpc-status") == "0");
  CHECK(call.stream.Header("content-type") == "application/grpc-web-text+proto");
  CHECK(call.stream.consumed == body.size());
}

TEST_CASE("Each frame of a text answer is padded by itself", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kText, "Repeat"));
  EchoRequest request = Text("a");
  request.set_count(3);
  call.Body(TextFrame(request)).BodyEnd();

  REQUIRE(call.RunToEnd());
  REQUIRE(call.stream.pieces.size() == 4);
  for (const std::string& piece : call.stream.pieces) {
    const FramedAnswer part = Parsed(Base64Decode(piece).value_or("no base64"));
    CHECK(part.replies.size() + static_cast<std::size_t>(part.trailer_frames) == 1);
  }
}

TEST_CASE("Text that is no base64, or stops within it, is refused", "[edge][unit]") {
  const std::string body = GENERATE(as<std::string>(), "!!!!", "AAAAAAE", "A");
  Door door;
  Exchange call(door, CallHead(kText, "Echo"));
  call.Body(body).BodyEnd();

  REQUIRE(call.RunToEnd());
  CHECK(Line(Parsed(DecodedText(call.stream.body)).trailers, "grpc-status") == "3");
}

TEST_CASE("The answer has the form that the client accepts", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kWeb, "Echo", {{"accept", "application/grpc-web-text"}}));
  call.Body(Framed(Text("a"))).BodyEnd();

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.Header("content-type") == "application/grpc-web-text+proto");
  CHECK(Parsed(DecodedText(call.stream.body)).replies.size() == 1);
}

TEST_CASE("A deadline amid a gRPC-Web stream ends it cleanly", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kWeb, "Repeat", {{"grpc-timeout", "100m"}}));
  EchoRequest request;
  request.set_hang(true);
  request.set_count(2);
  call.Body(Framed(request)).BodyEnd();

  REQUIRE(call.RunToEnd());
  const FramedAnswer answer = Parsed(call.stream.body);
  CHECK(answer.replies.size() == 2);
  CHECK(Line(answer.trailers, "grpc-status") == "4");
  CHECK(answer.trailers_last);
}
