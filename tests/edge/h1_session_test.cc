#include "common/edge/h1_session.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/edge/session_fixture.h"

namespace clinicd::edge {
namespace {

using std::string_literals::operator""s;

class H1 final : public SessionFixture {
 public:
  H1() { session_ = std::make_unique<H1Session>(parts(), wire(), now()); }
  Session& session() override { return *session_; }

 private:
  std::unique_ptr<H1Session> session_;
};

std::string Get(const std::string& target, const std::string& more = "") {
  return "GET " + target + " HTTP/1.1\r\nhost: localhost\r\n" + more + "\r\n";
}

int StatusOf(const std::string& answer) {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  return answer.starts_with(kVersion) ? std::stoi(answer.substr(kVersion.size(), 3)) : 0;
}

std::string BodyOf(const std::string& answer) {
  const auto end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "" : answer.substr(end + 4);
}

TEST_CASE("A request may come byte by byte", "[edge][unit]") {
  H1 h1;
  std::string answer;

  for (const char c : Get("/hello")) answer += h1.Exchange({&c, 1});

  CHECK(StatusOf(answer) == 200);
  CHECK(BodyOf(answer) == "hello");
  CHECK_FALSE(h1.session().finished());
}

TEST_CASE("Two requests after each other are answered on one connection", "[edge][unit]") {
  H1 h1;

  CHECK(BodyOf(h1.Exchange(Get("/hello"))) == "hello");
  CHECK(StatusOf(h1.Exchange(Get("/unknown"))) == 404);
  CHECK_FALSE(h1.session().finished());
}

TEST_CASE("A second request that did not wait is answered after the first", "[edge][unit]") {
  H1 h1;

  const std::string answers = h1.Exchange(Get("/hello") + Get("/unknown"));

  CHECK(StatusOf(answers) == 200);
  CHECK(answers.find("HTTP/1.1 404") != std::string::npos);
}

TEST_CASE("Requests that do not wait are read no further than one", "[edge][unit]") {
  H1 h1;
  h1.Exchange("POST /hold HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n");

  h1.Exchange(std::string(h1.limits().request_line, 'x'));

  CHECK_FALSE(h1.session().wants_input());
}

TEST_CASE("A body in chunks arrives whole", "[edge][unit]") {
  H1 h1;

  const std::string answer = h1.Exchange(
      "POST /length HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n"
      "5;name=value\r\nabcde\r\nA\r\n0123456789\r\n0\r\nx-trailer: ignored\r\n\r\n");

  CHECK(StatusOf(answer) == 200);
  CHECK(BodyOf(answer) == "15");
  CHECK_FALSE(h1.session().finished());
}

TEST_CASE("A body in chunks arrives whole byte by byte", "[edge][unit]") {
  const std::string body =
      GENERATE(as<std::string>(), "0\r\n\r\n", "0\r\nx-trailer: ignored\r\n\r\n",
               "1\r\na\r\n0\r\nx-trailer: ignored\r\n\r\n");
  H1 h1;
  std::string answer =
      h1.Exchange("POST /length HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n");

  for (const char byte : body) answer += h1.Exchange(std::string(1, byte));

  CHECK(StatusOf(answer) == 200);
  CHECK(BodyOf(answer) == (body.front() == '1' ? "1" : "0"));
}

TEST_CASE("A client that asks whether to go on is told to", "[edge][unit]") {
  H1 h1;

  const std::string first = h1.Exchange(
      "POST /length HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\nexpect: "
      "100-continue\r\n\r\n");
  const std::string second = h1.Exchange("abc");

  CHECK(first == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(BodyOf(second) == "3");
}

TEST_CASE("HEAD has the answer's head only", "[edge][unit]") {
  H1 h1;

  const std::string answer = h1.Exchange("HEAD /hello HTTP/1.1\r\nhost: localhost\r\n\r\n");

  CHECK(StatusOf(answer) == 200);
  CHECK(BodyOf(answer).empty());
  CHECK(BodyOf(h1.Exchange(Get("/hello"))) == "hello");
}

TEST_CASE("HTTP/1.0 ends with the answer", "[edge][unit]") {
  H1 h1;

  const std::string answer = h1.Exchange("GET /hello HTTP/1.0\r\n\r\n");

  CHECK(StatusOf(answer) == 200);
  CHECK(h1.session().finished());
}

TEST_CASE("What two readers could understand in two ways is refused", "[edge][unit]") {
  const auto [what, request, status] = GENERATE(table<std::string, std::string, int>({
      {"length and chunks",
       "POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: "
       "chunked\r\n\r\n0\r\n\r\n",
       400},
      {"chunks and length",
       "POST /length HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ncontent-length: "
       "3\r\n\r\n0\r\n\r\n",
       400},
      {"two lengths",
       "POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc",
       400},
      {"the same length twice",
       "POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ncontent-length: 3\r\n\r\nabc",
       400},
      {"a list of lengths", "POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 3, 3\r\n\r\nabc",
       400},
      {"a length with a sign", "POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: +3\r\n\r\nabc",
       400},
      {"a negative length", "POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: -3\r\n\r\nabc",
       400},
      {"a hexadecimal length", "POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 0x3\r\n\r\nabc",
       400},
      {"an empty length", "POST /length HTTP/1.1\r\nhost: a\r\ncontent-length:\r\n\r\nabc", 400},
      {"a length beyond 64 bits",
       "POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 18446744073709551619\r\n\r\nabc", 400},
      {"chunks twice",
       "POST /length HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ntransfer-encoding: "
       "chunked\r\n\r\n0\r\n\r\n",
       400},
      {"another encoding",
       "POST /length HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
       501},
      {"an unknown encoding",
       "POST /length HTTP/1.1\r\nhost: a\r\ntransfer-encoding: xchunked\r\n\r\n", 501},
      {"an encoding with a quote",
       "POST /length HTTP/1.1\r\nhost: a\r\ntransfer-encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 501},
      {"chunks in HTTP/1.0",
       "POST /length HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"a space before the colon",
       "POST /length HTTP/1.1\r\nhost: a\r\ncontent-length : 3\r\n\r\nabc", 400},
      {"a folded line", "GET /hello HTTP/1.1\r\nhost: a\r\nx-long: 1\r\n 2\r\n\r\n", 400},
      {"a line folded with a tab", "GET /hello HTTP/1.1\r\nhost: a\r\nx-long: 1\r\n\t2\r\n\r\n",
       400},
      {"a first header that is folded", "GET /hello HTTP/1.1\r\n host: a\r\n\r\n", 400},
      {"a line feed alone", "GET /hello HTTP/1.1\r\nhost: a\nx-other: b\r\n\r\n", 400},
      {"a carriage return alone", "GET /hello HTTP/1.1\r\nhost: a\rx-other: b\r\n\r\n", 400},
      {"a NUL", "GET /hello HTTP/1.1\r\nhost: a\r\nx: a\0b\r\n\r\n"s, 400},
      {"no host", "GET /hello HTTP/1.1\r\n\r\n", 400},
      {"two hosts", "GET /hello HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 400},
      {"a host with a path", "GET /hello HTTP/1.1\r\nhost: a/b\r\n\r\n", 400},
      {"a host with a user", "GET /hello HTTP/1.1\r\nhost: u@a\r\n\r\n", 400},
      {"another host in the target", "GET http://b/hello HTTP/1.1\r\nhost: a\r\n\r\n", 400},
      {"two spaces in the first line", "GET  /hello HTTP/1.1\r\nhost: a\r\n\r\n", 400},
      {"a space in the target", "GET /hel lo HTTP/1.1\r\nhost: a\r\n\r\n", 400},
      {"a tab in the first line", "GET\t/hello HTTP/1.1\r\nhost: a\r\n\r\n", 400},
      {"no version", "GET /hello\r\nhost: a\r\n\r\n", 400},
      {"a header without a colon", "GET /hello HTTP/1.1\r\nhost: a\r\nnonsense\r\n\r\n", 400},
      {"a header without a name", "GET /hello HTTP/1.1\r\nhost: a\r\n: value\r\n\r\n", 400},
      {"an empty line first", "\r\nGET /hello HTTP/1.1\r\nhost: a\r\n\r\n", 400},
      {"a later version", "GET /hello HTTP/1.2\r\nhost: a\r\n\r\n", 505},
      {"HTTP/2 as text", "GET /hello HTTP/2.0\r\nhost: a\r\n\r\n", 505},
      {"a tunnel", "CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n", 405},
      {"an echo of the request", "TRACE /hello HTTP/1.1\r\nhost: a\r\n\r\n", 405},
      {"an unknown expectation", "GET /hello HTTP/1.1\r\nhost: a\r\nexpect: wonders\r\n\r\n", 417},
      {"a chunk size that is no number",
       "POST /length HTTP/1.1\r\nhost: a\r\ntransfer-encoding: "
       "chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n",
       400},
      {"a chunk size with a prefix",
       "POST /length HTTP/1.1\r\nhost: a\r\ntransfer-encoding: "
       "chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
       400},
      {"a chunk size with a sign",
       "POST /length HTTP/1.1\r\nhost: a\r\ntransfer-encoding: "
       "chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n",
       400},
      {"a chunk size beyond 64 bits",
       "POST /length HTTP/1.1\r\nhost: a\r\ntransfer-encoding: "
       "chunked\r\n\r\n10000000000000003\r\nabc\r\n0\r\n\r\n",
       400},
      {"a chunk longer than its size",
       "POST /length HTTP/1.1\r\nhost: a\r\ntransfer-encoding: "
       "chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
       400},
      {"a chunk that ends with a line feed",
       "POST /length HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\n0\r\n\r\n",
       400},
      {"a chunk size that ends with a line feed",
       "POST /length HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
       400},
      {"a line feed in a chunk's extension",
       "POST /length HTTP/1.1\r\nhost: a\r\ntransfer-encoding: "
       "chunked\r\n\r\n3;a\nb\r\nabc\r\n0\r\n\r\n",
       400},
      {"a trailer that ends with a line feed",
       "POST /length HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: y\nz: "
       "w\r\n\r\n",
       400},
  }));
  CAPTURE(what);
  H1 h1;

  const std::string answer = h1.Exchange(request + Get("/smuggled"));

  CHECK(StatusOf(answer) == status);
  // Nothing that follows is read as a request.
  CHECK(answer.find("HTTP/1.1", 1) == std::string::npos);
  CHECK(h1.session().finished());
  CHECK(h1.held() == 0);
}

TEST_CASE("Heads beyond the limits are refused", "[edge][unit]") {
  H1 h1;
  const EdgeLimits& limits = h1.limits();

  SECTION("a long target") {
    CHECK(StatusOf(h1.Exchange("GET /" + std::string(limits.request_line, 'a'))) == 414);
  }
  SECTION("a long header") {
    CHECK(StatusOf(h1.Exchange(
              Get("/hello", "x: " + std::string(limits.header_list, 'a') + "\r\n"))) == 431);
  }
  SECTION("headers without end") {
    std::string answer;
    while (answer.empty() && h1.session().wants_input()) {
      answer = h1.Exchange("GET / HTTP/1.1\r\n" + std::string(1000, 'a') + ": b\r\n");
    }
    CHECK(StatusOf(answer) == 431);
  }
  SECTION("many headers") {
    std::string many;
    for (std::size_t i = 0; i < limits.header_count; ++i) many += "a: b\r\n";
    CHECK(StatusOf(h1.Exchange(Get("/hello", many))) == 431);
  }
  CHECK(h1.session().finished());
}

TEST_CASE("A chunk's extension without end is refused", "[edge][unit]") {
  H1 h1;
  h1.Exchange("POST /length HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3;");

  std::string answer;
  for (int i = 0; i < 20 && answer.empty(); ++i) answer = h1.Exchange(std::string(1000, 'a'));

  CHECK(StatusOf(answer) == 400);
}

TEST_CASE("A client is not read faster than its body is used up", "[edge][unit]") {
  H1 h1;
  h1.Exchange("POST /hold HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n");

  std::size_t sent = 0;
  while (h1.session().wants_input()) {
    h1.Exchange(std::string(16 * 1024, 'x'));
    sent += 16 * 1024;
  }

  CHECK(sent <= h1.limits().body_window + 16 * 1024);
  CHECK(h1.held() == sent);
  h1.session().OnLost();
  CHECK(h1.lost() == 0);
}

TEST_CASE("An answer of unknown length is sent in chunks, piece by piece", "[edge][unit]") {
  H1 h1;

  const std::string answer = h1.Exchange(Get("/zeros/300000"));

  CHECK(StatusOf(answer) == 200);
  CHECK(answer.find("transfer-encoding: chunked\r\n") != std::string::npos);
  CHECK(answer.ends_with("0\r\n\r\n"));
  CHECK(answer.size() > 300000);
  CHECK(h1.held() == 0);
}

TEST_CASE("Clients that take too long are cut off", "[edge][unit]") {
  H1 h1;
  const EdgeLimits& limits = h1.limits();

  SECTION("nothing comes") {
    CHECK(h1.OverdueAfter(limits.head + absl::Milliseconds(1)) == Cut::kHead);
  }
  SECTION("half a head comes") {
    h1.Exchange("GET /hello HTTP/1.1\r\nhost:");
    CHECK_FALSE(h1.OverdueAfter(limits.head + absl::Milliseconds(1)));
    CHECK(StatusOf(h1.TakeOutput()) == 408);
  }
  SECTION("half a body comes") {
    h1.Exchange("POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\nabc");
    CHECK_FALSE(h1.OverdueAfter(limits.body_grace + absl::Milliseconds(1)));
    CHECK(StatusOf(h1.TakeOutput()) == 408);
  }
  SECTION("a body comes too slowly") {
    h1.Exchange("POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n");
    std::string answer;
    for (int second = 0; second < 40 && answer.empty(); ++second) {
      h1.OverdueAfter(absl::Seconds(1));
      answer = h1.Exchange(std::string(limits.body_bytes_per_second - 100, 'x'));
    }
    CHECK(StatusOf(answer) == 408);
  }
  SECTION("the client rests between requests") {
    h1.Exchange(Get("/hello"));
    CHECK_FALSE(h1.OverdueAfter(limits.idle - absl::Seconds(1)));
    CHECK(h1.OverdueAfter(absl::Seconds(2)) == Cut::kIdle);
  }
}

TEST_CASE("A body at the lowest rate is taken", "[edge][unit]") {
  H1 h1;
  h1.Exchange("POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 40960\r\n\r\n");

  std::string answer;
  for (int second = 0; second < 40; ++second) {
    answer = h1.Exchange(std::string(1024, 'x'));
    h1.OverdueAfter(absl::Milliseconds(999));
  }

  CHECK(BodyOf(answer) == "40960");
}

TEST_CASE("Every answer over HTTP/1.1 carries the same headers", "[edge][unit]") {
  const auto [request, status] = GENERATE(table<std::string, int>({
      {Get("/hello"), 200},
      {"nonsense\r\n\r\n", 400},
      {Get("/unknown"), 404},
      {"TRACE / HTTP/1.1\r\nhost: a\r\n\r\n", 405},
      {Get("/hello", "x: " + std::string(9000, 'a') + "\r\n"), 431},
  }));
  H1 h1;
  h1.SetTls("TLSv1.3");

  const std::string answer = h1.Exchange(request);

  CHECK(StatusOf(answer) == status);
  for (const std::string& line : SecurityHeaders()) {
    CAPTURE(line);
    CHECK(answer.find("\r\n" + line + "\r\n") != std::string::npos);
  }
  CHECK(answer.find("\r\nserver:") == std::string::npos);
}

TEST_CASE("Over clear text nothing is said about transport security", "[edge][unit]") {
  H1 h1;

  CHECK(h1.Exchange(Get("/hello")).find("strict-transport-security") == std::string::npos);
}

TEST_CASE("A handler cannot begin a second answer within its headers", "[edge][unit]") {
  const FixedClock clock;
  AnswerHeaders common(clock);
  Headers headers = {{"x-good", "kept"},          {"x-bad", "a\r\nset-cookie: b"}, {"x bad", "a"},
                     {"transfer-encoding", "no"}, {"server", "clinicd"},           {"", "a"}};

  common.Complete(headers, /*tls=*/true);

  CHECK(headers.front() == Header{"x-good", "kept"});
  for (const Header& header : headers) {
    CHECK(header.name != "x-bad");
    CHECK(header.name != "x bad");
    CHECK(header.name != "transfer-encoding");
    CHECK(header.name != "server");
    CHECK_FALSE(header.name.empty());
  }
}

TEST_CASE("A handler's own policy replaces the common one", "[edge][unit]") {
  const FixedClock clock;
  AnswerHeaders common(clock);
  Headers headers = {{"content-security-policy", std::string(kAppContentPolicy)}};

  common.Complete(headers, /*tls=*/true);

  CHECK(std::ranges::count(headers, "content-security-policy", &Header::name) == 1);
}

TEST_CASE("While the server drains, the answer under way is the last one", "[edge][unit]") {
  H1 h1;
  h1.Exchange("POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nab");

  h1.session().Drain(h1.now());
  const std::string answer = h1.Exchange("c");

  CHECK(BodyOf(answer) == "3");
  CHECK(answer.find("connection: close") != std::string::npos);
  CHECK(h1.session().finished());
}

TEST_CASE("More in flight than there is memory for ends the request", "[edge][unit]") {
  H1 h1;
  h1.LimitMemory(1000);

  h1.Exchange("POST /hold HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n" +
              std::string(2000, 'x'));

  CHECK(h1.session().finished());
  CHECK(h1.cuts(Cut::kMemory) == 1);
}

TEST_CASE("What a handler keeps of a body is in flight although it was consumed", "[edge][unit]") {
  H1 h1;
  h1.LimitMemory(h1.limits().in_flight / 4 + 1500);
  const std::size_t others = h1.held();

  h1.Exchange("POST /keep HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n" +
              std::string(1000, 'x'));
  CHECK(h1.held() == others + 1000);
  h1.Exchange(std::string(1000, 'x'));

  CHECK(h1.session().finished());
  CHECK(h1.cuts(Cut::kMemory) == 1);
  CHECK(h1.held() == others);
}

}  // namespace
}  // namespace clinicd::edge
