#include "common/edge/plain_handler.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace clinicd::edge {
namespace {

constexpr std::size_t kPieceBytes = 16 * 1024;

// These have no body, and say no length.
bool IsBodiless(int status) { return status == 204 || status == 304; }

}  // namespace

PlainHandler::PlainHandler(PlainAnswer answer, bool with_body) : answer_(std::move(answer)) {
  const std::string_view body = answer_.file.empty() ? answer_.body : answer_.file;
  if (!IsBodiless(answer_.status)) {
    answer_.headers.push_back({"content-length", absl::StrCat(body.size())});
    if (with_body) rest_ = body;
  }
}

void PlainHandler::Start(HttpStream& stream) {
  stream_ = &stream;
  stream_->SendHead(answer_.status, std::move(answer_.headers));
  SendMore();
}

void PlainHandler::SendMore() {
  while (stream_ != nullptr && !rest_.empty() && stream_->HasRoom()) {
    const std::string_view piece = rest_.substr(0, kPieceBytes);
    rest_.remove_prefix(piece.size());
    stream_->SendData(std::string(piece));
  }
  if (stream_ == nullptr || !rest_.empty()) return;
  std::exchange(stream_, nullptr)->End();
}

}  // namespace clinicd::edge
