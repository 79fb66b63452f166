// What a service manager hands over and wants to know. Without one, nothing happens.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace clinicd::systemd {

// A socket that listens already (FileDescriptorName= of its unit).
struct InheritedSocket {
  int descriptor = -1;
  std::string name;
};

// The sockets handed to this process. They are handed over once: a second call gets none. To be
// called before threads are started, because it takes them out of the environment. UNAVAILABLE when
// what was handed over makes no sense.
absl::StatusOr<std::vector<InheritedSocket>> TakeSockets();

// Thread-safe.
void NotifyReady();
// The end of a reload is NotifyReady.
void NotifyReloading();
void NotifyStopping();

}  // namespace clinicd::systemd
