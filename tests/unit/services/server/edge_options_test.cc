#include "services/server/edge_options.h"

#include <catch2/catch.hpp>

namespace clinicd::server {
namespace {

using Kind = edge::ListenerOptions::Kind;

config::ServerConfig Config() {
  config::ServerConfig config;
  config.listen = config::Address{"127.0.0.1", 8443};
  config.callback_threads = 3;
  config.connections_max = 100;
  config.connections_per_address = 10;
  return config;
}

TEST_CASE("The edge listens where the configuration says", "[server][unit]") {
  config::ServerConfig config = Config();
  config.http_redirect_listen = config::Address{"0.0.0.0", 80};
  config.clear_socket = "/run/clinicd/http.sock";

  const auto options = EdgeOptionsFrom(config, {});

  REQUIRE(options.ok());
  REQUIRE(options->listeners.size() == 3);
  CHECK(options->listeners[0].kind == Kind::kTls);
  CHECK(options->listeners[0].address == config::Address{"127.0.0.1", 8443});
  CHECK(options->listeners[1].kind == Kind::kRedirect);
  CHECK(options->listeners[2].kind == Kind::kClear);
  CHECK(options->listeners[2].socket_path == "/run/clinicd/http.sock");
  CHECK(options->threads == 3);
  CHECK(options->limits.connections == 100);
  CHECK(options->limits.connections_per_address == 10);
  CHECK(options->limits.connect_rate == 10);
  CHECK(options->limits.connect_burst == 40);
}

TEST_CASE("A socket handed over takes the place of the configured one", "[server][unit]") {
  const auto options = EdgeOptionsFrom(Config(), {{.descriptor = 3, .name = "https"}});

  REQUIRE(options.ok());
  REQUIRE(options->listeners.size() == 1);
  CHECK(options->listeners[0].kind == Kind::kTls);
  CHECK(options->listeners[0].descriptor == 3);
}

TEST_CASE("A socket of unknown name is refused", "[server][unit]") {
  const auto options = EdgeOptionsFrom(Config(), {{.descriptor = 3, .name = "unknown"}});

  CHECK(options.status().code() == absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace clinicd::server
