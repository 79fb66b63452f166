#include "common/edge/framed_handler.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/try.h"

namespace clinicd::edge {
namespace {

absl::Status StatusOf(FrameFault fault, std::size_t bytes_max) {
  switch (fault) {
    case FrameFault::kCompressed:
      return CompressedUnannounced();
    case FrameFault::kTooLarge:
      return MessageTooLarge(bytes_max);
    case FrameFault::kFlags:
      break;
  }
  return MessageMalformed("A frame of the request has flags that mean nothing.");
}

Headers TrailersOf(const grpc::Status& status, const Headers& metadata) {
  Headers trailers;
  for (const Header& entry : metadata) {
    if (std::optional<Header> header = ToHeader(entry.name, entry.value)) {
      trailers.push_back(*std::move(header));
    }
  }
  trailers.push_back({"grpc-status", absl::StrCat(static_cast<int>(status.error_code()))});
  if (!status.error_message().empty()) {
    trailers.push_back({"grpc-message", PercentEncode(status.error_message())});
  }
  if (!status.error_details().empty()) {
    trailers.push_back(
        {"grpc-status-details-bin", Base64Encode(status.error_details(), Padding::kNone)});
  }
  return trailers;
}

}  // namespace

FramedHandler::FramedHandler(Protocol protocol, RpcRequest request, const RpcParts& parts)
    : protocol_(protocol),
      answer_(protocol == Protocol::kGrpc ? protocol
                                          : AnswerProtocol(protocol, request.head.Find("accept"))),
      request_(std::move(request)),
      parts_(parts),
      frames_(parts.request_bytes_max) {}

void FramedHandler::Start(HttpStream& stream) {
  stream_ = &stream;
  if (const absl::Status status = Check(); !status.ok()) return Refuse(status);
  if (method().client_streaming()) {
    stream_call_ =
        parts_.bridge.StartStream(start_, shared_from_this(), stream_->PostToConnection());
    call_ = stream_call_;
    ReadWhenRoom();
  }
}

absl::Status FramedHandler::Check() {
  const std::string_view encoding = request_.head.Find("grpc-encoding");
  if (!encoding.empty() && encoding != "identity") return EncodingUnknown();
  std::optional<absl::Duration> timeout;
  if (request_.head.Has("grpc-timeout")) {
    timeout = ParseGrpcTimeout(request_.head.Find("grpc-timeout"));
    if (!timeout) return MessageMalformed("The grpc-timeout is not a time-out.");
  }
  CLINICD_ASSIGN_OR_RETURN(start_, StartOf(request_, timeout, stream_->peer(), parts_));
  return absl::OkStatus();
}

void FramedHandler::OnBody(std::string_view bytes) {
  if (over()) return;
  if (writing_) {
    backlog_.append(bytes);
  } else {
    Take(bytes);
  }
}

void FramedHandler::Take(std::string_view bytes) {
  stream_->ConsumeBody(bytes.size());
  if (const absl::Status status = Decode(bytes); !status.ok()) return Refuse(status);
  if (!CountKept()) return;
  if (method().client_streaming()) return WriteNext();
  if (frames_.waiting() > 1) Refuse(MessageCountWrong());
}

bool FramedHandler::CountKept() {
  return stream_->KeepBody(frames_.held_bytes() + message_.Length() + parsed_bytes_);
}

bool FramedHandler::Weigh(std::string_view message) {
  const absl::StatusOr<std::size_t> bytes = MemoryOf(request_, message, parts_);
  if (!bytes.ok()) {
    Refuse(bytes.status());
    return false;
  }
  parsed_bytes_ = *bytes;
  return CountKept();
}

absl::Status FramedHandler::Decode(std::string_view bytes) {
  std::optional<std::string> decoded;
  if (protocol_ == Protocol::kGrpcWebText) {
    decoded = base64_.Feed(bytes);
    if (!decoded) return MessageMalformed("The request is not base64.");
    bytes = *decoded;
  }
  const std::optional<FrameFault> fault = frames_.Feed(bytes);
  return fault ? StatusOf(*fault, parts_.request_bytes_max) : absl::OkStatus();
}

void FramedHandler::OnBodyEnd() {
  if (over() || std::exchange(body_ended_, true)) return;
  if (method().client_streaming()) return WriteNext();
  CallWithOneMessage();
}

// Of a method that takes a stream of messages: what comes next, the message or the end.
void FramedHandler::WriteNext() {
  if (over() || writing_ || writes_done_) return;
  if (const std::optional<std::string> message = frames_.Next()) {
    writing_ = true;
    if (Weigh(*message)) stream_call_->Write(ToByteBuffer(*message));
    return;
  }
  if (!backlog_.empty()) return Take(std::exchange(backlog_, {}));
  if (!body_ended_) return;
  if (!frames_.at_boundary() || !base64_.at_end()) {
    return Refuse(MessageMalformed("The request ends within a frame."));
  }
  writes_done_ = true;
  stream_call_->WritesDone();
}

void FramedHandler::CallWithOneMessage() {
  if (!frames_.at_boundary() || !base64_.at_end()) {
    return Refuse(MessageMalformed("The request ends within a frame."));
  }
  const std::optional<std::string> message = frames_.Next();
  if (!message) return Refuse(MessageCountWrong());
  message_ = ToByteBuffer(*message);
  if (!Weigh(*message)) return;
  if (!method().server_streaming()) {
    call_ = parts_.bridge.StartUnary(std::move(start_), message_, shared_from_this(),
                                     stream_->PostToConnection());
    return;
  }
  stream_call_ =
      parts_.bridge.StartStream(std::move(start_), shared_from_this(), stream_->PostToConnection());
  call_ = stream_call_;
  stream_call_->WriteLast(message_);
  ReadWhenRoom();
}

void FramedHandler::OnWritten() {
  if (over()) return;
  writing_ = false;
  // The last message of the client stays with the server as long as the call.
  if (method().client_streaming()) parsed_bytes_ = 0;
  CountKept();
  if (method().client_streaming()) WriteNext();
}

void FramedHandler::OnInitialMetadata(const Headers& metadata) {
  if (!over()) SendHead(metadata);
}

void FramedHandler::OnMessage(const grpc::ByteBuffer& message) {
  if (over()) return;
  SendHead({});
  std::string frame = FrameHead(message.Length());
  AppendTo(frame, message);
  SendFrame(frame);
  ReadWhenRoom();
}

void FramedHandler::ReadWhenRoom() {
  read_waits_ = !stream_->HasRoom();
  if (!read_waits_) stream_call_->Read();
}

void FramedHandler::OnWritable() {
  if (!over() && read_waits_) ReadWhenRoom();
}

void FramedHandler::OnFinished(const CallResult& result) {
  if (over()) return;
  SendHead(result.initial_metadata);
  if (!IsUnary(method())) {
    return SendStatus(Named(result.status, method(),
                            stream_call_ && !method().client_streaming() ? &message_ : nullptr),
                      result.trailing_metadata);
  }
  if (result.status.ok()) {
    std::string frame = FrameHead(result.response.Length());
    AppendTo(frame, result.response);
    SendFrame(frame);
  }
  SendStatus(Named(result.status, method(), &message_), result.trailing_metadata);
}

void FramedHandler::OnClosed(CloseReason) {
  stream_ = nullptr;
  if (call_) call_->Cancel();
}

void FramedHandler::Refuse(const absl::Status& status) {
  SendHead({});
  SendStatus(ToWire(status), {});
  if (call_) call_->Cancel();
}

void FramedHandler::SendHead(const Headers& metadata) {
  if (std::exchange(head_sent_, true)) return;
  Headers headers = {{"content-type", std::string(ContentTypeOf(answer_))},
                     {"grpc-accept-encoding", "identity"}};
  for (const Header& entry : metadata) {
    if (std::optional<Header> header = ToHeader(entry.name, entry.value)) {
      headers.push_back(*std::move(header));
    }
  }
  std::ranges::copy(request_.answer_headers, std::back_inserter(headers));
  stream_->SendHead(200, std::move(headers));
}

// In text mode each frame is padded by itself, so that it can be read as soon as it arrives.
void FramedHandler::SendFrame(const std::string& frame) {
  stream_->SendData(answer_ == Protocol::kGrpcWebText ? Base64Encode(frame, Padding::kFull)
                                                      : frame);
}

void FramedHandler::SendStatus(const grpc::Status& status, const Headers& trailing_metadata) {
  answered_ = true;
  Headers trailers = TrailersOf(status, trailing_metadata);
  if (answer_ == Protocol::kGrpc) return stream_->End(std::move(trailers));
  SendFrame(TrailersFrame(trailers));
  stream_->End();
}

}  // namespace clinicd::edge
