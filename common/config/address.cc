#include "common/config/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace clinicd::config {
namespace {

constexpr std::size_t kHostLengthMax = 253;

bool IsIpv6(const std::string& host) {
  in6_addr parsed = {};
  return ::inet_pton(AF_INET6, host.c_str(), &parsed) == 1;
}

bool IsIpv4(const std::string& host) {
  in_addr parsed = {};
  return ::inet_pton(AF_INET, host.c_str(), &parsed) == 1;
}

// Numbers and dots only make a name that resolvers read as an address in surprising ways ("127.1").
bool IsHostName(std::string_view host) {
  const bool characters = std::all_of(host.begin(), host.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.';
  });
  const bool letters = std::any_of(host.begin(), host.end(), [](char c) {
    return absl::ascii_isalpha(static_cast<unsigned char>(c));
  });
  return characters && letters && host.size() <= kHostLengthMax && host.front() != '.' &&
         host.front() != '-';
}

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || stop != end) return std::nullopt;
  return port;
}

}  // namespace

std::optional<Address> ParseAddress(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::optional<std::uint16_t> port = ParsePort(text.substr(colon + 1));
  if (!port) return std::nullopt;
  const std::string host(text.substr(0, colon));
  if (host.front() == '[' && host.back() == ']') {
    std::string inner = host.substr(1, host.size() - 2);
    if (!IsIpv6(inner)) return std::nullopt;
    return Address{std::move(inner), *port};
  }
  if (!IsIpv4(host) && !IsHostName(host)) return std::nullopt;
  return Address{host, *port};
}

std::string ToText(const Address& address) {
  const bool brackets = address.host.find(':') != std::string::npos;
  return brackets ? absl::StrCat("[", address.host, "]:", address.port)
                  : absl::StrCat(address.host, ":", address.port);
}

bool IsLoopback(const Address& address) {
  if (address.host == "localhost" || address.host == "::1") return true;
  in_addr parsed = {};
  if (::inet_pton(AF_INET, address.host.c_str(), &parsed) != 1) return false;
  return (ntohl(parsed.s_addr) >> 24) == 127;
}

}  // namespace clinicd::config
