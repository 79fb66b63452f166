#include "common/rpc/edge_identity.h"

#include <openssl/crypto.h>

#include <iterator>

namespace clinicd::rpc {
namespace {

using Metadata = std::multimap<grpc::string_ref, grpc::string_ref>;

constexpr std::size_t kSecretBytes = 32;

std::string TextOf(const Metadata& metadata, const char* key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) return "";
  return {found->second.data(), found->second.size()};
}

}  // namespace

EdgeSecret::EdgeSecret(Random& random) : bytes_(random.Bytes(kSecretBytes)) {}

bool EdgeSecret::Matches(std::string_view bytes) const {
  return bytes.size() == bytes_.size() &&
         CRYPTO_memcmp(bytes.data(), bytes_.data(), bytes_.size()) == 0;
}

std::optional<EdgeCaller> CallerOf(const Metadata& metadata, const EdgeSecret& secret) {
  const auto [first, last] = metadata.equal_range(kEdgeSecretKey);
  if (first == last || std::next(first) != last) return std::nullopt;
  if (!secret.Matches({first->second.data(), first->second.size()})) return std::nullopt;
  return EdgeCaller{.peer = TextOf(metadata, kEdgePeerKey),
                    .tls_version = TextOf(metadata, kEdgeTlsKey),
                    .user_agent = TextOf(metadata, kEdgeAgentKey)};
}

std::string_view HostOfPeer(std::string_view peer) {
  const std::size_t port = peer.rfind(':');
  if (port == std::string_view::npos) return peer;
  std::string_view host = peer.substr(0, port);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

}  // namespace clinicd::rpc
