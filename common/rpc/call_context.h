// The server context of every call, made by gRPC through our allocator, in which the interceptor
// leaves its verdict for the dispatcher.
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server_context.h>

#include <functional>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/auth/identity.h"
#include "common/rpc/edge_identity.h"
#include "common/rpc/method_table.h"

namespace clinicd::rpc {

class CallContext final : public grpc::CallbackServerContext {
 public:
  // Null until the interceptor has seen the call: a call without a method is refused.
  const MethodInfo* method = nullptr;
  // OK: admitted. Absent until the interceptor has decided: refused.
  std::optional<absl::Status> verdict;
  // Set when the caller proved who they are, also when they are refused.
  std::optional<auth::Identity> identity;
  // Set when the call came through the front door.
  std::optional<EdgeCaller> edge_caller;
  absl::Time start;
  // Of streams that were let in: whether the caller could still make the call at the given time.
  std::function<absl::Status(absl::Time)> recheck;
};

// Has gRPC make CallContexts. Give one to ServerBuilder::SetContextAllocator.
class CallContextAllocator final : public grpc::ContextAllocator {
 public:
  grpc::CallbackServerContext* NewCallbackServerContext() override { return new CallContext(); }
  // For methods that nobody registered. gRPC 1.51 gives every context back through the Release()
  // below, also one it made inside another object because none was made here, so that a call of an
  // unknown method would free what was never allocated and end the process.
  grpc::GenericCallbackServerContext* NewGenericCallbackServerContext() override {
    return new grpc::GenericCallbackServerContext();
  }
  void Release(grpc::CallbackServerContext* context) override { delete context; }
};

}  // namespace clinicd::rpc
