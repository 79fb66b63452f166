#include "common/edge/edge_server.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <filesystem>

#include "common/edge/listener.h"
#include "tests/edge/session_fixture.h"
#include "tests/support/temporary_directory.h"

namespace clinicd::edge {
namespace {

using Kind = ListenerOptions::Kind;

TEST_CASE("An edge that cannot open a listener leaves no socket file behind", "[edge][unit]") {
  const FixedClock clock;
  const testing::TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() + "/edge.sock";
  const absl::StatusOr<ListeningSocket> taken = ListenOnAddress({.host = "127.0.0.1", .port = 0});
  REQUIRE(taken.ok());
  const ListenerOptions on_path = {.kind = Kind::kClear, .socket_path = path};
  const ListenerOptions on_taken = {
      .kind = Kind::kClear,
      .address = {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(taken->port())}};

  SECTION("of its own") {
    CHECK_FALSE(
        EdgeServer::Start({.listeners = {on_path, on_taken}}, SimpleRouter(), nullptr, clock).ok());
    CHECK_FALSE(std::filesystem::exists(path));
  }
  SECTION("of a listener without the certificate it needs") {
    const ListenerOptions https = {.kind = Kind::kTls, .socket_path = path};
    CHECK_FALSE(EdgeServer::Start({.listeners = {https}}, SimpleRouter(), nullptr, clock).ok());
    CHECK_FALSE(std::filesystem::exists(path));
  }
  SECTION("but that of another server stays") {
    const absl::StatusOr<ListeningSocket> other = ListenOnPath(path);
    REQUIRE(other.ok());
    CHECK_FALSE(EdgeServer::Start({.listeners = {on_path}}, SimpleRouter(), nullptr, clock).ok());
    CHECK(std::filesystem::exists(path));
  }
}

}  // namespace
}  // namespace clinicd::edge
