#include "common/systemd/systemd.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/support/temporary_directory.h"

namespace clinicd::systemd {
namespace {

// What a service manager would hear.
class Manager final {
 public:
  Manager() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    const std::string path = directory_.path("notify");
    std::memcpy(address.sun_path, path.data(), path.size());
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): one thread.
  }
  ~Manager() {
    ::unsetenv("NOTIFY_SOCKET");  // NOLINT(concurrency-mt-unsafe): one thread.
    ::close(socket_);
  }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;
  Manager(Manager&&) = delete;
  Manager& operator=(Manager&&) = delete;

  std::string Heard() const {
    std::array<char, 256> text = {};
    const ssize_t size = ::recv(socket_, text.data(), text.size(), 0);
    return size < 0 ? std::string() : std::string(text.data(), static_cast<std::size_t>(size));
  }

 private:
  const testing::TemporaryDirectory directory_;
  const int socket_;
};

TEST_CASE("A service manager hears about start, reload and stop", "[systemd][unit]") {
  const Manager manager;

  NotifyReady();
  CHECK(manager.Heard() == "READY=1");
  NotifyReloading();
  CHECK(manager.Heard().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  NotifyStopping();
  CHECK(manager.Heard() == "STOPPING=1");
}

TEST_CASE("Without a service manager nothing is handed over", "[systemd][unit]") {
  const auto sockets = TakeSockets();

  REQUIRE(sockets.ok());
  CHECK(sockets->empty());
}

TEST_CASE("Sockets handed over keep their names", "[systemd][unit]") {
  constexpr int kFirst = 3;
  const int kept = ::dup(kFirst);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(::dup2(socket, kFirst) == kFirst);
  // NOLINTBEGIN(concurrency-mt-unsafe): one thread.
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  ::setenv("LISTEN_FDS", "1", 1);
  ::setenv("LISTEN_FDNAMES", "https", 1);
  // NOLINTEND(concurrency-mt-unsafe)

  const auto sockets = TakeSockets();
  const auto again = TakeSockets();

  if (kept >= 0) {
    ::dup2(kept, kFirst);
    ::close(kept);
  }
  ::close(socket);
  REQUIRE(sockets.ok());
  REQUIRE(sockets->size() == 1);
  CHECK(sockets->front().descriptor == kFirst);
  CHECK(sockets->front().name == "https");
  REQUIRE(again.ok());
  CHECK(again->empty());
}

}  // namespace
}  // namespace clinicd::systemd
