// Base64 (RFC 4648 section 4) as gRPC uses it: in "-bin" metadata with or without padding, and as
// the body of gRPC-Web's text mode, where padding may stand in the middle.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace clinicd::edge {

enum class Padding { kNone, kFull };

std::string Base64Encode(std::string_view bytes, Padding padding);

// Takes padding or its absence; nullopt for anything else that is no base64, such as unused bits
// that are not zero.
std::optional<std::string> Base64Decode(std::string_view text);

// Decodes a stream of base64 that may have been padded wherever its sender flushed. Keeps at most
// three characters between calls.
class Base64StreamDecoder final {
 public:
  // The bytes that `text` completes; nullopt once the stream is no base64, and ever after.
  std::optional<std::string> Feed(std::string_view text);
  // False in the middle of a group of four.
  bool at_end() const { return !broken_ && group_.empty(); }

 private:
  std::string group_;
  bool broken_ = false;
};

}  // namespace clinicd::edge
