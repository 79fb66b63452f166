// gRPC and gRPC-Web: messages in frames, the status in HTTP trailers or in a last frame.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/edge/base64.h"
#include "common/edge/frame.h"
#include "common/edge/grpc_text.h"
#include "common/edge/rpc_call.h"

namespace clinicd::edge {

// Answers one call. Messages of the client wait for the server, and those of the server for the
// client, with one under way in each direction. A method that takes one message is called once that
// message is there and the client has said that no other follows.
class FramedHandler final : public RequestHandler,
                            public CallSink,
                            public std::enable_shared_from_this<FramedHandler> {
 public:
  // `protocol` is kGrpc (HTTP/2 only), kGrpcWeb or kGrpcWebText.
  FramedHandler(Protocol protocol, RpcRequest request, const RpcParts& parts);

  void Start(HttpStream& stream) override;
  void OnBody(std::string_view bytes) override;
  void OnBodyEnd() override;
  void OnWritable() override;
  void OnClosed(CloseReason reason) override;

  void OnInitialMetadata(const Headers& metadata) override;
  void OnMessage(const grpc::ByteBuffer& message) override;
  void OnWritten() override;
  void OnFinished(const CallResult& result) override;

 private:
  bool over() const { return stream_ == nullptr || answered_; }
  const google::protobuf::MethodDescriptor& method() const { return *request_.method->descriptor; }
  absl::Status Check();
  absl::Status Decode(std::string_view bytes);
  void Take(std::string_view bytes);
  // Says how much memory this takes; false when that is too much.
  bool CountKept();
  // Counts what the server makes of a message; false when it must not get it.
  bool Weigh(std::string_view message);
  void WriteNext();
  void CallWithOneMessage();
  void Refuse(const absl::Status& status);
  void SendHead(const Headers& metadata);
  void SendFrame(const std::string& frame);
  void SendStatus(const grpc::Status& status, const Headers& trailing_metadata);
  void ReadWhenRoom();

  const Protocol protocol_;
  const Protocol answer_;
  const RpcRequest request_;
  const RpcParts& parts_;

  HttpStream* stream_ = nullptr;
  CallStart start_;
  std::shared_ptr<BridgedCall> call_;
  // The same, of a stream.
  std::shared_ptr<BridgedStream> stream_call_;
  // Of a unary call: kept to tell why gRPC refused it.
  grpc::ByteBuffer message_;

  Base64StreamDecoder base64_;
  FrameDecoder frames_;
  // Of the body, while a message is being written. Not yet consumed, so that the client's window
  // bounds it.
  std::string backlog_;
  bool body_ended_ = false;
  bool writing_ = false;
  // What the server's message takes.
  std::size_t parsed_bytes_ = 0;
  bool writes_done_ = false;

  bool head_sent_ = false;
  bool read_waits_ = false;
  bool answered_ = false;
};

}  // namespace clinicd::edge
