// What the handlers of all RPC protocols have in common: how a request becomes a call.
#pragma once

#include <google/protobuf/descriptor.h>
#include <grpcpp/grpcpp.h>

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/edge/call_bridge.h"
#include "common/edge/edge_errors.h"
#include "common/edge/header_filter.h"
#include "common/edge/http.h"
#include "common/rpc/edge_identity.h"

namespace clinicd::edge {

// A method as the front door knows it.
struct RpcMethod {
  // "/package.Service/Method".
  std::string path;
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  // What the server allows a unary call to take.
  absl::Duration deadline_max;
};

// What handlers stand on; outlives them all.
struct RpcParts {
  CallBridge& bridge;
  const HeaderFilter& filter;
  const rpc::EdgeSecret& secret;
  const Clock& clock;
  // Of one message of a request.
  std::size_t request_bytes_max = 256 * 1024;
};

// A request for a call.
struct RpcRequest {
  RequestHead head;
  // Null: there is no such method.
  const RpcMethod* method = nullptr;
  // Come with every answer, such as those of CORS.
  Headers answer_headers = {};
};

// What the head of `request` says of its call: metadata, deadline, caller. `timeout` is the
// client's; absent: none was sent.
absl::StatusOr<CallStart> StartOf(const RpcRequest& request, std::optional<absl::Duration> timeout,
                                  const Peer& peer, const RpcParts& parts);

bool IsUnary(const google::protobuf::MethodDescriptor& method);

// The bytes that a message of `request` takes once it is parsed; an error if they are too many or
// it is none of the method's type.
absl::StatusOr<std::size_t> MemoryOf(const RpcRequest& request, std::string_view message,
                                     const RpcParts& parts);

// The status for the wire: named, with details.
grpc::Status ToWire(const absl::Status& status);

// `status` as clients may rely on it: what gRPC itself ends a call with, which has no reason, gets
// one. `request` is the message of a unary call, or null.
grpc::Status Named(const grpc::Status& status, const google::protobuf::MethodDescriptor& method,
                   const grpc::ByteBuffer* request);

grpc::ByteBuffer ToByteBuffer(std::string_view bytes);
// Appends the bytes of `buffer` to `text`.
void AppendTo(std::string& text, const grpc::ByteBuffer& buffer);

}  // namespace clinicd::edge
