#include "services/witness/witness_handler.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/crypto/base64url.h"
#include "common/edge/plain_handler.h"

namespace clinicd::witness {
namespace {

using edge::HttpStream;

constexpr std::string_view kAddPath = "/add-checkpoint";
constexpr std::string_view kNewestPath = "/newest-checkpoint/";
constexpr int kOk = 200;
constexpr int kNotFound = 404;
constexpr int kMethodNotAllowed = 405;
constexpr int kTooLarge = 413;

edge::PlainAnswer ToPlain(Answer answer) {
  return {.status = answer.status,
          .headers = {{"content-type", answer.content_type}, {"cache-control", "no-store"}},
          .body = std::move(answer.body)};
}

// Answers once the body is complete, or is too large.
class AddHandler final : public edge::RequestHandler {
 public:
  AddHandler(Witness& witness, log::Logger& logger) : witness_(witness), logger_(logger) {}

  void Start(HttpStream& stream) override { stream_ = &stream; }

  void OnBody(std::string_view bytes) override {
    if (stream_ == nullptr) return;
    if (sender_ || body_.size() + bytes.size() > kRequestBytesMax) {
      Send({.status = kTooLarge, .body = "too large\n"});
      if (stream_ != nullptr) stream_->ConsumeBody(bytes.size());
      return;
    }
    body_.append(bytes);
    // Given up if there is too little memory: then this is closed.
    if (stream_->KeepBody(body_.size())) stream_->ConsumeBody(bytes.size());
  }

  void OnBodyEnd() override {
    if (stream_ == nullptr || sender_) return;
    Answer answer = witness_.AddCheckpoint(body_);
    if (answer.status == kOk) {
      logger_.Debug("checkpoint_cosigned", {});
    } else {
      const std::string_view why = answer.body;
      logger_.Warning("checkpoint_refused", {{log::kNote, why.substr(0, why.find('\n'))}});
    }
    Send(std::move(answer));
  }

  void OnWritable() override {
    if (sender_) sender_->OnWritable();
  }
  void OnClosed(edge::CloseReason reason) override {
    stream_ = nullptr;
    if (sender_) sender_->OnClosed(reason);
  }

 private:
  void Send(Answer answer) {
    if (sender_) return;
    sender_.emplace(ToPlain(std::move(answer)), /*with_body=*/true);
    sender_->Start(*stream_);
  }

  Witness& witness_;
  log::Logger& logger_;
  HttpStream* stream_ = nullptr;
  std::string body_;
  std::optional<edge::PlainHandler> sender_;
};

Answer AnswerToGet(Witness& witness, std::string_view path) {
  if (path.starts_with(kNewestPath)) {
    const auto log = crypto::Base64UrlDecode(path.substr(kNewestPath.size()));
    if (log) return witness.NewestCheckpoint(*log);
  }
  return {.status = kNotFound, .body = "there is /add-checkpoint and /newest-checkpoint/\n"};
}

}  // namespace

edge::Router MakeRouter(Witness& witness, log::Logger& logger) {
  return [&witness, &logger](const edge::RequestHead& head,
                             const edge::Peer&) -> std::shared_ptr<edge::RequestHandler> {
    if (head.method == "POST" && head.target == kAddPath) {
      return std::make_shared<AddHandler>(witness, logger);
    }
    const bool reading = head.method == "GET" || head.method == "HEAD";
    Answer answer = reading ? AnswerToGet(witness, head.target)
                            : Answer{.status = kMethodNotAllowed, .body = "method not allowed\n"};
    return std::make_shared<edge::PlainHandler>(ToPlain(std::move(answer)), head.method != "HEAD");
  };
}

}  // namespace clinicd::witness
