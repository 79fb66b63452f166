// Connect, the unary half: one message each way as a plain HTTP body, JSON or binary, so that a
// partner can call with curl.
#pragma once

#include <memory>
#include <string>

#include "common/edge/grpc_text.h"
#include "common/edge/rpc_call.h"

namespace clinicd::edge {

// Answers one call of a unary method.
class ConnectHandler final : public RequestHandler,
                             public CallSink,
                             public std::enable_shared_from_this<ConnectHandler> {
 public:
  // `protocol` is kConnectJson or kConnectProto.
  ConnectHandler(Protocol protocol, RpcRequest request, const RpcParts& parts)
      : protocol_(protocol), request_(std::move(request)), parts_(parts) {}

  void Start(HttpStream& stream) override;
  void OnBody(std::string_view bytes) override;
  void OnBodyEnd() override;
  void OnWritable() override {}
  void OnClosed(CloseReason reason) override;

  void OnInitialMetadata(const Headers&) override {}
  void OnMessage(const grpc::ByteBuffer&) override {}
  void OnWritten() override {}
  void OnFinished(const CallResult& result) override;

 private:
  bool over() const { return stream_ == nullptr || answered_; }
  absl::Status Check();
  void Fail(const grpc::Status& status, const CallResult& result);
  void Answer(int http_status, Protocol type, const CallResult& result, std::string body);

  const Protocol protocol_;
  const RpcRequest request_;
  const RpcParts& parts_;

  HttpStream* stream_ = nullptr;
  CallStart start_;
  std::shared_ptr<BridgedCall> call_;
  std::string body_;
  grpc::ByteBuffer message_;
  bool body_ended_ = false;
  bool answered_ = false;
};

}  // namespace clinicd::edge
