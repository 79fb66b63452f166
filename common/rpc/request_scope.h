// The interceptor in front of every call: authenticate, scope, authorize.
#pragma once

#include <grpcpp/support/server_interceptor.h>

#include <string_view>

#include "absl/status/statusor.h"
#include "common/auth/identity.h"
#include "common/base/clock.h"
#include "common/rpc/edge_identity.h"
#include "common/rpc/method_table.h"

namespace clinicd::rpc {

// Turns an access token into who sent it. Thread-safe, never blocks.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // Errors: UNAUTHENTICATED (TOKEN_INVALID, TOKEN_EXPIRED, SESSION_REVOKED).
  virtual absl::StatusOr<auth::Identity> Authenticate(std::string_view token,
                                                      absl::Time now) const = 0;
};

// Makes one RequestScope interceptor per call. A server interceptor of gRPC C++ cannot end a call,
// so it leaves its verdict in the CallContext, and the Dispatcher, through which every method is
// bound, answers with it before any handler code runs. Anything unexpected is a refusal.
class RequestScopeFactory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  RequestScopeFactory(const MethodTable& methods, const Authenticator& authenticator,
                      const Clock& clock, const EdgeSecret& edge_secret)
      : methods_(methods),
        authenticator_(authenticator),
        clock_(clock),
        edge_secret_(edge_secret) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override;

 private:
  const MethodTable& methods_;
  const Authenticator& authenticator_;
  const Clock& clock_;
  const EdgeSecret& edge_secret_;
};

}  // namespace clinicd::rpc
