#include "common/edge/error_answer.h"

#include <boost/beast/http/status.hpp>
#include <string>
#include <utility>

namespace clinicd::edge {
namespace {

class ErrorAnswer final : public RequestHandler {
 public:
  ErrorAnswer(int status, Headers headers) : status_(status), headers_(std::move(headers)) {}

  void Start(HttpStream& stream) override {
    stream_ = &stream;
    headers_.push_back({"content-type", "text/plain; charset=utf-8"});
    stream.SendHead(status_, std::move(headers_));
    stream.SendData(std::string(ReasonPhrase(status_)) + "\n");
    stream.End();
  }
  void OnBody(std::string_view bytes) override {
    if (stream_ != nullptr) stream_->ConsumeBody(bytes.size());
  }
  void OnBodyEnd() override {}
  void OnWritable() override {}
  void OnClosed(CloseReason /*reason*/) override { stream_ = nullptr; }

 private:
  const int status_;
  Headers headers_;
  HttpStream* stream_ = nullptr;
};

}  // namespace

std::string_view ReasonPhrase(int status) {
  const auto phrase = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(status)));
  return {phrase.data(), phrase.size()};
}

std::shared_ptr<RequestHandler> AnswerWithError(int status, Headers headers) {
  return std::make_shared<ErrorAnswer>(status, std::move(headers));
}

}  // namespace clinicd::edge
