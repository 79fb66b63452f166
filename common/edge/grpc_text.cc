#include "common/edge/grpc_text.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "common/base/text.h"

namespace clinicd::edge {
namespace {

constexpr std::size_t kGrpcTimeoutDigitsMax = 8;
constexpr std::size_t kConnectTimeoutDigitsMax = 10;

std::optional<std::int64_t> ParseDigits(std::string_view text, std::size_t digits_max) {
  if (text.empty() || text.size() > digits_max) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<absl::Duration> UnitOf(char letter) {
  switch (letter) {
    case 'H':
      return absl::Hours(1);
    case 'M':
      return absl::Minutes(1);
    case 'S':
      return absl::Seconds(1);
    case 'm':
      return absl::Milliseconds(1);
    case 'u':
      return absl::Microseconds(1);
    case 'n':
      return absl::Nanoseconds(1);
    default:
      return std::nullopt;
  }
}

// "Application/JSON; charset=utf-8" to "application/json".
std::string MediaType(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(ToAbsl(type)));
}

struct NamedProtocol {
  std::string_view media_type;
  Protocol protocol;
};

constexpr NamedProtocol kProtocols[] = {
    {"application/grpc", Protocol::kGrpc},
    {"application/grpc+proto", Protocol::kGrpc},
    {"application/grpc-web", Protocol::kGrpcWeb},
    {"application/grpc-web+proto", Protocol::kGrpcWeb},
    {"application/grpc-web-text", Protocol::kGrpcWebText},
    {"application/grpc-web-text+proto", Protocol::kGrpcWebText},
    {"application/proto", Protocol::kConnectProto},
    {"application/json", Protocol::kConnectJson},
};

}  // namespace

std::optional<absl::Duration> ParseGrpcTimeout(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const std::optional<absl::Duration> unit = UnitOf(text.back());
  const std::optional<std::int64_t> count =
      ParseDigits(text.substr(0, text.size() - 1), kGrpcTimeoutDigitsMax);
  if (!unit || !count) return std::nullopt;
  return *unit * *count;
}

std::optional<absl::Duration> ParseConnectTimeout(std::string_view text) {
  const std::optional<std::int64_t> count = ParseDigits(text, kConnectTimeoutDigitsMax);
  if (!count) return std::nullopt;
  return absl::Milliseconds(*count);
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool at_an_end = i == 0 || i + 1 == text.size();
    if (c >= 0x20 && c <= 0x7e && c != '%' && !(c == ' ' && at_an_end)) {
      encoded.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded.push_back('%');
    encoded.push_back(kHex[byte >> 4]);
    encoded.push_back(kHex[byte & 0x0f]);
  }
  return encoded;
}

std::optional<Protocol> ProtocolOf(std::string_view content_type) {
  const std::string type = MediaType(content_type);
  const auto* const found = std::ranges::find(kProtocols, type, &NamedProtocol::media_type);
  if (found == std::end(kProtocols)) return std::nullopt;
  return found->protocol;
}

Protocol AnswerProtocol(Protocol request, std::string_view accept) {
  for (const absl::string_view item : absl::StrSplit(ToAbsl(accept), ',')) {
    const std::optional<Protocol> asked = ProtocolOf(FromAbsl(item));
    if (asked == Protocol::kGrpcWeb || asked == Protocol::kGrpcWebText) return *asked;
  }
  return request;
}

std::string_view ContentTypeOf(Protocol protocol) {
  switch (protocol) {
    case Protocol::kGrpc:
      return "application/grpc+proto";
    case Protocol::kGrpcWeb:
      return "application/grpc-web+proto";
    case Protocol::kGrpcWebText:
      return "application/grpc-web-text+proto";
    case Protocol::kConnectProto:
      return "application/proto";
    case Protocol::kConnectJson:
      return "application/json";
  }
  return "";
}

}  // namespace clinicd::edge
