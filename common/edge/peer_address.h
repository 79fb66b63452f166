// The other end of a socket, as text and as a network.
#pragma once

#include <sys/socket.h>

#include <string>

namespace clinicd::edge {

struct PeerAddress {
  // "192.0.2.7:50123", "[2001:db8::7]:50123", or "local" on a Unix socket.
  std::string text;
  // What is limited as one: an IPv4 address, an IPv6 /64 network; empty on a Unix socket.
  std::string network;
};

// IPv4 addresses in IPv6 form are taken for what they are.
PeerAddress ToPeerAddress(const sockaddr_storage& address);

}  // namespace clinicd::edge
