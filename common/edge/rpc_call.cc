#include "common/edge/rpc_call.h"

#include <google/protobuf/message.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/edge/message_weight.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"

namespace clinicd::edge {
namespace {

using google::protobuf::MethodDescriptor;
using status::ErrorReason;

constexpr std::size_t kUserAgentBytesMax = 512;
constexpr char kNoMessage[] = "The request is not a message of the method's type.";
// Messages of texts take twice their bytes at most, those of small parts more.
constexpr std::size_t kMemoryFactor = 4;
// The server ends a call at its deadline and says why; the bridge only helps where it does not.
constexpr absl::Duration kDeadlineGrace = absl::Seconds(2);

absl::Time DeadlineOf(const RpcRequest& request, std::optional<absl::Duration> timeout,
                      absl::Time now) {
  absl::Duration patience = timeout.value_or(absl::InfiniteDuration());
  if (IsUnary(*request.method->descriptor)) {
    patience = std::min(patience, request.method->deadline_max + kDeadlineGrace);
  }
  return now + patience;
}

bool IsMessage(const google::protobuf::Descriptor& type, const grpc::ByteBuffer& bytes) {
  const google::protobuf::Message* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type);
  if (prototype == nullptr) return true;
  const std::unique_ptr<google::protobuf::Message> message(prototype->New());
  std::string text;
  AppendTo(text, bytes);
  return message->ParseFromString(text);
}

// What gRPC's own words mean; OK for those of a server.
absl::Status MeaningOf(const grpc::Status& status, const MethodDescriptor& method,
                       const grpc::ByteBuffer* request) {
  const std::string& words = status.error_message();
  if (status.error_code() == grpc::DEADLINE_EXCEEDED && words == "Deadline Exceeded") {
    return status::Error(absl::StatusCode::kDeadlineExceeded, ErrorReason::DEADLINE_PASSED,
                         "The call took longer than its deadline allows.");
  }
  if (status.error_code() == grpc::CANCELLED && (words == "CANCELLED" || words == "Cancelled")) {
    return status::Error(absl::StatusCode::kCancelled, ErrorReason::CALL_CANCELLED,
                         "The call was given up.");
  }
  if (status.error_code() == grpc::UNIMPLEMENTED && words.empty()) {
    const bool malformed = request != nullptr && !IsMessage(*method.input_type(), *request);
    return malformed ? MessageMalformed(kNoMessage) : MethodUnknown();
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CallStart> StartOf(const RpcRequest& request, std::optional<absl::Duration> timeout,
                                  const Peer& peer, const RpcParts& parts) {
  if (request.method == nullptr) return MethodUnknown();
  std::optional<Headers> metadata = parts.filter.ToMetadata(request.head.headers);
  if (!metadata) return MessageTooLarge(kMetadataBytesMax);
  const std::string agent = PrintableAscii(request.head.Find("user-agent"), kUserAgentBytesMax);
  metadata->push_back({rpc::kEdgeSecretKey, std::string(parts.secret.bytes())});
  metadata->push_back({rpc::kEdgePeerKey, PrintableAscii(peer.address, kUserAgentBytesMax)});
  if (!peer.tls_version.empty()) metadata->push_back({rpc::kEdgeTlsKey, peer.tls_version});
  if (!agent.empty()) metadata->push_back({rpc::kEdgeAgentKey, agent});
  return CallStart{.path = request.method->path,
                   .metadata = *std::move(metadata),
                   .deadline = DeadlineOf(request, timeout, parts.clock.Now())};
}

absl::StatusOr<std::size_t> MemoryOf(const RpcRequest& request, std::string_view message,
                                     const RpcParts& parts) {
  const std::size_t bytes_max = kMemoryFactor * parts.request_bytes_max;
  const std::optional<std::size_t> bytes =
      MessageWeight(*request.method->descriptor->input_type(), message, bytes_max);
  if (!bytes) return MessageMalformed(kNoMessage);
  if (*bytes > bytes_max) return MessageTooHeavy(bytes_max);
  return *bytes;
}

bool IsUnary(const MethodDescriptor& method) {
  return !method.client_streaming() && !method.server_streaming();
}

grpc::Status ToWire(const absl::Status& status) { return status::ToGrpc(status, ""); }

grpc::Status Named(const grpc::Status& status, const MethodDescriptor& method,
                   const grpc::ByteBuffer* request) {
  if (status.ok() || !status.error_details().empty()) return status;
  const absl::Status meaning = MeaningOf(status, method, request);
  return meaning.ok() ? status : ToWire(meaning);
}

grpc::ByteBuffer ToByteBuffer(std::string_view bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  return grpc::ByteBuffer(&slice, 1);
}

void AppendTo(std::string& text, const grpc::ByteBuffer& buffer) {
  if (!buffer.Valid()) return;
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
}

}  // namespace clinicd::edge
