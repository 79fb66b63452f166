// Clients that break amid a call: they send half of it and then nothing, and never go by
// themselves.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/http2_frames.h"
#include "tests/support/test_server.h"

namespace clinicd::testing {
namespace {

using identity::v1::SessionService;
using Kind = edge::ListenerOptions::Kind;

constexpr char kPath[] = "/clinicd.identity.v1.SessionService/SignIn";
constexpr char kEmail[] = "desk@a.example";

identity::v1::SignInRequest Credentials() {
  identity::v1::SignInRequest request;
  request.set_clinic_slug("a");
  request.set_email(kEmail);
  request.set_password(kTestPassword);
  return request;
}

// A server behind its front door that waits for half a second at most.
class Impatient final {
 public:
  Impatient() : server_(Options()), clinic_(server_.AddClinic("a")) {
    server_.AddUserWithPassword(clinic_, kEmail, {identity::v1::ROLE_RECEPTIONIST});
  }

  int port() { return server_.application().front_door()->port(Kind::kClear); }
  std::string Exposition() { return server_.metrics().Exposition(); }
  Reply<identity::v1::SignInResponse> SignIn() {
    const Client client(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", port()), grpc::InsecureChannelCredentials()),
        "");
    return client.Call(client.sessions(), &SessionService::Stub::SignIn, Credentials());
  }

 private:
  static TestServer::Options Options() {
    return {.adjust = [](server::ApplicationOptions& options) {
      edge::EdgeOptions& edge = options.front_door.edge;
      edge.listeners = {{.kind = Kind::kClear, .address = {.host = "127.0.0.1", .port = 0}}};
      edge.limits.body_grace = absl::Milliseconds(500);
      edge.limits.body_idle = absl::Milliseconds(500);
      edge.limits.idle = absl::Milliseconds(500);
      edge.limits.sweep = absl::Milliseconds(50);
    }};
  }

  TestServer server_;
  TestClinic clinic_;
};

// Sends that and nothing more; everything that comes until the server ends the connection. Fails
// when it does not.
std::string UntilCut(int port, const std::string& bytes) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  REQUIRE(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  REQUIRE(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(bytes.size()));
  std::string answer;
  char buffer[4096];
  ssize_t count = 0;
  while ((count = ::recv(fd, buffer, sizeof(buffer), 0)) > 0) {
    answer.append(buffer, static_cast<std::size_t>(count));
  }
  ::close(fd);
  REQUIRE(count == 0);
  return answer;
}

std::string Half(const std::string& whole) { return whole.substr(0, whole.size() / 2); }

std::string OverHttp1(const std::string& type, const std::string& body) {
  return absl::StrCat("POST ", kPath, " HTTP/1.1\r\nhost: localhost\r\ncontent-type: ", type,
                      "\r\ncontent-length: ", body.size(), "\r\n\r\n", Half(body));
}

std::string OverHttp2(const std::string& body) {
  using http2::Frame;
  return absl::StrCat(http2::kPreface, Frame(http2::kSettings, 0, 0, ""),
                      Frame(http2::kSettings, http2::kAck, 0, ""),
                      Frame(http2::kHeaders, http2::kEndHeaders, 1, http2::CallHead(kPath)),
                      Frame(http2::kData, 0, 1, Half(body)));
}

std::string SignInsMeasured(int calls) {
  return absl::StrCat("clinicd_call_db_round_trips_count{method=\"", kPath + 1, "\"} ", calls,
                      "\n");
}

TEST_CASE("Half a call is cut in time, reaches no handler, and disturbs nobody",
          "[edge][integration]") {
  const std::string message = Credentials().SerializeAsString();
  const std::string half = GENERATE_COPY(
      OverHttp2(http2::Message(message)),
      OverHttp1("application/grpc-web+proto", http2::Message(message)),
      OverHttp1("application/proto", message),
      OverHttp1("application/json", R"({"clinicSlug": "a", "email": "a@b.example"})"));
  Impatient server;

  UntilCut(server.port(), half);

  const std::string after = server.Exposition();
  CHECK_THAT(after, Catch::Contains(R"(clinicd_edge_cuts_total{reason="body"} 1)"));
  CHECK_THAT(after, Catch::Contains("clinicd_edge_in_flight_bytes 0"));
  CHECK_THAT(after, Catch::Contains(SignInsMeasured(0)));
  CHECK(server.SignIn().ok());
  CHECK_THAT(server.Exposition(), Catch::Contains(SignInsMeasured(1)));
}

}  // namespace
}  // namespace clinicd::testing
