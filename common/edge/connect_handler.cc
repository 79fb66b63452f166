#include "common/edge/connect_handler.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/edge/connect_error.h"
#include "common/edge/connect_json.h"

namespace clinicd::edge {
namespace {

void AppendMetadata(Headers& headers, const Headers& metadata, std::string_view prefix) {
  for (const Header& entry : metadata) {
    std::optional<Header> header = ToHeader(entry.name, entry.value);
    if (!header) continue;
    header->name.insert(0, prefix);
    headers.push_back(*std::move(header));
  }
}

}  // namespace

void ConnectHandler::Start(HttpStream& stream) {
  stream_ = &stream;
  if (const absl::Status status = Check(); !status.ok()) Fail(ToWire(status), {});
}

absl::Status ConnectHandler::Check() {
  const std::string_view encoding = request_.head.Find("content-encoding");
  if (!encoding.empty() && encoding != "identity") return EncodingUnknown();
  const std::string_view version = request_.head.Find("connect-protocol-version");
  if (!version.empty() && version != "1") {
    return MessageMalformed("The version of the Connect protocol is not 1.");
  }
  std::optional<absl::Duration> timeout;
  if (request_.head.Has("connect-timeout-ms")) {
    timeout = ParseConnectTimeout(request_.head.Find("connect-timeout-ms"));
    if (!timeout) return MessageMalformed("The connect-timeout-ms is not a time-out.");
  }
  std::uint64_t length = 0;
  if (absl::SimpleAtoi(ToAbsl(request_.head.Find("content-length")), &length) &&
      length > parts_.request_bytes_max) {
    return MessageTooLarge(parts_.request_bytes_max);
  }
  CLINICD_ASSIGN_OR_RETURN(start_, StartOf(request_, timeout, stream_->peer(), parts_));
  return absl::OkStatus();
}

void ConnectHandler::OnBody(std::string_view bytes) {
  if (over()) return;
  if (bytes.size() > parts_.request_bytes_max - body_.size()) {
    return Fail(ToWire(MessageTooLarge(parts_.request_bytes_max)), {});
  }
  body_.append(bytes);
  stream_->ConsumeBody(bytes.size());
  if (stream_->KeepBody(body_.size())) return;
  // What is left is not the request.
  body_ended_ = true;
  body_ = std::string();
}

void ConnectHandler::OnBodyEnd() {
  if (over() || std::exchange(body_ended_, true)) return;
  if (protocol_ == Protocol::kConnectJson) {
    absl::StatusOr<std::string> bytes =
        BytesOfJson(*request_.method->descriptor->input_type(), body_);
    if (!bytes.ok()) return Fail(ToWire(bytes.status()), {});
    body_ = *std::move(bytes);
  }
  const absl::StatusOr<std::size_t> parsed = MemoryOf(request_, body_, parts_);
  if (!parsed.ok()) return Fail(ToWire(parsed.status()), {});
  message_ = ToByteBuffer(body_);
  body_ = std::string();
  if (!stream_->KeepBody(message_.Length() + *parsed)) return;
  call_ = parts_.bridge.StartUnary(std::move(start_), message_, shared_from_this(),
                                   stream_->PostToConnection());
}

void ConnectHandler::OnFinished(const CallResult& result) {
  if (over()) return;
  if (!result.status.ok()) {
    return Fail(Named(result.status, *request_.method->descriptor, &message_), result);
  }
  std::string body;
  AppendTo(body, result.response);
  if (protocol_ == Protocol::kConnectJson) {
    std::optional<std::string> json =
        JsonOfBytes(*request_.method->descriptor->output_type(), body);
    if (!json) return Fail(grpc::Status(grpc::INTERNAL, ""), result);
    body = *std::move(json);
  }
  Answer(200, protocol_, result, std::move(body));
}

void ConnectHandler::OnClosed(CloseReason) {
  stream_ = nullptr;
  if (call_) call_->Cancel();
}

void ConnectHandler::Fail(const grpc::Status& status, const CallResult& result) {
  // A method that is not there is not found, as far as HTTP goes.
  const int http_status = request_.method == nullptr ? 404 : ConnectHttpStatus(status.error_code());
  Answer(http_status, Protocol::kConnectJson, result, ConnectErrorJson(status));
}

void ConnectHandler::Answer(int http_status, Protocol type, const CallResult& result,
                            std::string body) {
  answered_ = true;
  Headers headers = {{"content-type", std::string(ContentTypeOf(type))},
                     {"accept-encoding", "identity"},
                     {"content-length", absl::StrCat(body.size())}};
  AppendMetadata(headers, result.initial_metadata, "");
  AppendMetadata(headers, result.trailing_metadata, "trailer-");
  std::ranges::copy(request_.answer_headers, std::back_inserter(headers));
  stream_->SendHead(http_status, std::move(headers));
  if (!body.empty()) stream_->SendData(std::move(body));
  stream_->End();
}

}  // namespace clinicd::edge
