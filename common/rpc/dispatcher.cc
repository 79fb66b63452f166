#include "common/rpc/dispatcher.h"

#include <google/protobuf/message.h>

#include <algorithm>

#include "common/base/text.h"
#include "common/base/try.h"
#include "common/rpc/metadata.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"

namespace clinicd::rpc {
namespace {

using status::ErrorReason;

constexpr std::size_t kUserAgentMax = 200;
constexpr std::size_t kAddressMax = 100;

// "ipv4:127.0.0.1:50000" to "127.0.0.1"; a Unix socket has no address.
std::string AddressOf(const std::string& peer) {
  const std::size_t scheme = peer.find(':');
  if (scheme == std::string::npos || peer.substr(0, 2) != "ip") return "local";
  const std::size_t port = peer.rfind(':');
  return CleanedPrefix(peer.substr(scheme + 1, port - scheme - 1), kAddressMax);
}

std::string AddressOf(const CallContext& context) {
  if (!context.edge_caller) return AddressOf(context.peer());
  return CleanedPrefix(HostOfPeer(context.edge_caller->peer), kAddressMax);
}

// Of the metadata of that name, if there is any; empty otherwise.
std::string_view MetadataOf(const CallContext& context, std::string_view key) {
  const auto found = context.client_metadata().find(grpc::string_ref(key.data(), key.size()));
  if (found == context.client_metadata().end()) return {};
  return {found->second.data(), found->second.size()};
}

std::string UserAgentOf(const CallContext& context) {
  return CleanedPrefix(context.edge_caller ? std::string_view(context.edge_caller->user_agent)
                                           : MetadataOf(context, "user-agent"),
                       kUserAgentMax);
}

absl::Status MethodUnknown() {
  return status::Error(absl::StatusCode::kUnimplemented, ErrorReason::METHOD_UNKNOWN,
                       "The method does not exist on this server.");
}

}  // namespace

bool LeavesRefusal(const absl::Status& status) {
  return status.code() == absl::StatusCode::kPermissionDenied ||
         status::ReasonOf(status) == ErrorReason::STEP_UP_REQUIRED;
}

std::optional<UserId> CallerOf(const grpc::CallbackServerContext& server_context) {
  const auto* context = dynamic_cast<const CallContext*>(&server_context);
  if (context == nullptr || !context->identity) return std::nullopt;
  return context->identity->user;
}

absl::Status Dispatcher::Admit(grpc::CallbackServerContext& server_context,
                               const google::protobuf::Message& request, CallInfo& info) const {
  const auto* context = dynamic_cast<const CallContext*>(&server_context);
  if (context == nullptr || context->method == nullptr || !context->verdict) {
    return MethodUnknown();
  }
  info.method = context->method;
  info.start = context->start;
  info.call_id = parts_.ids.NewUuid().ToString();
  info.deadline =
      std::min(absl::FromChrono(server_context.deadline()), info.start + info.method->deadline_max);
  info.client_address = AddressOf(*context);
  info.user_agent = UserAgentOf(*context);
  if (context->identity) info.identity = *context->identity;
  CLINICD_RETURN_IF_ERROR(*context->verdict);
  CLINICD_RETURN_IF_ERROR(parts_.validate(request));
  if (const auto* field = info.method->request_id_field) {
    const std::string text = request.GetReflection()->GetString(request, field);
    const std::optional<Uuid> id = Uuid::Parse(text);
    if (!id || id->is_nil()) return status::InvalidField("request_id", "must be a UUID, not nil");
    info.request_id = *id;
    info.request_hash = parts_.hash(info.method->full_name, request);
    info.wants_receipt = MetadataOf(*context, kWantReceiptKey) == "1";
  }
  return absl::OkStatus();
}

void Dispatcher::Reactor::Finish(const absl::Status& status) {
  dispatcher_.Observe(info_, status, info_.start, round_trips_);
  if (status.ok() && !receipt_.empty()) AddTrailingMetadata(context_, kReceiptKey, receipt_);
  grpc::ServerUnaryReactor::Finish(status::ToGrpc(status, info_.call_id));
}

void Dispatcher::Observe(const CallInfo& info, const absl::Status& status, absl::Time start,
                         std::int64_t round_trips) const {
  if (info.method == nullptr) return;
  parts_.observe(info, status, parts_.clock.Now() - start, round_trips);
}

void Dispatcher::Start(Reactor& reactor, const google::protobuf::Message& request,
                       bool anonymous) const {
  const absl::Status status = reactor.Prepare(request);
  if (status.ok() &&
      anonymous != (reactor.info().method->access == MethodInfo::Access::kAnonymous)) {
    return reactor.Finish(status::Defect("method bound to the wrong kind of handler"));
  }
  if (status.ok()) return anonymous ? RunAnonymous(reactor) : parts_.runner.Run(reactor);
  if (LeavesRefusal(status)) return parts_.runner.Refuse(reactor, status);
  reactor.Finish(status);
}

void Dispatcher::RunAnonymous(Reactor& reactor) const {
  const bool taken = parts_.anonymous_executor.TrySubmit(
      [&reactor] { reactor.Finish(reactor.RunWithoutTransaction()); });
  if (taken) return;
  reactor.Finish(status::Error(absl::StatusCode::kResourceExhausted, ErrorReason::SERVER_BUSY,
                               "Too many people are signing in at once; try again shortly.")
                     .RetryAfter(absl::Seconds(1)));
}

}  // namespace clinicd::rpc
