// The whole server through its front door, over real sockets.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/server/dev_certificates.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_server.h"

namespace clinicd::testing {
namespace {

using identity::v1::SessionService;
using Kind = edge::ListenerOptions::Kind;

constexpr char kEmail[] = "desk@a.example";

// A server with HTTPS and clear text on loopback, and a receptionist with a password.
class Clinic final {
 public:
  Clinic() : server_(Options()), clinic_(server_.AddClinic("a")) {
    server_.AddUserWithPassword(clinic_, kEmail, {identity::v1::ROLE_RECEPTIONIST});
  }

  // A connection of its own over HTTPS.
  std::shared_ptr<grpc::Channel> Channel() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetUserAgentPrefix("desk/1.0");
    return grpc::CreateCustomChannel(
        absl::StrCat("127.0.0.1:", server_.application().front_door()->port()),
        grpc::SslCredentials({.pem_root_certs = directory_.Read("tls/ca.pem"),
                              .pem_private_key = "",
                              .pem_cert_chain = ""}),
        arguments);
  }
  int clear_port() { return server_.application().front_door()->port(Kind::kClear); }
  TestServer& server() { return server_; }
  const TestClinic& clinic() const { return clinic_; }

  static identity::v1::SignInRequest Credentials() {
    identity::v1::SignInRequest request;
    request.set_clinic_slug("a");
    request.set_email(kEmail);
    request.set_password(kTestPassword);
    return request;
  }

 private:
  TestServer::Options Options() {
    const auto made = server::EnsureDevCertificates(directory_.path("tls"), clock_.Now(), random_);
    REQUIRE(made.ok());
    return {.adjust = [made](server::ApplicationOptions& options) {
      options.front_door.edge.listeners = {
          {.kind = Kind::kTls, .address = {.host = "127.0.0.1", .port = 0}},
          {.kind = Kind::kClear, .address = {.host = "127.0.0.1", .port = 0}}};
      options.front_door.tls = made->server;
    }};
  }

  TemporaryDirectory directory_;
  SystemClock clock_;
  SystemRandom random_;
  TestServer server_;
  TestClinic clinic_;
};

// Sends `request` to a port of this machine; everything that comes back until the end.
std::string Exchange(int port, const std::string& request) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(fd >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  REQUIRE(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  REQUIRE(::send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size()));
  std::string answer;
  char buffer[4096];
  ssize_t count = 0;
  while ((count = ::recv(fd, buffer, sizeof(buffer), 0)) > 0) {
    answer.append(buffer, static_cast<std::size_t>(count));
  }
  ::close(fd);
  return answer;
}

std::string Post(const std::string& method, const std::string& headers, const std::string& body) {
  return absl::StrCat("POST /clinicd.identity.v1.SessionService/", method,
                      " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", headers,
                      "Content-Length: ", body.size(), "\r\n\r\n", body);
}

// The last line of an answer whose body is one line of JSON, chunked or not.
nlohmann::json JsonOf(const std::string& answer) {
  const std::size_t begin = answer.find('{', answer.find("\r\n\r\n"));
  const std::size_t end = answer.rfind('}');
  REQUIRE(begin != std::string::npos);
  return nlohmann::json::parse(answer.substr(begin, end - begin + 1));
}

TEST_CASE("A native client signs in and works through the front door", "[edge][integration]") {
  Clinic clinic;
  const Client anonymous(clinic.Channel(), "");
  const auto signed_in =
      anonymous.Call(anonymous.sessions(), &SessionService::Stub::SignIn, Clinic::Credentials());
  REQUIRE(signed_in.ok());

  CHECK(signed_in.response.session().client_address() == "127.0.0.1");
  CHECK(signed_in.response.session().user_agent().find("desk/1.0") == 0);
  const Client desk(clinic.Channel(), signed_in.response.tokens().access_token());
  patients::v1::GetPatientRequest request;
  request.set_id(clinic.server().RequestId());
  const auto reply =
      desk.Call(desk.patients(), &patients::v1::PatientService::Stub::GetPatient, request);
  CHECK(reply.code() == grpc::NOT_FOUND);
  CHECK(reply.reason() == ErrorReason::PATIENT_NOT_FOUND);
}

TEST_CASE("The trail says from where and with what somebody came in", "[edge][integration]") {
  Clinic clinic;
  const TestUser user = clinic.server().AddUser(clinic.clinic(), {identity::v1::ROLE_RECEPTIONIST});
  const Client desk(clinic.Channel(), clinic.server().TokenFor(user));
  patients::v1::GetPatientRequest request;
  request.set_id(clinic.server().RequestId());
  REQUIRE(
      desk.Call(desk.patients(), &patients::v1::PatientService::Stub::GetPatient, request).code() ==
      grpc::NOT_FOUND);

  const Client owner = clinic.server().SignedIn(clinic.clinic(), {identity::v1::ROLE_OWNER});
  const auto trail = owner.Call(owner.audit(), &audit::v1::AuditService::Stub::ListEvents,
                                audit::v1::ListEventsRequest());

  REQUIRE(trail.ok());
  REQUIRE(trail.response.events_size() == 1);
  CHECK(trail.response.events(0).client_address() == "127.0.0.1");
  CHECK(trail.response.events(0).user_agent().find("desk/1.0") == 0);
}

TEST_CASE("A call in JSON works with nothing but HTTP/1.1", "[edge][integration]") {
  Clinic clinic;
  const std::string body = absl::StrCat(R"({"clinicSlug": "a", "email": ")", kEmail,
                                        R"(", "password": ")", kTestPassword, R"("})");
  // What a stranger says of themselves in our own names counts for nothing.
  const std::string answer = Exchange(
      clinic.clear_port(),
      Post("SignIn",
           "Content-Type: application/json\r\nUser-Agent: tablet/2.0\r\n"
           "x-clinicd-peer: 10.1.2.3:4\r\nx-clinicd-agent: forged\r\nx-clinicd-edge-bin: AAAA\r\n",
           body));

  CHECK(answer.find("HTTP/1.1 200") == 0);
  const nlohmann::json json = JsonOf(answer);
  CHECK(json["session"]["clientAddress"] == "127.0.0.1");
  CHECK(json["session"]["userAgent"] == "tablet/2.0");
  CHECK_FALSE(json["tokens"]["accessToken"].get<std::string>().empty());
}

TEST_CASE("A wrong password is an error with its reason in JSON", "[edge][integration]") {
  Clinic clinic;
  const std::string answer =
      Exchange(clinic.clear_port(),
               Post("SignIn", "Content-Type: application/json\r\n",
                    R"({"clinicSlug": "a", "email": "desk@a.example", "password": "not it"})"));

  CHECK(answer.find("HTTP/1.1 401") == 0);
  const nlohmann::json json = JsonOf(answer);
  CHECK(json["code"] == "unauthenticated");
  CHECK(json["details"][0]["debug"]["reason"] == "CREDENTIALS_INVALID");
}

TEST_CASE("On the raw socket nobody can pretend to be the front door", "[edge][integration]") {
  Clinic clinic;
  const auto stub = SessionService::NewStub(clinic.server().Channel());
  grpc::ClientContext context;
  context.AddMetadata("x-clinicd-peer", "10.1.2.3:4");
  context.AddMetadata("x-clinicd-agent", "forged");
  const bool with_secret = GENERATE(true, false);
  if (with_secret) context.AddMetadata("x-clinicd-edge-bin", std::string(32, '\0'));
  identity::v1::SignInResponse response;

  REQUIRE(stub->SignIn(&context, Clinic::Credentials(), &response).ok());
  CHECK(response.session().client_address() == "local");
  CHECK(response.session().user_agent().find("forged") == std::string::npos);
}

TEST_CASE("A browser finds a page and a health check", "[edge][integration]") {
  Clinic clinic;
  const std::string head = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

  const std::string page = Exchange(clinic.clear_port(), "GET /" + head);
  const std::string health = Exchange(clinic.clear_port(), "GET /healthz" + head);
  const std::string missing = Exchange(clinic.clear_port(), "GET /../etc/passwd" + head);

  CHECK(page.find("HTTP/1.1 200") == 0);
  CHECK(page.find("<title>clinicd</title>") != std::string::npos);
  CHECK(health.find("HTTP/1.1 200") == 0);
  CHECK(missing.find("HTTP/1.1 404") == 0);
}

TEST_CASE("A server that has stopped refuses calls at once", "[edge][integration]") {
  Clinic clinic;
  const Client anonymous(clinic.Channel(), "");
  REQUIRE(anonymous.Call(anonymous.sessions(), &SessionService::Stub::SignIn, Clinic::Credentials())
              .ok());

  clinic.server().application().Stop(absl::Seconds(5));

  const auto after = anonymous.Call(anonymous.sessions(), &SessionService::Stub::SignIn,
                                    Clinic::Credentials(), absl::Seconds(5));
  CHECK(after.code() == grpc::UNAVAILABLE);
}

}  // namespace
}  // namespace clinicd::testing
