#include "common/metrics/admin_server.h"

#include <civetweb.h>

#include <array>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

namespace clinicd::metrics {
namespace {

using config::Address;
using Json = nlohmann::json;

struct Response {
  int code = 0;
  std::string type;
  std::string body;
};

// Sends the bytes of a request and reads the response; code 0 when there was none.
Response Send(const Address& address, const std::string& request) {
  std::array<char, 256> error = {};
  mg_connection* const connection =
      mg_connect_client(address.host.c_str(), address.port, 0, error.data(), error.size());
  REQUIRE(connection != nullptr);
  mg_write(connection, request.data(), request.size());
  Response response;
  if (mg_get_response(connection, error.data(), error.size(), 5000) >= 0) {
    response.code = mg_get_response_info(connection)->status_code;
    const char* const type = mg_get_header(connection, "Content-Type");
    if (type != nullptr) response.type = type;
    std::array<char, 4096> buffer = {};
    int count = 0;
    while ((count = mg_read(connection, buffer.data(), buffer.size())) > 0) {
      response.body.append(buffer.data(), static_cast<std::size_t>(count));
    }
  }
  mg_close_connection(connection);
  return response;
}

Response Request(const Address& address, const std::string& method, const std::string& path) {
  return Send(address, method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

struct Admin {
  Metrics metrics{"0.1.0"};
  Readiness readiness;
  std::unique_ptr<AdminServer> server =
      *AdminServer::Start(Address{"127.0.0.1", 0}, metrics, readiness);

  Response Get(const std::string& path) const { return Request(server->address(), "GET", path); }
};

TEST_CASE("The admin server listens on a port of the system's choice", "[metrics][unit]") {
  const Admin first;
  const Admin second;

  CHECK(first.server->address().port != 0);
  CHECK(second.server->address().port != first.server->address().port);
}

TEST_CASE("The admin server serves the metrics", "[metrics][unit]") {
  Admin admin;
  admin.metrics.busy_refusals().Increment(3);

  const Response response = admin.Get("/metrics");

  CHECK(response.code == 200);
  CHECK(response.type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(response.body.find("clinicd_busy_refusals_total 3\n") != std::string::npos);
}

TEST_CASE("The admin server serves a body larger than any buffer", "[metrics][unit]") {
  Admin admin;
  for (int i = 0; i < 1000; ++i) admin.metrics.ForMethod("a.B/C" + std::to_string(i));

  const Response response = admin.Get("/metrics");

  CHECK(response.body.size() > 1'000'000);
  CHECK(response.body.find("a.B/C999") != std::string::npos);
}

TEST_CASE("The admin server is alive whether it is ready or not", "[metrics][unit]") {
  Admin admin;
  CHECK(admin.Get("/healthz").code == 200);

  admin.readiness.AddCheck("database", [] { return absl::UnavailableError("gone"); });

  CHECK(admin.Get("/healthz").code == 200);
}

TEST_CASE("The admin server is not ready before it has a check", "[metrics][unit]") {
  const Admin admin;

  const Response response = admin.Get("/readyz");

  CHECK(response.code == 503);
  CHECK(Json::parse(response.body).at("ready") == false);
}

TEST_CASE("The admin server is ready when all checks are and says which are not",
          "[metrics][unit]") {
  Admin admin;
  absl::Status database;
  admin.readiness.AddCheck("schema", [] { return absl::OkStatus(); });
  admin.readiness.AddCheck("database", [&database] { return database; });
  CHECK(admin.Get("/readyz").code == 200);
  CHECK(Json::parse(admin.Get("/readyz").body).at("ready") == true);

  database = absl::UnavailableError("no \"server\"\n\xff");
  const Response response = admin.Get("/readyz");

  CHECK(response.code == 503);
  CHECK(response.type == "application/json");
  const Json report = Json::parse(response.body);
  CHECK(report.at("ready") == false);
  REQUIRE(report.at("checks").size() == 2);
  CHECK(report.at("checks")[0] == Json({{"name", "schema"}, {"ready", true}}));
  CHECK(report.at("checks")[1].at("name") == "database");
  CHECK(report.at("checks")[1].at("ready") == false);
  CHECK(report.at("checks")[1].at("code") == "UNAVAILABLE");

  database = absl::OkStatus();
  CHECK(admin.Get("/readyz").code == 200);
}

TEST_CASE("The admin server knows three paths and two methods", "[metrics][unit]") {
  const auto [method, path, code] = GENERATE(table<std::string, std::string, int>({
      {"GET", "/healthz", 200},
      {"GET", "/healthz?verbose", 200},
      {"HEAD", "/healthz", 200},
      {"POST", "/healthz", 405},
      {"PUT", "/metrics", 405},
      {"DELETE", "/", 405},
      {"OPTIONS", "/readyz", 405},
      {"GET", "/", 404},
      {"GET", "/metrics/", 404},
      {"GET", "/metrics/x", 404},
      {"GET", "/metricsx", 404},
      {"GET", "/Metrics", 404},
      {"GET", "/etc/passwd", 404},
      {"GET", "/../../etc/passwd", 404},
      {"GET", "/%2e%2e/%2e%2e/etc/passwd", 404},
  }));
  CAPTURE(method, path);
  const Admin admin;

  const Response response = Request(admin.server->address(), method, path);

  CHECK(response.code == code);
  if (method == "HEAD") CHECK(response.body.empty());
}

TEST_CASE("The admin server survives what is not HTTP", "[metrics][unit]") {
  const Admin admin;
  const std::vector<std::string> requests = {
      std::string("\x16\x03\x01\x00\xff", 5) + "\r\n\r\n",  // TLS
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",                   // HTTP/2
      "GET /healthz HTTP/9.9\r\n\r\n",
      "GET http://other.example/healthz HTTP/1.1\r\nHost: other.example\r\n\r\n",
      "GET /" + std::string(10'000, 'a') + " HTTP/1.1\r\n\r\n",
      "GET /healthz HTTP/1.1\r\nA: " + std::string(10'000, 'a') + "\r\n\r\n",
      std::string("GET /\0 HTTP/1.1\r\n\r\n", 19),
  };

  for (const std::string& request : requests) {
    CHECK(Send(admin.server->address(), request).code != 500);
  }

  CHECK(admin.Get("/healthz").code == 200);
}

TEST_CASE("The admin server listens on loopback only", "[metrics][unit]") {
  const std::string host = GENERATE("0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "example.com");
  const Metrics metrics("0.1.0");
  const Readiness readiness;

  CHECK(AdminServer::Start(Address{host, 0}, metrics, readiness).status().code() ==
        absl::StatusCode::kInvalidArgument);
}

TEST_CASE("The admin server says when its port is taken", "[metrics][unit]") {
  const Admin admin;

  const auto second = AdminServer::Start(admin.server->address(), admin.metrics, admin.readiness);

  CHECK(second.status().code() == absl::StatusCode::kUnavailable);
}

TEST_CASE("The admin server gives its port back when it ends", "[metrics][unit]") {
  Admin admin;
  const Address address = admin.server->address();

  admin.server.reset();
  const auto second = AdminServer::Start(address, admin.metrics, admin.readiness);

  REQUIRE(second.ok());
  CHECK(Request((*second)->address(), "GET", "/healthz").code == 200);
}

}  // namespace
}  // namespace clinicd::metrics
