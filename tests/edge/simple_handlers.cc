#include "tests/edge/simple_handlers.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/edge/error_answer.h"

namespace clinicd::edge {
namespace {

const Headers kPlain = {{"content-type", "text/plain; charset=utf-8"}};

// Does nothing of its own accord.
class Quiet : public RequestHandler {
 public:
  void Start(HttpStream& stream) override { stream_ = &stream; }
  void OnBody(std::string_view /*bytes*/) override {}
  void OnBodyEnd() override {}
  void OnWritable() override {}
  void OnClosed(CloseReason /*reason*/) override { stream_ = nullptr; }

 protected:
  HttpStream* stream_ = nullptr;
};

class Text final : public Quiet {
 public:
  explicit Text(std::string text, Headers trailers = {})
      : text_(std::move(text)), trailers_(std::move(trailers)) {}
  void OnBody(std::string_view bytes) override { stream_->ConsumeBody(bytes.size()); }
  void OnBodyEnd() override {
    stream_->SendHead(200, kPlain);
    stream_->SendData(text_);
    stream_->End(trailers_);
  }

 private:
  const std::string text_;
  const Headers trailers_;
};

class Echo final : public Quiet {
 public:
  void OnBody(std::string_view bytes) override {
    if (!std::exchange(begun_, true)) stream_->SendHead(200, kPlain);
    stream_->SendData(std::string(bytes));
    unconsumed_ += bytes.size();
    if (stream_->HasRoom()) OnWritable();
  }
  void OnBodyEnd() override {
    if (!std::exchange(begun_, true)) stream_->SendHead(200, kPlain);
    stream_->End();
  }
  void OnWritable() override { stream_->ConsumeBody(std::exchange(unconsumed_, 0)); }

 private:
  bool begun_ = false;
  std::size_t unconsumed_ = 0;
};

class Length final : public Quiet {
 public:
  void OnBody(std::string_view bytes) override {
    length_ += bytes.size();
    stream_->ConsumeBody(bytes.size());
  }
  void OnBodyEnd() override {
    stream_->SendHead(200, kPlain);
    stream_->SendData(absl::StrCat(length_));
    stream_->End();
  }

 private:
  std::size_t length_ = 0;
};

// Takes all, keeps all, and never answers.
class Keep final : public Quiet {
 public:
  void OnBody(std::string_view bytes) override {
    kept_ += bytes.size();
    stream_->ConsumeBody(bytes.size());
    stream_->KeepBody(kept_);
  }

 private:
  std::size_t kept_ = 0;
};

class Zeros final : public Quiet {
 public:
  explicit Zeros(std::size_t size) : left_(size) {}
  void OnBodyEnd() override {
    stream_->SendHead(200, {{"content-type", "application/octet-stream"}});
    OnWritable();
  }
  void OnWritable() override {
    constexpr std::size_t kPiece = 16 * 1024;
    while (left_ > 0 && stream_->HasRoom()) {
      const std::size_t piece = std::min(left_, kPiece);
      left_ -= piece;
      stream_->SendData(std::string(piece, '\0'));
    }
    if (left_ == 0 && !std::exchange(ended_, true)) stream_->End();
  }

 private:
  std::size_t left_;
  bool ended_ = false;
};

std::string Describe(const RequestHead& head, const Peer& peer) {
  std::string text = absl::StrCat(head.method, " ", head.target, "\nauthority ", head.authority,
                                  "\npeer ", peer.address, "\ntls ", peer.tls_version, "\n");
  for (const Header& header : head.headers) {
    absl::StrAppend(&text, header.name, ": ", header.value, "\n");
  }
  return text;
}

}  // namespace

Router SimpleRouter() {
  return [](const RequestHead& head, const Peer& peer) -> std::shared_ptr<RequestHandler> {
    constexpr std::string_view kZeros = "/zeros/";
    const std::string_view target = head.target;
    if (target == "/hello") return std::make_shared<Text>("hello");
    if (target == "/head") return std::make_shared<Text>(Describe(head, peer));
    if (target == "/trailers") {
      return std::make_shared<Text>("body", Headers{{"x-end", "reached"}});
    }
    if (target == "/echo") return std::make_shared<Echo>();
    if (target == "/length") return std::make_shared<Length>();
    if (target == "/keep") return std::make_shared<Keep>();
    if (target == "/hold") return std::make_shared<Quiet>();
    std::size_t size = 0;
    if (target.starts_with(kZeros) &&
        absl::SimpleAtoi(ToAbsl(target.substr(kZeros.size())), &size)) {
      return std::make_shared<Zeros>(size);
    }
    return AnswerWithError(404);
  };
}

}  // namespace clinicd::edge
