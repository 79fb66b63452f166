#include "common/edge/counters.h"

namespace clinicd::edge {

std::string_view NameOf(Cut cut) {
  static constexpr std::array<std::string_view, static_cast<std::size_t>(Cut::kCount)> kNames = {
      "handshake", "head",     "body",    "idle",        "write",       "protocol", "flood",
      "oversize",  "settings", "address", "connections", "descriptors", "memory"};
  return kNames[static_cast<std::size_t>(cut)];
}

}  // namespace clinicd::edge
