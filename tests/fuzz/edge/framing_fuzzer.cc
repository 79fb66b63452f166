// gRPC and gRPC-Web framing: however a stream is cut, it means the same.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "common/edge/base64.h"
#include "common/edge/frame.h"
#include "common/edge/grpc_text.h"
#include "tests/fuzz/edge/fuzz_input.h"

namespace clinicd::fuzz {
namespace {

constexpr std::size_t kMessageMax = 64;

struct Meaning {
  bool is_base64 = true;
  std::optional<edge::FrameFault> fault;
  std::vector<std::string> messages;
  bool whole = true;

  friend bool operator==(const Meaning&, const Meaning&) = default;
};

Meaning Read(std::string_view body, bool text, std::size_t piece) {
  Meaning meaning;
  edge::Base64StreamDecoder base64;
  edge::FrameDecoder frames(kMessageMax);
  InPieces(body, piece, [&](std::string_view part) {
    if (!meaning.is_base64 || meaning.fault) return;
    std::optional<std::string> decoded = text ? base64.Feed(part) : std::string(part);
    meaning.is_base64 = decoded.has_value();
    if (decoded) meaning.fault = frames.Feed(*decoded);
  });
  // Where both are broken, it depends on the pieces which of the two is seen first, and how much
  // was read before.
  if (!meaning.is_base64 || (text && meaning.fault)) return {.is_base64 = false};
  while (std::optional<std::string> message = frames.Next()) {
    Require(message->size() <= kMessageMax, "a message is within the limit");
    meaning.messages.push_back(*std::move(message));
  }
  if (!meaning.fault) meaning.whole = frames.at_boundary() && (!text || base64.at_end());
  return meaning;
}

void CheckTexts(std::string_view text) {
  const std::string encoded = edge::PercentEncode(text);
  Require(std::ranges::all_of(encoded, [](char c) { return c >= 0x20 && c <= 0x7e; }),
          "an encoded message is printable");
  edge::ParseGrpcTimeout(text);
  edge::ParseConnectTimeout(text);
  edge::ProtocolOf(text);
  edge::AnswerProtocol(edge::Protocol::kGrpcWeb, text);
  for (const edge::Padding padding : {edge::Padding::kNone, edge::Padding::kFull}) {
    Require(edge::Base64Decode(edge::Base64Encode(text, padding)) == text, "base64 comes back");
  }
  if (const std::optional<std::string> bytes = edge::Base64Decode(text)) {
    const bool same = edge::Base64Encode(*bytes, edge::Padding::kNone) == text ||
                      edge::Base64Encode(*bytes, edge::Padding::kFull) == text;
    Require(same, "bytes have one base64, with and without padding");
  }
}

}  // namespace
}  // namespace clinicd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  clinicd::fuzz::Input input(data, size);
  const bool text = (input.Byte() & 1) != 0;
  const std::size_t piece = input.Byte() + 1u;
  const auto whole = clinicd::fuzz::Read(input.rest(), text, std::max<std::size_t>(size, 1));
  const auto cut = clinicd::fuzz::Read(input.rest(), text, piece);
  clinicd::fuzz::Require(whole == cut, "a stream means the same however it is cut");
  clinicd::fuzz::CheckTexts(input.rest());
  return 0;
}
