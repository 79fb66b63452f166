#include "common/edge/header_filter.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "common/base/text.h"
#include "common/edge/base64.h"
#include "common/rpc/metadata.h"

namespace clinicd::edge {
namespace {

constexpr std::size_t kNameBytesMax = 64;

constexpr std::string_view kAlwaysAllowed[] = {
    "authorization", "x-request-id", "traceparent",     "tracestate",
    "x-grpc-web",    "x-user-agent", "accept-language", rpc::kWantReceiptKey,
};

// Of the connection or of the protocol, in either direction.
constexpr std::string_view kTransportNames[] = {
    "connection",     "keep-alive",   "te",     "trailer",         "transfer-encoding", "upgrade",
    "host",           "content-type", "accept", "accept-encoding", "content-encoding",  "cookie",
    "content-length", "user-agent",   "date",   "set-cookie",      "proxy-connection",  "expect",
};

bool EndsWithBin(std::string_view name) { return name.ends_with("-bin"); }

// The value in the form that metadata has; nullopt if it is not legal.
std::optional<std::string> MetadataValue(std::string_view name, std::string_view value) {
  if (EndsWithBin(name)) return Base64Decode(value);
  std::string trimmed(FromAbsl(absl::StripAsciiWhitespace(ToAbsl(value))));
  if (!rpc::IsLegalMetadata(name, trimmed)) return std::nullopt;
  return trimmed;
}

}  // namespace

bool IsReservedName(std::string_view name) {
  if (name.empty() || name.front() == ':') return true;
  if (name.starts_with("grpc-") || name.starts_with("x-clinicd-")) return true;
  return std::ranges::find(kTransportNames, name) != std::end(kTransportNames);
}

HeaderFilter::HeaderFilter(const std::vector<std::string>& also) {
  for (const std::string_view name : kAlwaysAllowed) allowed_.emplace(name);
  for (const std::string& name : also) {
    const std::string lower = absl::AsciiStrToLower(name);
    const bool legal = lower.size() <= kNameBytesMax && rpc::IsLegalMetadata(lower, "");
    if (legal && !IsReservedName(lower)) allowed_.insert(lower);
  }
}

std::optional<Headers> HeaderFilter::ToMetadata(const Headers& headers) const {
  Headers metadata;
  std::size_t total = 0;
  for (const Header& header : headers) {
    std::string name = absl::AsciiStrToLower(header.name);
    if (!allowed_.contains(name)) continue;
    if (header.value.size() > kMetadataValueBytesMax) return std::nullopt;
    std::optional<std::string> value = MetadataValue(name, header.value);
    if (!value) continue;
    total += name.size() + value->size();
    if (total > kMetadataBytesMax) return std::nullopt;
    metadata.push_back({.name = std::move(name), .value = *std::move(value)});
  }
  return metadata;
}

std::optional<Header> ToHeader(std::string_view name, std::string_view value) {
  if (IsReservedName(name) || !rpc::IsLegalMetadata(name, value)) return std::nullopt;
  return Header{
      .name = std::string(name),
      .value = EndsWithBin(name) ? Base64Encode(value, Padding::kNone) : std::string(value)};
}

std::string PrintableAscii(std::string_view text, std::size_t bytes_max) {
  std::string printable(text.substr(0, bytes_max));
  for (char& c : printable) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return printable;
}

}  // namespace clinicd::edge
