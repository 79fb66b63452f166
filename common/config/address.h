// Addresses of listeners.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace clinicd::config {

// Where a listener binds. Port 0 lets the system choose.
struct Address {
  std::string host;  // A name or an IP address, IPv6 without brackets.
  std::uint16_t port = 0;

  friend bool operator==(const Address&, const Address&) = default;
};

// Reads "host:port" or "[IPv6 address]:port". Nothing for any other text.
std::optional<Address> ParseAddress(std::string_view text);

// The text that ParseAddress() reads.
std::string ToText(const Address& address);

// Whether the host is an IP address of this machine's loopback, or "localhost".
bool IsLoopback(const Address& address);

}  // namespace clinicd::config
