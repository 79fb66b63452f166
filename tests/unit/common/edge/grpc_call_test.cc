// Native gRPC through the front door, before a real server.
#include "common/edge/message_weight.h"
#include "tests/unit/common/edge/door_fixture.h"

using namespace clinicd;
using namespace clinicd::testing::edge;

namespace {

constexpr char kGrpc[] = "application/grpc";

std::string ReasonOf(const Exchange& exchange) {
  return ReasonIn(exchange.stream.Trailer("grpc-status-details-bin"));
}

}  // namespace

TEST_CASE("A unary call is answered with one message and its status in the trailers",
          "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead("application/grpc+proto; charset=x", "Echo", {{"te", "trailers"}}));
  call.Body(Framed(Text("Пётр"))).BodyEnd();

  REQUIRE(call.RunToEnd());
  const FramedAnswer answer = Parsed(call.stream.body);
  REQUIRE(answer.replies.size() == 1);
  CHECK(answer.replies[0].text() == "Пётр");
  CHECK(answer.trailer_frames == 0);
  CHECK(call.stream.status == 200);
  CHECK(call.stream.Header("content-type") == "application/grpc+proto");
  CHECK(call.stream.Header("grpc-accept-encoding") == "identity");
  CHECK(call.stream.Trailer("grpc-status") == "0");
  CHECK(call.stream.Trailer("grpc-message") == "(none)");
  CHECK(call.stream.heads == 1);
  CHECK(call.stream.ends == 1);
}

TEST_CASE("Every code of a server arrives, unary and streaming", "[edge][unit]") {
  const std::string rpc = GENERATE(as<std::string>(), "Echo", "Repeat");
  const int code = GENERATE(range(1, 17));
  Door door;
  Exchange call(door, CallHead(kGrpc, rpc));
  EchoRequest request;
  request.set_code(code);
  request.set_message("наличие %");
  request.set_count(2);
  call.Body(Framed(request)).BodyEnd();

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.Trailer("grpc-status") == absl::StrCat(code));
  CHECK(call.stream.Trailer("grpc-message") == "%D0%BD%D0%B0%D0%BB%D0%B8%D1%87%D0%B8%D0%B5 %25");
  CHECK(Parsed(call.stream.body).replies.size() == (rpc == "Echo" ? 0 : 2));
}

TEST_CASE("Metadata of an answer arrives as headers and trailers", "[edge][unit]") {
  const std::string rpc = GENERATE(as<std::string>(), "Echo", "Repeat");
  Door door;
  Exchange call(door, CallHead(kGrpc, rpc));
  EchoRequest request;
  request.set_header("value");
  request.set_count(1);
  call.Body(Framed(request)).BodyEnd();

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.Header("x-head") == "value");
  CHECK(call.stream.Trailer("x-tail") == "value");
}

TEST_CASE("The server hears who calls, and of the client's headers only the listed ones",
          "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kGrpc, "Echo",
                               {{"user-agent", "desk/1.0 \xff"},
                                {"authorization", "Bearer a"},
                                {"x-clinicd-peer", "10.0.0.1:1"},
                                {"x-clinicd-edge-bin", "AAAA"},
                                {"x-other", "a"},
                                {"cookie", "a=b"}}));
  call.Body(Framed(Text("who"))).BodyEnd();

  REQUIRE(call.RunToEnd());
  const FramedAnswer answer = Parsed(call.stream.body);
  REQUIRE(answer.replies.size() == 1);
  const auto& metadata = answer.replies[0].metadata();
  CHECK(metadata.at("x-clinicd-peer") == "192.0.2.7:50123");
  CHECK(metadata.at("x-clinicd-tls") == "TLSv1.3");
  CHECK(metadata.at("x-clinicd-agent") == "desk/1.0 ?");
  CHECK(metadata.at("x-clinicd-edge-bin") == "32");
  CHECK(metadata.at("authorization") == "Bearer a");
  CHECK_FALSE(metadata.contains("x-other"));
  CHECK_FALSE(metadata.contains("cookie"));
}

TEST_CASE("A method of one message is called with exactly one", "[edge][unit]") {
  const std::string rpc = GENERATE(as<std::string>(), "Echo", "Repeat");
  const int count = GENERATE(0, 2, 3);
  Door door;
  Exchange call(door, CallHead(kGrpc, rpc));
  for (int i = 0; i < count; ++i) call.Body(Framed(Text("a")));
  call.BodyEnd();

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.Trailer("grpc-status") == "12");
  CHECK(ReasonOf(call) == "MESSAGE_COUNT_WRONG");
  CHECK(door.server().started() == 0);
}

TEST_CASE("An empty message is a message", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kGrpc, "Echo"));
  call.Body(MessageFrame("")).BodyEnd();

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.Trailer("grpc-status") == "0");
  CHECK(Parsed(call.stream.body).replies.size() == 1);
}

TEST_CASE("Bytes that are no message are told from a method that is not there", "[edge][unit]") {
  Door door;
  Exchange malformed(door, CallHead(kGrpc, "Echo"));
  malformed.Body(MessageFrame("\xff\xff")).BodyEnd();
  Exchange unknown(door, CallHead(kGrpc, "Nothing"));
  unknown.Body(Framed(Text("a"))).BodyEnd();

  REQUIRE(malformed.RunToEnd());
  REQUIRE(unknown.RunToEnd());
  CHECK(malformed.stream.Trailer("grpc-status") == "3");
  CHECK(ReasonOf(malformed) == "MESSAGE_MALFORMED");
  CHECK(unknown.stream.Trailer("grpc-status") == "12");
  CHECK(unknown.stream.status == 200);
  CHECK(ReasonOf(unknown) == "METHOD_UNKNOWN");
}

TEST_CASE("A message may have the size of the limit; its length alone refuses a larger one",
          "[edge][unit]") {
  Door door;
  EchoRequest request = Text("");
  request.set_text(std::string(kMessageMax - 3, 'a'));  // A tag and a length of two bytes.
  REQUIRE(Serialized(request).size() == kMessageMax);
  Exchange exact(door, CallHead(kGrpc, "Echo"));
  exact.Body(Framed(request)).BodyEnd();
  Exchange over(door, CallHead(kGrpc, "Echo"));
  over.Body(FrameHead(kMessageMax + 1));

  REQUIRE(exact.RunToEnd());
  CHECK(exact.stream.Trailer("grpc-status") == "0");
  CHECK(over.stream.ended());
  CHECK(over.stream.Trailer("grpc-status") == "8");
  CHECK(ReasonOf(over) == "MESSAGE_TOO_LARGE");
}

TEST_CASE("An answer may be larger than a request", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kGrpc, "Echo"));
  EchoRequest request;
  request.set_padding(6 << 20);
  call.Body(Framed(request)).BodyEnd();

  REQUIRE(call.RunToEnd());
  REQUIRE(call.stream.Trailer("grpc-status") == "0");
  CHECK(Parsed(call.stream.body).replies.at(0).padding().size() == 6 << 20);
}

TEST_CASE("Broken requests are refused with a code each", "[edge][unit]") {
  struct Case {
    Headers headers;
    std::string body;
    std::string code;
    std::string reason;
  };
  const std::string frame = Framed(Text("message"));
  const Case broken = GENERATE_COPY(values<Case>(
      {{{}, frame.substr(0, 3), "3", "MESSAGE_MALFORMED"},
       {{}, frame.substr(0, frame.size() - 1), "3", "MESSAGE_MALFORMED"},
       {{}, "\x02" + frame.substr(1), "3", "MESSAGE_MALFORMED"},
       {{}, "\x01" + frame.substr(1), "13", "ENCODING_UNSUPPORTED"},
       {{{"grpc-encoding", "gzip"}}, frame, "12", "ENCODING_UNSUPPORTED"},
       {{{"grpc-encoding", "foo"}}, frame, "12", "ENCODING_UNSUPPORTED"},
       {{{"grpc-timeout", "soon"}}, frame, "3", "MESSAGE_MALFORMED"},
       {{{"grpc-timeout", ""}}, frame, "3", "MESSAGE_MALFORMED"},
       {{{"authorization", std::string(5000, 'a')}}, frame, "8", "MESSAGE_TOO_LARGE"}}));
  Door door;
  Exchange call(door, CallHead(kGrpc, "Echo", broken.headers));
  call.Body(broken.body).BodyEnd();

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.status == 200);
  CHECK(call.stream.Trailer("grpc-status") == broken.code);
  CHECK(ReasonOf(call) == broken.reason);
  CHECK(call.stream.ends == 1);
  CHECK(door.server().started() == 0);
}

TEST_CASE("The encoding identity is none", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kGrpc, "Echo", {{"grpc-encoding", "identity"}}));
  call.Body(Framed(Text("a"))).BodyEnd();

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.Trailer("grpc-status") == "0");
}

TEST_CASE("A deadline ends a call, before and amid its answers", "[edge][unit]") {
  const std::string rpc = GENERATE(as<std::string>(), "Echo", "Repeat");
  Door door;
  Exchange call(door, CallHead(kGrpc, rpc, {{"grpc-timeout", "100m"}}));
  EchoRequest request;
  request.set_hang(true);
  request.set_count(2);
  call.Body(Framed(request)).BodyEnd();

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.Trailer("grpc-status") == "4");
  CHECK(ReasonOf(call) == "DEADLINE_PASSED");
  CHECK(Parsed(call.stream.body).replies.size() == (rpc == "Echo" ? 0 : 2));
}

TEST_CASE("A client that goes cancels its call", "[edge][unit]") {
  const std::string rpc = GENERATE(as<std::string>(), "Echo", "Repeat", "Collect", "Chat");
  Door door;
  Exchange call(door, CallHead(kGrpc, rpc));
  EchoRequest request;
  request.set_hang(true);
  call.Body(Framed(request));
  if (rpc == "Echo" || rpc == "Repeat") call.BodyEnd();
  REQUIRE(call.RunUntil([&door] { return door.server().started() == 1; }));

  call.Close();

  CHECK(call.RunUntil([&door] { return door.server().cancelled() == 1; }));
  CHECK(call.stream.ends == 0);
}

TEST_CASE("A client that goes while its answers wait for it cancels its call", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kGrpc, "Repeat"));
  call.stream.pieces_max = 1;
  EchoRequest request;
  request.set_count(1000);
  call.Body(Framed(request)).BodyEnd();
  REQUIRE(call.RunUntil([&call] { return !call.stream.body.empty(); }));

  call.Close();

  CHECK(call.RunUntil([&door] { return door.server().cancelled() == 1; }));
}

TEST_CASE("An answer does not begin before the connection has room", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kGrpc, "Repeat"));
  call.stream.blocked = true;
  EchoRequest request;
  request.set_count(1);
  call.Body(Framed(request)).BodyEnd();
  // Meanwhile another, which began later, is answered.
  Exchange other(door, CallHead(kGrpc, "Repeat"));
  other.Body(Framed(request)).BodyEnd();
  REQUIRE(other.RunToEnd());
  CHECK(call.stream.body.empty());

  call.stream.blocked = false;
  call.Writable();
  REQUIRE(call.RunToEnd());
  CHECK(Parsed(call.stream.body).replies.size() == 1);
}

TEST_CASE("Answers wait for the client with at most one under way", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kGrpc, "Repeat"));
  call.stream.pieces_max = 1;
  EchoRequest request;
  request.set_count(50);
  call.Body(Framed(request)).BodyEnd();
  REQUIRE(call.RunUntil([&call] { return !call.stream.body.empty(); }));
  const auto sent = [&call] { return Parsed(call.stream.body).replies.size(); };

  // One is here; a second may be on its way.
  CHECK(sent() == 1);
  call.Writable();
  CHECK(door.server().written() <= 2);
  CHECK(sent() == 1);

  call.stream.pieces_max = 1000;
  call.Writable();
  REQUIRE(call.RunToEnd());
  CHECK(sent() == 50);
  CHECK(call.stream.Trailer("grpc-status") == "0");
}

TEST_CASE("A stream of messages arrives whole, however it is cut", "[edge][unit]") {
  const std::size_t piece = GENERATE(1u, 7u, 1000u);
  Door door;
  Exchange call(door, CallHead(kGrpc, "Collect"));
  const std::string body = Framed(Text("a")) + Framed(Text("b")) + Framed(Text("c"));
  for (std::size_t at = 0; at < body.size(); at += piece) call.Body(body.substr(at, piece));
  call.BodyEnd();

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.Trailer("grpc-status") == "0");
  CHECK(Parsed(call.stream.body).replies.at(0).text() == "abc");
  CHECK(call.stream.consumed == body.size());
}

TEST_CASE("A stream without messages is a stream", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kGrpc, "Collect"));
  call.BodyEnd();

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.Trailer("grpc-status") == "0");
  CHECK(Parsed(call.stream.body).replies.size() == 1);
}

TEST_CASE("The client's messages wait unconsumed while the server takes one", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kGrpc, "Collect"));
  const std::string frame = Framed(Text("a"));
  call.Body(frame).Body(frame).Body(frame);

  // Nothing posted has run yet, so the first is still being written.
  CHECK(call.stream.consumed == frame.size());
  call.BodyEnd();
  REQUIRE(call.RunToEnd());
  CHECK(call.stream.consumed == 3 * frame.size());
  CHECK(Parsed(call.stream.body).replies.at(0).text() == "aaa");
}

TEST_CASE("A message counts as kept from its first byte to the end of its call", "[edge][unit]") {
  Door door;
  const std::string frame = Framed(Text("some words"));
  const std::size_t message = frame.size() - kFrameHeadBytes;
  const std::size_t parsed =
      MessageWeight(*EchoRequest::descriptor(), Serialized(Text("some words")), kMessageMax)
          .value_or(0);

  SECTION("of a unary call") {
    Exchange call(door, CallHead(kGrpc, "Echo"));
    call.Body(frame.substr(0, frame.size() - 1));
    CHECK(call.stream.kept == message - 1);
    call.Body(frame.substr(frame.size() - 1)).BodyEnd();
    // What the server makes of it counts as well.
    CHECK(call.stream.kept == message + parsed);
    CHECK(call.RunToEnd());
  }
  SECTION("of a stream, until the server has taken it") {
    Exchange call(door, CallHead(kGrpc, "Collect"));
    call.Body(frame);
    CHECK(call.stream.kept == parsed);
    call.Body(frame).BodyEnd();
    REQUIRE(call.RunToEnd());
    CHECK(call.stream.kept == 0);
  }
}

TEST_CASE("A message of so many parts that they take too much memory is refused unparsed",
          "[edge][unit]") {
  Door door;
  std::string parts;
  while (parts.size() < kMessageMax) parts += "\x7b\x7c";
  const std::string rpc = GENERATE(as<std::string>(), "Echo", "Repeat", "Collect", "Chat");
  Exchange call(door, CallHead(kGrpc, rpc));

  call.Body(MessageFrame(parts)).BodyEnd();

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.Trailer("grpc-status") == "8");
  CHECK(ReasonIn(call.stream.Trailer("grpc-status-details-bin")) == "MESSAGE_TOO_LARGE");
  // A stream of the client's may begin before its first message.
  if (rpc == "Echo" || rpc == "Repeat") CHECK(door.server().started() == 0);
}

TEST_CASE("A message for which there is no memory does not reach the server", "[edge][unit]") {
  Door door;
  const std::string frame = Framed(Text("some words"));
  const std::string rpc = GENERATE(as<std::string>(), "Echo", "Repeat");
  Exchange call(door, CallHead(kGrpc, rpc));
  call.stream.kept_max = frame.size();

  call.Body(frame).BodyEnd();

  CHECK(call.stream.kept > frame.size());
  CHECK(door.server().started() == 0);
}

TEST_CASE("Both sides of a stream speak in turn", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kGrpc, "Chat"));
  for (std::size_t turn = 1; turn <= 3; ++turn) {
    call.Body(Framed(Text(absl::StrCat(turn))));
    REQUIRE(call.RunUntil([&] { return Parsed(call.stream.body).replies.size() == turn; }));
    CHECK(Parsed(call.stream.body).replies.back().text() == absl::StrCat(turn));
  }
  CHECK_FALSE(call.stream.ended());
  call.BodyEnd();

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.Trailer("grpc-status") == "0");
}

TEST_CASE("A server may end a stream before its client does", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kGrpc, "Chat"));
  EchoRequest request;
  request.set_code(9);
  call.Body(Framed(request));
  for (int i = 0; i < 10; ++i) call.Body(Framed(Text("more")));

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.Trailer("grpc-status") == "9");
  call.Body(Framed(Text("late"))).BodyEnd();
  CHECK(call.stream.ends == 1);
}

TEST_CASE("A broken frame amid a stream ends it and cancels the call", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kGrpc, "Collect"));
  call.Body(Framed(Text("a")));
  REQUIRE(call.RunUntil([&door] { return door.server().started() == 1; }));
  call.Body(FrameHead(kMessageMax + 1));

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.Trailer("grpc-status") == "8");
  CHECK(call.RunUntil([&door] { return door.server().cancelled() == 1; }));
}

TEST_CASE("Native gRPC is not spoken over HTTP/1.1", "[edge][unit]") {
  Door door;
  RequestHead head = CallHead(kGrpc, "Echo");
  head.version = HttpVersion::kHttp1;
  const Exchange call(door, head);

  CHECK(call.stream.status == 505);
}
