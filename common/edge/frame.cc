#include "common/edge/frame.h"

#include <algorithm>
#include <utility>

namespace clinicd::edge {
namespace {

constexpr unsigned char kCompressedFlag = 0x01;
constexpr char kTrailersFlag = static_cast<char>(0x80);

std::string Frame(char flag, std::string_view payload) {
  std::string frame = FrameHead(payload.size());
  frame[0] = flag;
  frame.append(payload);
  return frame;
}

}  // namespace

std::optional<FrameFault> FrameDecoder::Feed(std::string_view bytes) {
  while (!fault_) {
    if (head_.size() < kFrameHeadBytes) {
      const std::size_t count = std::min(kFrameHeadBytes - head_.size(), bytes.size());
      head_.append(bytes.substr(0, count));
      bytes.remove_prefix(count);
      if (head_.size() < kFrameHeadBytes) break;
      fault_ = ReadHead();
      continue;
    }
    const std::size_t count = std::min(missing_, bytes.size());
    message_.append(bytes.substr(0, count));
    bytes.remove_prefix(count);
    missing_ -= count;
    if (missing_ > 0) break;
    waiting_bytes_ += message_.size();
    messages_.push_back(std::exchange(message_, {}));
    head_.clear();
  }
  return fault_;
}

std::optional<FrameFault> FrameDecoder::ReadHead() {
  const auto flags = static_cast<unsigned char>(head_[0]);
  if (flags == kCompressedFlag) return FrameFault::kCompressed;
  if (flags != 0) return FrameFault::kFlags;
  missing_ = 0;
  for (std::size_t i = 1; i < kFrameHeadBytes; ++i) {
    missing_ = (missing_ << 8) | static_cast<unsigned char>(head_[i]);
  }
  if (missing_ > message_bytes_max_) return FrameFault::kTooLarge;
  return std::nullopt;
}

std::optional<std::string> FrameDecoder::Next() {
  if (messages_.empty()) return std::nullopt;
  std::string message = std::move(messages_.front());
  messages_.pop_front();
  waiting_bytes_ -= message.size();
  return message;
}

std::string FrameHead(std::size_t length) {
  std::string head(kFrameHeadBytes, '\0');
  for (std::size_t i = 1; i < kFrameHeadBytes; ++i) {
    head[i] = static_cast<char>(length >> (8 * (kFrameHeadBytes - 1 - i)));
  }
  return head;
}

std::string MessageFrame(std::string_view message) { return Frame('\0', message); }

std::string TrailersFrame(const Headers& trailers) {
  std::string block;
  for (const Header& trailer : trailers) {
    block.append(trailer.name).append(": ").append(trailer.value).append("\r\n");
  }
  return Frame(kTrailersFlag, block);
}

}  // namespace clinicd::edge
