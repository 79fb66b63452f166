// How the front door tells the server, through gRPC's metadata, who stands before it. The server
// believes that only from a sender that knows this process's secret.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <grpcpp/support/string_ref.h>

#include "common/base/random.h"

namespace clinicd::rpc {

inline constexpr char kEdgeSecretKey[] = "x-clinicd-edge-bin";
inline constexpr char kEdgePeerKey[] = "x-clinicd-peer";
inline constexpr char kEdgeTlsKey[] = "x-clinicd-tls";
inline constexpr char kEdgeAgentKey[] = "x-clinicd-agent";

// The other end of a connection to the front door.
struct EdgeCaller {
  // "192.0.2.7:50123", "[2001:db8::7]:50123" or "local".
  std::string peer;
  // "TLSv1.3"; empty in clear text.
  std::string tls_version;
  std::string user_agent;
};

// 32 random bytes that live as long as the process. Thread-safe.
class EdgeSecret final {
 public:
  explicit EdgeSecret(Random& random);

  std::string_view bytes() const { return bytes_; }
  // In constant time.
  bool Matches(std::string_view bytes) const;

 private:
  std::string bytes_;
};

// Who calls, if `metadata` carries the secret exactly once; nullopt otherwise, whatever else it
// says.
std::optional<EdgeCaller> CallerOf(
    const std::multimap<grpc::string_ref, grpc::string_ref>& metadata, const EdgeSecret& secret);

// The host of "host:port", without brackets: "192.0.2.7", "2001:db8::7"; anything else as it is.
std::string_view HostOfPeer(std::string_view peer);

}  // namespace clinicd::rpc
