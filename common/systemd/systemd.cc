#include "common/systemd/systemd.h"

#include <systemd/sd-daemon.h>

#include <cstdlib>
#include <ctime>
#include <memory>
#include <string_view>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace clinicd::systemd {
namespace {

constexpr std::int64_t kMicroseconds = 1'000'000;
constexpr std::int64_t kNanoseconds = 1'000;

void Notify(const std::string& state) { sd_notify(/*unset_environment=*/0, state.c_str()); }

std::int64_t MonotonicMicroseconds() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kMicroseconds + now.tv_nsec / kNanoseconds;
}

}  // namespace

absl::StatusOr<std::vector<InheritedSocket>> TakeSockets() {
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(/*unset_environment=*/1, &names);
  if (count < 0) {
    return absl::UnavailableError(
        absl::StrCat("the service manager's sockets cannot be taken over: ",
                     std::system_category().message(-count)));
  }
  std::vector<InheritedSocket> sockets;
  for (int i = 0; i < count; ++i) {
    sockets.push_back({.descriptor = SD_LISTEN_FDS_START + i, .name = names[i]});
    std::free(names[i]);  // NOLINT: allocated by libsystemd with malloc.
  }
  std::free(names);  // NOLINT: allocated by libsystemd with malloc.
  return sockets;
}

void NotifyReady() { Notify("READY=1"); }

void NotifyReloading() {
  Notify(absl::StrCat("RELOADING=1\nMONOTONIC_USEC=", MonotonicMicroseconds()));
}

void NotifyStopping() { Notify("STOPPING=1"); }

}  // namespace clinicd::systemd
