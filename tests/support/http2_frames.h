// HTTP/2 by hand, for clients that do what no library does.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"

namespace clinicd::testing::http2 {

inline constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

inline constexpr char kData = 0;
inline constexpr char kHeaders = 1;
inline constexpr char kSettings = 4;
inline constexpr char kWindowUpdate = 8;

inline constexpr char kAck = 1;
inline constexpr char kEndStream = 1;
inline constexpr char kEndHeaders = 4;

// Four bytes, the most significant first.
inline std::string Number(std::size_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

inline std::string Frame(char kind, char flags, std::size_t stream, const std::string& payload) {
  return absl::StrCat(Number(payload.size()).substr(1), std::string(1, kind), std::string(1, flags),
                      Number(stream), payload);
}

// RFC 7541: a literal header that is not added to the table.
inline std::string Literal(const std::string& name, const std::string& value) {
  const auto text = [](const std::string& of) {
    if (of.size() < 127) return static_cast<char>(of.size()) + of;
    std::string size = "\x7f";
    std::size_t rest = of.size() - 127;
    for (; rest >= 128; rest /= 128) size += static_cast<char>(rest % 128 + 128);
    return size + static_cast<char>(rest) + of;
  };
  return absl::StrCat(std::string(1, '\0'), text(name), text(value));
}

// The head of a call in native gRPC.
inline std::string CallHead(const std::string& path) {
  return absl::StrCat(Literal(":method", "POST"), Literal(":scheme", "http"),
                      Literal(":path", path), Literal(":authority", "localhost"),
                      Literal("te", "trailers"), Literal("content-type", "application/grpc"));
}

// A message in gRPC's frame.
inline std::string Message(const std::string& bytes) {
  return absl::StrCat(std::string(1, '\0'), Number(bytes.size()), bytes);
}

}  // namespace clinicd::testing::http2
