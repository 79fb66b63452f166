// Chooses who answers a request: a call, a page, a route, or a refusal.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/edge/cors.h"
#include "common/edge/grpc_text.h"
#include "common/edge/plain_handler.h"
#include "common/edge/route_table.h"
#include "common/edge/rpc_call.h"
#include "common/edge/static_root.h"

namespace clinicd::edge {

// Everything is found by its exact bytes: no path is decoded, cleaned or folded, so that there is
// one way to name each thing. Immutable, thread-safe.
class FrontDoor final {
 public:
  struct Parts {
    const RpcParts& rpc;
    std::vector<RpcMethod> methods;
    // Origins for Cors.
    std::vector<std::string> cors_origins = {};
    std::span<const StaticFile> files = {};
    // Where to report a weakness (RFC 9116): a URI such as "mailto:security@clinic.example"; empty:
    // the server does not say.
    std::string security_contact = {};
    RouteTable routes = {};
  };

  explicit FrontDoor(Parts parts);
  FrontDoor(const FrontDoor&) = delete;
  FrontDoor& operator=(const FrontDoor&) = delete;

  // As edge::Router.
  std::shared_ptr<RequestHandler> Route(const RequestHead& head, const Peer& peer) const;

 private:
  void AddPages();
  std::shared_ptr<RequestHandler> RouteCall(const RequestHead& head, Headers cors) const;
  std::shared_ptr<RequestHandler> Call(Protocol protocol, const RequestHead& head,
                                       const RpcMethod* method, Headers cors) const;
  PlainAnswer SecurityText() const;

  const Parts parts_;
  const Cors cors_;
  const StaticRoot static_root_;
  RouteTable pages_;
  // By path.
  absl::flat_hash_map<std::string, const RpcMethod*> methods_;
};

}  // namespace clinicd::edge
