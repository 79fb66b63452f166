// The frames of gRPC and gRPC-Web: a flag byte, a length of four bytes, and that many bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "common/edge/http.h"

namespace clinicd::edge {

inline constexpr std::size_t kFrameHeadBytes = 5;

enum class FrameFault {
  kCompressed,  // Bit 0 is set, and no compression was announced.
  kFlags,       // Another bit is set.
  kTooLarge,    // The length is over the limit; nothing of the message was kept.
};

// Cuts a stream into messages. Looks at the length before it keeps a byte, and keeps no more than
// it was given.
class FrameDecoder final {
 public:
  explicit FrameDecoder(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  // Takes `bytes`; the fault is final.
  std::optional<FrameFault> Feed(std::string_view bytes);

  // The oldest message not yet taken, without its head.
  std::optional<std::string> Next();
  std::size_t waiting() const { return messages_.size(); }
  // The memory that messages take, whole or not.
  std::size_t held_bytes() const {
    return message_.size() + waiting_bytes_ + messages_.size() * sizeof(std::string);
  }
  // True at the start and after each whole frame.
  bool at_boundary() const { return head_.empty(); }

 private:
  std::optional<FrameFault> ReadHead();

  const std::size_t message_bytes_max_;
  std::optional<FrameFault> fault_;
  std::string head_;
  std::size_t missing_ = 0;
  std::string message_;
  std::deque<std::string> messages_;
  std::size_t waiting_bytes_ = 0;
};

// The head of a message frame of `length` bytes.
std::string FrameHead(std::size_t length);

// A frame that holds `message`.
std::string MessageFrame(std::string_view message);

// gRPC-Web's last frame: the trailers as a block of header lines.
std::string TrailersFrame(const Headers& trailers);

}  // namespace clinicd::edge
