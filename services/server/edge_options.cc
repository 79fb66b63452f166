#include "services/server/edge_options.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace clinicd::server {
namespace {

using Kind = edge::ListenerOptions::Kind;

struct SocketName {
  std::string_view name;
  Kind kind;
};

// All clients of an address may come back at once, a few times.
constexpr std::uint32_t kBurstFactor = 4;

constexpr std::array kSocketNames = {SocketName{"https", Kind::kTls},
                                     SocketName{"http-redirect", Kind::kRedirect},
                                     SocketName{"clear", Kind::kClear}};

}  // namespace

absl::StatusOr<edge::EdgeOptions> EdgeOptionsFrom(
    const config::ServerConfig& config, const std::vector<systemd::InheritedSocket>& sockets) {
  edge::EdgeOptions options;
  options.threads = config.callback_threads;
  options.public_authority = config.public_authority;
  options.limits.connections = static_cast<std::size_t>(config.connections_max);
  const auto per_address = static_cast<std::uint32_t>(config.connections_per_address);
  options.limits.connections_per_address = per_address;
  options.limits.connect_rate = per_address;
  options.limits.connect_burst = kBurstFactor * per_address;
  for (const systemd::InheritedSocket& socket : sockets) {
    const auto found = std::ranges::find(kSocketNames, socket.name, &SocketName::name);
    if (found == kSocketNames.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the service manager handed over a socket named \"", socket.name,
                       "\": FileDescriptorName= must be https, http-redirect or clear"));
    }
    options.listeners.push_back({.kind = found->kind, .descriptor = socket.descriptor});
  }
  const auto add = [&options, handed = options.listeners.size()](
                       Kind kind, const std::optional<config::Address>& address) {
    const auto end = options.listeners.begin() + static_cast<std::ptrdiff_t>(handed);
    if (!address || std::any_of(options.listeners.begin(), end,
                                [kind](const auto& listener) { return listener.kind == kind; })) {
      return;
    }
    options.listeners.push_back({.kind = kind, .address = *address});
  };
  add(Kind::kTls, config.listen);
  add(Kind::kRedirect, config.http_redirect_listen);
  add(Kind::kClear, config.clear_listen);
  if (!config.clear_socket.empty()) {
    options.listeners.push_back({.kind = Kind::kClear, .socket_path = config.clear_socket});
  }
  return options;
}

}  // namespace clinicd::server
