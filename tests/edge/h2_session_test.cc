#include "common/edge/h2_session.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/edge/session_fixture.h"

namespace clinicd::edge {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

std::string Bytes(std::uint64_t number, int size) {
  std::string bytes;
  for (int i = size - 1; i >= 0; --i) bytes += static_cast<char>(number >> (8 * i) & 0xff);
  return bytes;
}

std::string Frame(int type, int flags, std::uint32_t stream, const std::string& payload = "") {
  return Bytes(payload.size(), 3) + Bytes(static_cast<std::uint64_t>(type), 1) +
         Bytes(static_cast<std::uint64_t>(flags), 1) + Bytes(stream, 4) + payload;
}

// A header that HPACK's table is left alone by.
std::string Literal(const std::string& name, const std::string& value) {
  const auto text = [](const std::string& from) {
    std::string size;
    if (from.size() < 127) {
      size = Bytes(from.size(), 1);
    } else {
      size = "\x7f";
      std::size_t rest = from.size() - 127;
      for (; rest >= 128; rest /= 128) size += static_cast<char>(rest % 128 + 128);
      size += static_cast<char>(rest);
    }
    return size + from;
  };
  return std::string(1, '\0') + text(name) + text(value);
}

std::string Head(const std::string& method, const std::string& path, const std::string& more = "") {
  return Literal(":method", method) + Literal(":scheme", "https") + Literal(":path", path) +
         Literal(":authority", "localhost") + more;
}

// What came back, by frame.
struct Received {
  int type;
  int flags;
  std::uint32_t stream;
  std::string payload;
};

std::uint32_t Number(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

std::vector<Received> Parse(std::string_view bytes) {
  std::vector<Received> frames;
  while (bytes.size() >= 9) {
    const std::uint32_t size = Number(bytes.substr(0, 3));
    frames.push_back(
        {bytes[3], bytes[4], Number(bytes.substr(5, 4)), std::string(bytes.substr(9, size))});
    bytes.remove_prefix(9 + size);
  }
  return frames;
}

class H2 final : public SessionFixture {
 public:
  H2() {
    session_ = std::make_unique<H2Session>(parts(), wire(), now());
    Exchange(std::string(kPreface) + Frame(NGHTTP2_SETTINGS, 0, 0) +
             Frame(NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0));
  }
  Session& session() override { return *session_; }

  std::vector<Received> Send(const std::string& bytes) { return Parse(Exchange(bytes)); }
  std::string Get(const std::string& path) {
    next_ += 2;
    return Frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, next_,
                 Head("GET", path));
  }
  std::string Post(const std::string& path, const std::string& more = "") {
    next_ += 2;
    return Frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, next_, Head("POST", path, more));
  }
  std::uint32_t stream() const { return next_; }

 private:
  std::unique_ptr<H2Session> session_;
  std::uint32_t next_ = static_cast<std::uint32_t>(-1);
};

std::string DataOf(const std::vector<Received>& frames, std::uint32_t stream) {
  std::string data;
  for (const Received& frame : frames) {
    if (frame.type == NGHTTP2_DATA && frame.stream == stream) data += frame.payload;
  }
  return data;
}

// The first frame of that type, or an empty one of stream 2^32-1.
Received First(const std::vector<Received>& frames, int type) {
  for (const Received& frame : frames) {
    if (frame.type == type) return frame;
  }
  return {-1, 0, static_cast<std::uint32_t>(-1), ""};
}

std::map<std::string, std::string> Decoded(const std::string& block) {
  nghttp2_hd_inflater* inflater = nullptr;
  nghttp2_hd_inflate_new(&inflater);
  std::map<std::string, std::string> headers;
  const auto* in = reinterpret_cast<const std::uint8_t*>(block.data());
  std::size_t left = block.size();
  for (int flags = 0; (flags & NGHTTP2_HD_INFLATE_FINAL) == 0;) {
    nghttp2_nv nv = {};
    const ssize_t taken = nghttp2_hd_inflate_hd2(inflater, &nv, &flags, in, left, 1);
    REQUIRE(taken >= 0);
    in += taken;
    left -= static_cast<std::size_t>(taken);
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      headers[std::string(reinterpret_cast<char*>(nv.name), nv.namelen)] =
          std::string(reinterpret_cast<char*>(nv.value), nv.valuelen);
    }
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && left == 0) break;
  }
  nghttp2_hd_inflate_del(inflater);
  return headers;
}

bool GaveUp(H2& h2, const std::vector<Received>& frames, Cut cut) {
  const Received goaway = First(frames, NGHTTP2_GOAWAY);
  return goaway.payload.size() >= 8 &&
         Number(std::string_view(goaway.payload).substr(4, 4)) == NGHTTP2_ENHANCE_YOUR_CALM &&
         h2.session().finished() && h2.session().cut() == cut;
}

TEST_CASE("Every answer over HTTP/2 carries the same headers", "[edge][unit]") {
  const auto [path, more, status] = GENERATE(table<std::string, std::string, std::string>({
      {"/hello", "", "200"},
      {"/unknown", "", "404"},
      {"/hello", Literal("x", std::string(9000, 'a')), "431"},
  }));
  H2 h2;
  h2.SetTls("TLSv1.3");

  const auto frames = h2.Send(Frame(NGHTTP2_HEADERS, 5, 1, Head("GET", path, more)));

  const auto headers = Decoded(First(frames, NGHTTP2_HEADERS).payload);
  CHECK(headers.at(":status") == status);
  for (const std::string& line : SecurityHeaders()) {
    const std::size_t colon = line.find(": ");
    CAPTURE(line);
    REQUIRE(headers.contains(line.substr(0, colon)));
    CHECK(headers.at(line.substr(0, colon)) == line.substr(colon + 2));
  }
  CHECK_FALSE(headers.contains("server"));
}

TEST_CASE("An answer without body ends with its head", "[edge][unit]") {
  H2 h2;

  const auto frames = h2.Send(Frame(NGHTTP2_HEADERS, 5, 1, Head("HEAD", "/hello")));

  CHECK((First(frames, NGHTTP2_HEADERS).flags & NGHTTP2_FLAG_END_STREAM) != 0);
  CHECK(First(frames, NGHTTP2_DATA).type == -1);
}

TEST_CASE("Trailers end an answer", "[edge][unit]") {
  H2 h2;

  const auto frames = h2.Send(h2.Get("/trailers"));

  REQUIRE(frames.size() == 3);
  CHECK(frames[1].type == NGHTTP2_DATA);
  CHECK(frames[1].flags == 0);
  CHECK(frames[2].type == NGHTTP2_HEADERS);
  CHECK((frames[2].flags & NGHTTP2_FLAG_END_STREAM) != 0);
}

TEST_CASE("An answer waits for the client's window", "[edge][unit]") {
  H2 h2;

  auto frames = h2.Send(h2.Get("/zeros/100000"));
  CHECK(DataOf(frames, h2.stream()).size() == 65535);
  CHECK(h2.held() <= HttpStream::kHighWater);
  frames = h2.Send(Frame(NGHTTP2_WINDOW_UPDATE, 0, 0, Bytes(100000, 4)) +
                   Frame(NGHTTP2_WINDOW_UPDATE, 0, h2.stream(), Bytes(100000, 4)));

  CHECK(DataOf(frames, h2.stream()).size() == 100000 - 65535);
  CHECK(h2.held() == 0);
}

// Answers of which the client takes nothing, until it opens their windows.
class Stalled final {
 public:
  Stalled() { h2_.Send(Frame(NGHTTP2_SETTINGS, 0, 0, Bytes(4, 2) + Bytes(0, 4)) + Open(0, kMuch)); }

  static std::string Open(std::uint32_t stream, std::uint32_t bytes) {
    return Frame(NGHTTP2_WINDOW_UPDATE, 0, stream, Bytes(bytes, 4));
  }
  // Asks for an answer of that size.
  void Ask(std::size_t bytes) {
    const std::string path = "/zeros/" + std::to_string(bytes);
    h2_.Send(h2_.Get(path));
    // The head counts as long as its stream.
    heads_ += std::string(
                  ":method"
                  "GET"
                  ":scheme"
                  "https"
                  ":path"
                  ":authority"
                  "localhost")
                  .size() +
              path.size() + std::size_t{4} * 32;
  }
  // Bytes of answers that wait.
  std::size_t unsent() const { return h2_.held() - heads_; }
  H2& h2() { return h2_; }

 private:
  static constexpr std::uint32_t kMuch = 1 << 30;

  H2 h2_;
  std::size_t heads_ = 0;
};

TEST_CASE("All answers of a connection together wait when too much is unsent", "[edge][unit]") {
  Stalled client;
  const std::size_t limit = client.h2().limits().connection_unsent;
  client.Ask(limit / 2);

  SECTION("just enough") {
    client.Ask(limit / 2);
    REQUIRE(client.unsent() == limit);
    client.Ask(1);
    CHECK(client.unsent() == limit);
  }
  SECTION("a byte less") {
    client.Ask(limit / 2 - 1);
    REQUIRE(client.unsent() == limit - 1);
    client.Ask(1);
    CHECK(client.unsent() == limit);
  }
  SECTION("on as many streams as there may be") {
    for (std::uint32_t i = 1; i < client.h2().limits().concurrent_streams; ++i)
      client.Ask(1'000'000);
    CHECK(client.unsent() == limit);
  }
}

TEST_CASE("What waits for the kernel counts with what waits in streams", "[edge][unit]") {
  constexpr std::size_t kPiece = 16 * kKibibyte;
  constexpr std::size_t kHeads = 2 * kKibibyte;
  H2 h2;
  h2.Send(Frame(NGHTTP2_SETTINGS, 0, 0, Bytes(4, 2) + Bytes(1 << 30, 4)) +
          Stalled::Open(0, 1 << 30));

  for (int i = 0; i < 2; ++i) h2.session().Receive(h2.Get("/zeros/300000"), h2.now());
  std::string taken;
  h2.session().TakeOutput(taken, h2.now());

  REQUIRE(taken.size() > kPiece);
  CHECK(h2.held() + taken.size() < h2.limits().connection_unsent + kPiece + kHeads);
  const auto frames = Parse(taken + h2.TakeOutput());
  CHECK(DataOf(frames, 1).size() == 300'000);
  CHECK(DataOf(frames, 3).size() == 300'000);
}

TEST_CASE("Streams that the client takes nothing of do not stop another", "[edge][unit]") {
  Stalled client;
  client.Ask(1'000'000);
  client.Ask(1'000'000);
  REQUIRE(client.unsent() == client.h2().limits().connection_unsent);
  client.Ask(500'000);

  const auto frames = client.h2().Send(Stalled::Open(client.h2().stream(), 500'000));

  CHECK(DataOf(frames, client.h2().stream()).size() == 500'000);
}

TEST_CASE("The room of a stream that ends goes to one that waits", "[edge][unit]") {
  Stalled client;
  client.Ask(1'000'000);
  client.Ask(1'000'000);
  client.Ask(1'000'000);
  const std::size_t before = client.unsent();

  client.h2().Send(Frame(NGHTTP2_RST_STREAM, 0, 1, Bytes(NGHTTP2_CANCEL, 4)));

  // The head of one stream less.
  CHECK(client.unsent() < before);
  CHECK(client.unsent() > before - 500);
}

TEST_CASE("All streams that wait for room get it in the end", "[edge][unit]") {
  constexpr int kStreams = 20;
  constexpr std::uint32_t kSize = 300'000;
  constexpr std::uint32_t kPiece = 10'000;
  H2 h2;
  // Only the connection's window holds them back.
  h2.Send(Frame(NGHTTP2_SETTINGS, 0, 0, Bytes(4, 2) + Bytes(1 << 30, 4)));
  std::string answers;
  for (int i = 0; i < kStreams; ++i) answers += h2.Exchange(h2.Get("/zeros/300000"));

  for (std::uint32_t i = 0; i < kStreams * kSize / kPiece; ++i) {
    answers += h2.Exchange(Stalled::Open(0, kPiece));
  }

  const auto frames = Parse(answers);
  for (std::uint32_t stream = 1; stream < 2 * kStreams; stream += 2) {
    CAPTURE(stream);
    CHECK(DataOf(frames, stream).size() == kSize);
  }
  CHECK(h2.held() == 0);
}

TEST_CASE("A client gets window back for what was used up only", "[edge][unit]") {
  H2 h2;
  std::string body;
  for (int i = 0; i < 4; ++i) body += Frame(NGHTTP2_DATA, 0, 1, std::string(16'000, 'x'));

  SECTION("nothing was") {
    CHECK(First(h2.Send(h2.Post("/hold") + body), NGHTTP2_WINDOW_UPDATE).type == -1);
    CHECK(h2.held() >= 64'000);
  }
  SECTION("all was") {
    CHECK(First(h2.Send(h2.Post("/length") + body), NGHTTP2_WINDOW_UPDATE).stream == 1);
    CHECK(h2.held() < 1000);
  }
  SECTION("all was, and is kept") {
    CHECK(First(h2.Send(h2.Post("/keep") + body), NGHTTP2_WINDOW_UPDATE).stream == 1);
    CHECK(h2.held() >= 64'000);
  }
}

TEST_CASE("What requests keep ends with them and has a limit", "[edge][unit]") {
  H2 h2;
  const auto body = [](std::uint32_t stream) {
    return Frame(NGHTTP2_DATA, 0, stream, std::string(800, 'x'));
  };
  std::size_t others = 0;

  SECTION("of bodies") {
    h2.LimitMemory(h2.limits().in_flight / 4 + 1500);
    others = h2.held();
    h2.Send(h2.Post("/keep") + body(1));
    const auto frames = h2.Send(h2.Post("/keep") + body(3));

    CHECK(First(frames, NGHTTP2_RST_STREAM).stream == 3);
    CHECK(h2.cuts(Cut::kMemory) == 1);
  }
  SECTION("of heads") {
    h2.LimitMemory(h2.limits().in_flight / 4 + 5000);
    others = h2.held();
    const std::string large = Literal("x", std::string(3000, 'a'));
    h2.Send(h2.Post("/hold", large));
    const auto frames = h2.Send(h2.Post("/hold", large));

    CHECK(First(frames, NGHTTP2_RST_STREAM).stream == 3);
    CHECK(h2.cuts(Cut::kMemory) == 1);
  }
  h2.session().OnLost();
  CHECK(h2.held() == others);
}

TEST_CASE("More than the window is an error", "[edge][unit]") {
  H2 h2;
  std::string body;
  for (int i = 0; i < 5; ++i) body += Frame(NGHTTP2_DATA, 0, 1, std::string(16'000, 'x'));

  const auto frames = h2.Send(h2.Post("/hold") + body);

  CHECK(Number(First(frames, NGHTTP2_RST_STREAM).payload) == NGHTTP2_FLOW_CONTROL_ERROR);
  CHECK(h2.held() == 0);
}

TEST_CASE("A stream over the limit is refused, acknowledged settings or not", "[edge][unit]") {
  H2 h2;
  std::string requests;
  for (std::uint32_t i = 0; i < h2.limits().concurrent_streams; ++i) requests += h2.Post("/hold");
  CHECK(First(h2.Send(requests), NGHTTP2_RST_STREAM).type == -1);

  const auto frames = h2.Send(h2.Post("/hold"));

  const bool refused = First(frames, NGHTTP2_RST_STREAM).stream == h2.stream();
  const bool ended = First(frames, NGHTTP2_GOAWAY).type != -1;
  CHECK((refused || ended));
}

TEST_CASE("Resets of the client are limited", "[edge][unit]") {
  H2 h2;
  std::vector<Received> frames;

  std::uint32_t sent = 0;
  for (; sent < 2 * h2.limits().reset_burst && !h2.session().finished(); ++sent) {
    const std::string request = h2.Get("/hold");
    frames = h2.Send(request + Frame(NGHTTP2_RST_STREAM, 0, h2.stream(), Bytes(NGHTTP2_CANCEL, 4)));
  }

  CHECK(h2.session().finished());
  CHECK(sent > h2.limits().reset_burst / 2);
  CHECK(sent <= h2.limits().reset_burst + 1);
}

TEST_CASE("A request that is reset without an error is let go before anything is sent",
          "[edge][unit]") {
  H2 h2;
  const std::string request = h2.Post("/hold");

  h2.session().Receive(request + Frame(NGHTTP2_DATA, 0, 1, std::string(1000, 'x')), h2.now());
  REQUIRE(h2.held() >= 1000);
  h2.session().Receive(Frame(NGHTTP2_RST_STREAM, 0, 1, Bytes(NGHTTP2_NO_ERROR, 4)), h2.now());

  CHECK(h2.held() == 0);
}

TEST_CASE("Resets that the client provokes are limited", "[edge][unit]") {
  H2 h2;
  std::vector<Received> frames;

  std::uint32_t sent = 0;
  for (; sent < 2 * h2.limits().reset_burst && !h2.session().finished(); ++sent) {
    // A window beyond its largest size is an error of the stream.
    const std::string request = h2.Post("/hold");
    frames = h2.Send(request + Frame(NGHTTP2_WINDOW_UPDATE, 0, h2.stream(), Bytes(0x7fffffff, 4)));
  }

  CHECK(GaveUp(h2, frames, Cut::kFlood));
  CHECK(sent == h2.limits().reset_burst + 1);
}

TEST_CASE("Pings without data are limited", "[edge][unit]") {
  H2 h2;
  const std::string ping = Frame(NGHTTP2_PING, 0, 0, "12345678");
  for (int i = 0; i < h2.limits().pings; ++i) {
    CHECK(First(h2.Send(ping), NGHTTP2_PING).flags == NGHTTP2_FLAG_ACK);
  }

  SECTION("one more ends the connection") { CHECK(GaveUp(h2, h2.Send(ping), Cut::kFlood)); }
  SECTION("a request starts the count anew") {
    h2.Send(h2.Get("/hello"));
    CHECK(First(h2.Send(ping), NGHTTP2_PING).flags == NGHTTP2_FLAG_ACK);
  }
  SECTION("time starts the count anew") {
    CHECK_FALSE(h2.OverdueAfter(h2.limits().ping_period + absl::Seconds(1)));
    CHECK(First(h2.Send(ping), NGHTTP2_PING).flags == NGHTTP2_FLAG_ACK);
  }
}

TEST_CASE("Frames that say nothing are limited", "[edge][unit]") {
  H2 h2;
  const auto [what, frame] = GENERATE(table<std::string, std::string>({
      {"settings", Frame(NGHTTP2_SETTINGS, 0, 0)},
      {"priorities", Frame(NGHTTP2_PRIORITY, 0, 1, Bytes(0, 5))},
      {"empty data", Frame(NGHTTP2_DATA, 0, 1)},
  }));
  CAPTURE(what);
  h2.Send(h2.Post("/hold"));
  std::string flood;
  for (std::uint32_t i = 0; i <= h2.limits().control_burst; ++i) flood += frame;

  CHECK(GaveUp(h2, h2.Send(flood), Cut::kFlood));
}

TEST_CASE("A head in too many frames ends the connection", "[edge][unit]") {
  H2 h2;
  std::string frames = Frame(NGHTTP2_HEADERS, 0, 1, Head("GET", "/hello"));
  for (std::size_t i = 0; i <= h2.limits().continuations; ++i) {
    frames += Frame(NGHTTP2_CONTINUATION, 0, 1, Literal("a", "b"));
  }

  h2.Send(frames);

  CHECK(h2.session().finished());
  CHECK(h2.session().cut() == Cut::kFlood);
}

TEST_CASE("A small block that becomes huge headers ends the connection", "[edge][unit]") {
  H2 h2;
  // One entry of the table, named again and again by one byte.
  const std::string entry = "\x40" + std::string(Literal("bomb", std::string(3000, 'a'))).substr(1);
  const std::string bomb = Head("GET", "/hello") + entry + std::string(12'000, '\xbe');

  CHECK(GaveUp(h2, h2.Send(Frame(NGHTTP2_HEADERS, 5, 1, bomb)), Cut::kOversize));
}

TEST_CASE("Headers that HTTP/2 forbids make a request an error", "[edge][unit]") {
  const auto [what, header] = GENERATE(table<std::string, std::string>({
      {"upper case", Literal("X-Upper", "a")},
      {"chunks", Literal("transfer-encoding", "chunked")},
      {"a connection header", Literal("connection", "close")},
      {"another te", Literal("te", "gzip")},
      {"a line feed in a value", Literal("x", "a\nb")},
      {"a carriage return in a value", Literal("x", "a\rb")},
      {"a NUL in a value", Literal("x", std::string("a\0b", 3))},
      {"a second path", Literal(":path", "/other")},
      {"an unknown pseudo-header", Literal(":unknown", "a")},
      {"two lengths", Literal("content-length", "3") + Literal("content-length", "4")},
      {"a length that is no number", Literal("content-length", "x")},
  }));
  CAPTURE(what);
  H2 h2;

  const auto frames = h2.Send(h2.Post("/hold", header));

  CHECK(First(frames, NGHTTP2_HEADERS).type == -1);
  CHECK(First(frames, NGHTTP2_RST_STREAM).stream == 1);
}

TEST_CASE("A body of another length than announced is an error", "[edge][unit]") {
  H2 h2;

  const auto frames = h2.Send(h2.Post("/length", Literal("content-length", "5")) +
                              Frame(NGHTTP2_DATA, 1, 1, "abc"));

  CHECK(First(frames, NGHTTP2_RST_STREAM).stream == 1);
}

TEST_CASE("Clients that take too long on HTTP/2 are cut off", "[edge][unit]") {
  H2 h2;
  const EdgeLimits& limits = h2.limits();

  SECTION("half a head comes") {
    h2.Send(Frame(NGHTTP2_HEADERS, 0, 1, Head("GET", "/hello")));
    CHECK(h2.OverdueAfter(limits.head + absl::Milliseconds(1)) == Cut::kHead);
  }
  SECTION("half a head comes, and another request ends meanwhile") {
    h2.Send(h2.Post("/length") + Frame(NGHTTP2_DATA, 0, 1, "abc"));
    CHECK_FALSE(h2.OverdueAfter(limits.body_grace - absl::Seconds(1)));
    h2.Send(Frame(NGHTTP2_HEADERS, 0, 3, Head("GET", "/hello")));
    CHECK_FALSE(h2.OverdueAfter(absl::Seconds(2)));
    REQUIRE(First(Parse(h2.TakeOutput()), NGHTTP2_RST_STREAM).stream == 1);
    CHECK(h2.OverdueAfter(limits.head) == Cut::kHead);
  }
  SECTION("half a body comes") {
    h2.Send(h2.Post("/length") + Frame(NGHTTP2_DATA, 0, 1, "abc"));
    CHECK_FALSE(h2.OverdueAfter(limits.body_grace + absl::Milliseconds(1)));
    CHECK(First(Parse(h2.TakeOutput()), NGHTTP2_RST_STREAM).stream == 1);
    CHECK(h2.cuts(Cut::kBody) == 1);
  }
  SECTION("the answer is not taken") {
    h2.Send(h2.Get("/zeros/1000000"));
    CHECK_FALSE(h2.OverdueAfter(limits.write + absl::Milliseconds(1)));
    CHECK(First(Parse(h2.TakeOutput()), NGHTTP2_RST_STREAM).stream == 1);
    CHECK(h2.cuts(Cut::kWrite) == 1);
    CHECK(h2.held() == 0);
  }
  SECTION("nothing is under way") {
    h2.OverdueAfter(limits.idle + absl::Seconds(1));
    CHECK(First(Parse(h2.TakeOutput()), NGHTTP2_GOAWAY).type == NGHTTP2_GOAWAY);
    CHECK(h2.session().finished());
  }
}

// Says hello, but never acknowledges.
class Unacknowledged final : public SessionFixture {
 public:
  Unacknowledged() { session_ = std::make_unique<H2Session>(parts(), wire(), now()); }
  Session& session() override { return *session_; }

 private:
  std::unique_ptr<H2Session> session_;
};

TEST_CASE("Settings must be acknowledged in time", "[edge][unit]") {
  Unacknowledged h2;
  h2.Exchange(std::string(kPreface) + Frame(NGHTTP2_SETTINGS, 0, 0));

  CHECK_FALSE(h2.OverdueAfter(h2.limits().settings_ack));
  CHECK(h2.OverdueAfter(absl::Milliseconds(1)) == Cut::kSettings);
}

TEST_CASE("Half a preface is not waited for", "[edge][unit]") {
  Unacknowledged h2;
  h2.Exchange(kPreface.substr(0, 10));

  CHECK(h2.OverdueAfter(h2.limits().head + absl::Milliseconds(1)) == Cut::kHead);
}

TEST_CASE("A server that drains lets requests end and takes no more", "[edge][unit]") {
  H2 h2;
  h2.Send(h2.Post("/length"));

  h2.session().Drain(h2.now());
  auto frames = Parse(h2.TakeOutput());
  CHECK(Number(First(frames, NGHTTP2_GOAWAY).payload.substr(0, 4)) == 0x7fffffff);
  CHECK_FALSE(h2.OverdueAfter(absl::Seconds(2)));
  frames = Parse(h2.TakeOutput());
  CHECK(Number(First(frames, NGHTTP2_GOAWAY).payload.substr(0, 4)) == 1);
  CHECK_FALSE(h2.session().finished());
  frames = h2.Send(Frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, "abc"));

  CHECK(DataOf(frames, 1) == "3");
  CHECK(h2.session().finished());
}

TEST_CASE("An answer that comes before the request's end stops the request", "[edge][unit]") {
  H2 h2;

  const auto frames = h2.Send(h2.Post("/unknown"));

  CHECK(DataOf(frames, 1) == "Not Found\n");
  CHECK(First(frames, NGHTTP2_RST_STREAM).payload == Bytes(NGHTTP2_NO_ERROR, 4));
}

}  // namespace
}  // namespace clinicd::edge
