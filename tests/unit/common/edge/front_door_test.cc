// Who answers what.
#include <set>

#include "tests/support/edge/path_variants.h"
#include "tests/unit/common/edge/door_fixture.h"

using namespace clinicd;
using namespace clinicd::testing::edge;

namespace {

constexpr char kJson[] = "application/json";
constexpr std::size_t kHookBytesMax = 10;

// Answers with what it was sent, once that is whole; no more than kHookBytesMax.
class Hook final : public RequestHandler {
 public:
  explicit Hook(const RequestHead& head)
      : answer_(absl::StrCat(head.method, " ", std::string(head.Find("x-signature")), " ")) {}

  void Start(HttpStream& stream) override { stream_ = &stream; }
  void OnBody(std::string_view bytes) override {
    if (refused_) return;
    stream_->ConsumeBody(bytes.size());
    body_ += bytes;
    if (body_.size() > kHookBytesMax) Answer(413, "");
  }
  void OnBodyEnd() override {
    if (!refused_) Answer(200, answer_ + body_);
  }
  void OnWritable() override {}
  void OnClosed(CloseReason) override { stream_ = nullptr; }

 private:
  void Answer(int status, std::string body) {
    refused_ = status != 200;
    stream_->SendHead(status, {});
    stream_->SendData(std::move(body));
    stream_->End();
  }

  std::string answer_;
  std::string body_;
  bool refused_ = false;
  HttpStream* stream_ = nullptr;
};

}  // namespace

TEST_CASE("Verbs and types that a method does not have are refused", "[edge][unit]") {
  const auto [method, rpc, type, status] =
      GENERATE(table<std::string, std::string, std::string, int>(
          {{"GET", "Echo", "", 405},
           {"PUT", "Echo", kJson, 405},
           {"OPTIONS", "Echo", "", 405},
           {"GET", "Nothing", "application/grpc", 404},
           {"POST", "Echo", "", 415},
           {"POST", "Echo", "text/plain", 415},
           {"POST", "Echo", "application/grpc-web+thrift", 415},
           {"POST", "Echo", "application/grpc+json", 415},
           {"POST", "Echo", "application/connect+json", 415},
           // Connect is offered for unary methods.
           {"POST", "Repeat", kJson, 415},
           {"POST", "Chat", "application/proto", 415},
           {"POST", "Nothing", "text/plain", 404}}));
  Door door;
  RequestHead head = Head(method, kService + rpc);
  if (!type.empty()) head.headers.push_back({"content-type", type});
  const Exchange exchange(door, head);

  CHECK(exchange.stream.status == status);
  CHECK(exchange.stream.ended());
  CHECK(exchange.stream.Header("allow") == (status == 405 ? "POST, OPTIONS" : "(none)"));
  CHECK((exchange.stream.Header("accept-post") != "(none)") == (status == 415));
}

TEST_CASE("Only the exact path of a method reaches it", "[edge][unit]") {
  std::set<std::string> paths = VariantsOf("/clinicd.testing.edge.EchoService/Echo");
  paths.merge(std::set<std::string>{"/EchoService/Echo", "/clinicd.testing.edge.EchoService/",
                                    "/clinicd.testing.edge.EchoService",
                                    "/clinicd.testing.edge.EchoService/Echo?a=b", "*", ""});
  REQUIRE(paths.size() >= 200);
  Door door;
  for (const std::string& path : paths) {
    INFO(path);
    Exchange call(door, Head("POST", path, {{"content-type", "application/grpc"}}));
    call.Body(Framed(Text("a"))).BodyEnd();

    CHECK(call.stream.Trailer("grpc-status") == "12");
    CHECK(ReasonIn(call.stream.Trailer("grpc-status-details-bin")) == "METHOD_UNKNOWN");
  }
  CHECK(door.server().started() == 0);
}

TEST_CASE("Pages answer GET and HEAD and nothing else", "[edge][unit]") {
  const std::string path = GENERATE(as<std::string>(), "/healthz", "/.well-known/security.txt", "/",
                                    "/index.html", "/healthz?probe=1");
  Door door;
  const Exchange get(door, Head("GET", path));
  const Exchange head(door, Head("HEAD", path));
  const Exchange post(door, Head("POST", path, {{"content-type", "application/grpc"}}));

  CHECK(get.stream.status == 200);
  CHECK(get.stream.body.size() > 2);
  CHECK(get.stream.Header("content-length") == absl::StrCat(get.stream.body.size()));
  CHECK(head.stream.status == 200);
  CHECK(head.stream.body.empty());
  CHECK(head.stream.Header("content-length") == absl::StrCat(get.stream.body.size()));
  CHECK(post.stream.status == 405);
  CHECK(post.stream.Header("allow") == "GET, HEAD");
}

TEST_CASE("The security file names the contact and a day within a year", "[edge][unit]") {
  Door door;
  const Exchange exchange(door, Head("GET", "/.well-known/security.txt"));
  const std::string& text = exchange.stream.body;

  CHECK(text.find("Contact: mailto:security@clinic.example\n") == 0);
  const std::size_t at = text.find("Expires: ");
  REQUIRE(at != std::string::npos);
  absl::Time expires;
  REQUIRE(absl::ParseTime(absl::RFC3339_full, text.substr(at + 9, 20), &expires, nullptr));
  CHECK(expires > absl::Now());
  CHECK(expires < absl::Now() + absl::Hours(24 * 365));
}

TEST_CASE("A file that the client has is not sent again", "[edge][unit]") {
  Door door;
  const Exchange first(door, Head("GET", "/index.html"));
  const std::string tag = first.stream.Header("etag");
  const Exchange again(door, Head("GET", "/index.html", {{"if-none-match", "\"x\", W/" + tag}}));
  const Exchange other(door, Head("GET", "/index.html", {{"if-none-match", "\"x\""}}));

  CHECK(tag == "\"abc\"");
  CHECK(again.stream.status == 304);
  CHECK(again.stream.body.empty());
  CHECK(again.stream.Header("etag") == tag);
  CHECK(other.stream.status == 200);
}

TEST_CASE("Only files whose name tells their content are kept for good", "[edge][unit]") {
  Door door;
  const Exchange page(door, Head("GET", "/index.html"));
  const Exchange hashed(door, Head("GET", "/app.12345678.js"));

  CHECK(page.stream.Header("cache-control") == "no-cache");
  CHECK(hashed.stream.Header("cache-control") == "public, max-age=31536000, immutable");
  CHECK(hashed.stream.Header("content-type") == "text/javascript");
  CHECK(hashed.stream.body == "run()");
}

TEST_CASE("Only a page may load something", "[edge][unit]") {
  Door door;
  const Exchange page(door, Head("GET", "/"));
  const Exchange script(door, Head("GET", "/app.12345678.js"));

  CHECK(page.stream.Header("content-security-policy").find("style-src 'self'") !=
        std::string::npos);
  CHECK(script.stream.Header("content-security-policy") == "(none)");
}

TEST_CASE("No path leads out of the files that the program carries", "[edge][unit]") {
  std::set<std::string> paths = Traversals("/index.html");
  paths.merge(VariantsOf("/index.html"));
  paths.merge(VariantsOf("/app.12345678.js"));
  paths.merge(std::set<std::string>{"/etc/passwd", "/.", "/..", "/%2f", "index.html", "/nothing"});
  // The start page, and one under another name.
  paths.erase("/");
  REQUIRE(paths.size() >= 500);
  Door door;
  for (const std::string& path : paths) {
    INFO(path);
    const Exchange exchange(door, Head("GET", path));

    CHECK(exchange.stream.status == 404);
    CHECK(exchange.stream.body.empty());
  }
}

TEST_CASE("A large page is sent no faster than the client takes it", "[edge][unit]") {
  const std::string large(100 * 1024, 'a');
  RouteTable routes;
  routes.Add("GET", "/large", [&large](const RequestHead&, const Peer&) {
    return std::make_shared<PlainHandler>(PlainAnswer{.body = large}, true);
  });
  Door door({}, std::move(routes));
  const auto handler = door.Route(Head("GET", "/large"));
  FakeStream stream(door.shared_loop());
  stream.blocked = true;

  handler->Start(stream);
  CHECK(stream.body.empty());
  CHECK_FALSE(stream.ended());

  stream.blocked = false;
  handler->OnWritable();
  CHECK(stream.body == large);
  CHECK(stream.ends == 1);
}

TEST_CASE("A route answers its method and path and refuses other methods", "[edge][unit]") {
  RouteTable routes;
  routes.Add("POST", "/webhooks/pay", [](const RequestHead& head, const Peer& peer) {
    return std::make_shared<PlainHandler>(
        PlainAnswer{.status = 202, .body = head.target + " " + peer.address}, true);
  });
  Door door({}, std::move(routes));
  const Exchange post(door, Head("POST", "/webhooks/pay?id=1", {{"content-type", kJson}}));
  const Exchange get(door, Head("GET", "/webhooks/pay"));
  const Exchange variant(door, Head("POST", "/webhooks/Pay", {{"content-type", "text/plain"}}));

  CHECK(post.stream.status == 202);
  CHECK(post.stream.body == "/webhooks/pay?id=1 192.0.2.7:50123");
  CHECK(get.stream.status == 405);
  CHECK(get.stream.Header("allow") == "POST");
  CHECK(variant.stream.status == 404);
}

TEST_CASE("A route below a prefix answers what goes on behind it and is not a route of its own",
          "[edge][unit]") {
  const auto answering = [](const std::string& body) {
    return [body](const RequestHead&, const Peer&) {
      return std::make_shared<PlainHandler>(PlainAnswer{.body = body}, true);
    };
  };
  RouteTable routes;
  routes.AddBelow("GET", "/feeds/", answering("feed"));
  routes.AddBelow("GET", "/feeds/inner/", answering("inner"));
  routes.Add("GET", "/feeds/help", answering("help"));
  Door door({}, std::move(routes));
  const auto get = [&door](const std::string& path) {
    const Exchange exchange(door, Head("GET", path));
    return exchange.stream.status == 200 ? exchange.stream.body
                                         : std::to_string(exchange.stream.status);
  };
  const Exchange post(door, Head("POST", "/feeds/a", {{"content-type", "text/plain"}}));

  CHECK(get("/feeds/a.ics") == "feed");
  CHECK(get("/feeds/a/b?c=d") == "feed");
  CHECK(get("/feeds/inner/a") == "inner");
  CHECK(get("/feeds/inner/") == "feed");
  CHECK(get("/feeds/help") == "help");
  CHECK(get("/feeds/") == "404");
  CHECK(get("/feeds") == "404");
  CHECK(get("/FEEDS/a") == "404");
  CHECK(post.stream.status == 405);
  CHECK(post.stream.Header("allow") == "GET");
}

TEST_CASE("A route gets method, headers and body, and can refuse what is too long",
          "[edge][unit]") {
  RouteTable routes;
  routes.Add("POST", "/webhooks/pay",
             [](const RequestHead& head, const Peer&) { return std::make_shared<Hook>(head); });
  Door door({}, std::move(routes));
  Exchange whole(door, Head("POST", "/webhooks/pay", {{"x-signature", "abc"}}));
  whole.Body("12345").Body("67890").BodyEnd();
  Exchange large(door, Head("POST", "/webhooks/pay", {{"x-signature", "abc"}}));
  large.Body("12345").Body("678901").Body("2").BodyEnd();

  CHECK(whole.stream.status == 200);
  CHECK(whole.stream.body == "POST abc 1234567890");
  CHECK(whole.stream.consumed == kHookBytesMax);
  CHECK(large.stream.status == 413);
  CHECK(large.stream.body.empty());
  CHECK(large.stream.ends == 1);
}

TEST_CASE("Without listed origins no answer speaks of them", "[edge][unit]") {
  Door door;
  Exchange call(door, CallHead(kJson, "Echo", {{"origin", "https://portal.example"}}));
  call.Body("{}").BodyEnd();
  const Exchange preflight(door, Head("OPTIONS", std::string(kService) + "Echo",
                                      {{"origin", "https://portal.example"},
                                       {"access-control-request-method", "POST"}}));

  REQUIRE(call.RunToEnd());
  CHECK(call.stream.Header("access-control-allow-origin") == "(none)");
  CHECK(call.stream.Header("vary") == "(none)");
  CHECK(preflight.stream.status == 405);
}

TEST_CASE("A listed origin is allowed by name, another is not", "[edge][unit]") {
  const auto [origin, allowed] =
      GENERATE(table<std::string, bool>({{"https://portal.example", true},
                                         {"https://portal.example:443", false},
                                         {"https://PORTAL.example", false},
                                         {"http://portal.example", false},
                                         {"https://portal.example.evil.example", false},
                                         {"null", false},
                                         {"", false}}));
  const std::string type = GENERATE(as<std::string>(), kJson, "application/grpc-web", "text/plain");
  Door door({"https://portal.example"});
  Exchange call(door, CallHead(type, "Echo", {{"origin", origin}}));
  call.Body("{}").BodyEnd();
  const Exchange preflight(door,
                           Head("OPTIONS", std::string(kService) + "Echo",
                                {{"origin", origin}, {"access-control-request-method", "POST"}}));

  REQUIRE(call.RunToEnd());
  const std::string answer = allowed ? origin : "(none)";
  CHECK(call.stream.Header("access-control-allow-origin") == answer);
  CHECK(call.stream.Header("vary") == "Origin");
  CHECK(call.stream.Header("access-control-allow-credentials") == "(none)");
  CHECK(preflight.stream.status == (allowed ? 204 : 405));
  CHECK(preflight.stream.Header("access-control-allow-origin") == answer);
  CHECK(preflight.stream.Header("access-control-allow-methods") == (allowed ? "POST" : "(none)"));
  CHECK(preflight.stream.Header("vary") == "Origin");
}
