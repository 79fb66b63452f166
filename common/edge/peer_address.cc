#include "common/edge/peer_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace clinicd::edge {
namespace {

constexpr std::size_t kMappedPrefix = 12;
constexpr std::size_t kNetworkBytes = 8;

std::string Text(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  return ::inet_ntop(family, address, text.data(), text.size()) == nullptr ? "?" : text.data();
}

PeerAddress FromV4(const in_addr& address, std::uint16_t port) {
  std::string text = Text(AF_INET, &address);
  return {.text = absl::StrCat(text, ":", port), .network = text};
}

}  // namespace

PeerAddress ToPeerAddress(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    sockaddr_in v4 = {};
    std::memcpy(&v4, &address, sizeof(v4));
    return FromV4(v4.sin_addr, ntohs(v4.sin_port));
  }
  if (address.ss_family != AF_INET6) return {.text = "local", .network = ""};
  sockaddr_in6 v6 = {};
  std::memcpy(&v6, &address, sizeof(v6));
  const std::uint16_t port = ntohs(v6.sin6_port);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    in_addr v4 = {};
    std::memcpy(&v4, &v6.sin6_addr.s6_addr[kMappedPrefix], sizeof(v4));
    return FromV4(v4, port);
  }
  in6_addr network = v6.sin6_addr;
  std::memset(&network.s6_addr[kNetworkBytes], 0, sizeof(network) - kNetworkBytes);
  return {.text = absl::StrCat("[", Text(AF_INET6, &v6.sin6_addr), "]:", port),
          .network = absl::StrCat(Text(AF_INET6, &network), "/64")};
}

}  // namespace clinicd::edge
