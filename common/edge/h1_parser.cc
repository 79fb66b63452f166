#include "common/edge/h1_parser.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/none.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/base/text.h"

namespace clinicd::edge {
namespace {

constexpr std::string_view kLastChunk = "0\r\n\r\n";

namespace http = boost::beast::http;

constexpr std::string_view kEmptyLine = "\r\n\r\n";
constexpr std::size_t kEntry = 32;
// Digits that always fit into 64 bits.
constexpr std::size_t kLengthDigits = 18;

std::string_view ToStd(boost::beast::string_view text) { return {text.data(), text.size()}; }

// Lines end with CR LF and nothing else does; no line goes on in the next; no NUL. Beast is more
// tolerant than that, and tolerance is what request smuggling lives on.
bool HasStrictLines(std::string_view head) {
  for (std::size_t i = 0; i < head.size(); ++i) {
    const char c = head[i];
    const char next = i + 1 < head.size() ? head[i + 1] : '\0';
    if (c == '\0') return false;
    if (c == '\r' && next != '\n') return false;
    if (c == '\n' && (i == 0 || head[i - 1] != '\r' || next == ' ' || next == '\t')) return false;
  }
  return true;
}

// Exactly "METHOD target HTTP/n.n": one space each, nothing but visible ASCII.
bool HasStrictRequestLine(std::string_view head) {
  const std::string_view line = head.substr(0, head.find('\r'));
  return std::ranges::count(line, ' ') == 2 &&
         std::ranges::all_of(line, [](char c) { return c >= ' ' && c < '\x7f'; });
}

bool IsOfTheConnection(std::string_view name) {
  static constexpr std::array<std::string_view, 9> kNames = {
      "connection", "expect",           "host", "http2-settings",
      "keep-alive", "proxy-connection", "te",   "transfer-encoding",
      "upgrade"};
  return std::ranges::find(kNames, name) != kNames.end();
}

bool IsAuthority(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           std::string_view("-._~:[]%").find(c) != std::string_view::npos;
  });
}

}  // namespace

std::optional<std::size_t> EndOfHead(std::string_view bytes) {
  const std::size_t end = bytes.find(kEmptyLine);
  if (end == std::string_view::npos) return std::nullopt;
  return end + kEmptyLine.size();
}

H1Parser::H1Parser(const EdgeLimits& limits, std::function<void(std::string_view)> on_body)
    : limits_(limits), on_body_(std::move(on_body)) {
  // Whoever answers decides how much body is too much.
  body_limit(boost::none);
  header_limit(static_cast<std::uint32_t>(limits.request_line + limits.header_list +
                                          kEntry * limits.header_count));
  eager(true);
}

int H1Parser::ReadHead(std::string_view head) {
  if (!HasStrictLines(head) || !HasStrictRequestLine(head)) return 400;
  if (head.find('\r') > limits_.request_line) return 414;
  ErrorCode error;
  put(boost::asio::const_buffer(head.data(), head.size()), error);
  if (error == http::error::header_limit) return 431;
  if (error == http::error::bad_version) return 505;
  if (error && error != http::error::need_more) return 400;
  return is_header_done() ? CheckHead() : 400;
}

std::size_t H1Parser::ReadBody(std::string_view bytes, int& refusal) {
  // Beast takes for granted that what follows a last chunk does not come byte by byte, and ends the
  // process if it does. No chunked body ends with less than this.
  if (encodings_ > 0 && bytes.size() < kLastChunk.size()) return 0;
  ErrorCode error;
  const std::size_t read = put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  if (error && error != http::error::need_more) refusal = 400;
  return read;
}

int H1Parser::CheckHead() {
  if (version_ != 10 && version_ != 11) return 505;
  if (field_count_ > limits_.header_count || field_bytes_ > limits_.header_list) return 431;
  // RFC 9112, 3.2: exactly one Host, except from HTTP/1.0.
  if (hosts_ > 1 || (hosts_ == 0 && version_ == 11)) return 400;
  // Two ways to say where the body ends are two ways to disagree.
  if (lengths_ > 1 || encodings_ > 1 || (lengths_ == 1 && encodings_ == 1)) return 400;
  if (!length_is_number_) return 400;
  if (encodings_ == 1 && version_ == 10) return 400;
  if (!chunked_only_) return 501;
  if (head_.method == "CONNECT" || head_.method == "TRACE") return 405;
  if (!NormalizeTarget() || !IsAuthority(head_.authority)) return 400;
  if (expects_other_) return 417;
  head_.version = HttpVersion::kHttp1;
  head_.ends = is_done();
  head_read_ = true;
  return 0;
}

bool H1Parser::NormalizeTarget() {
  std::string& target = head_.target;
  if (target == "*") return head_.method == "OPTIONS";
  if (target.starts_with('/')) return true;
  std::string_view rest = target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!absl::StartsWithIgnoreCase(ToAbsl(rest), ToAbsl(scheme))) continue;
    rest.remove_prefix(scheme.size());
    const std::size_t slash = rest.find('/');
    // What the target says overrides Host; two that differ are somebody's trick.
    if (slash == std::string_view::npos ||
        !absl::EqualsIgnoreCase(ToAbsl(rest.substr(0, slash)), ToAbsl(head_.authority))) {
      return false;
    }
    target = std::string(rest.substr(slash));
    return true;
  }
  return false;
}

void H1Parser::on_request_impl(http::verb /*verb*/, View method, View target, int version,
                               ErrorCode& /*error*/) {
  head_.method = ToStd(method);
  head_.target = ToStd(target);
  version_ = version;
}

void H1Parser::on_response_impl(int /*code*/, View /*reason*/, int /*version*/,
                                ErrorCode& /*error*/) {}

void H1Parser::on_field_impl(http::field /*field*/, View name, View value, ErrorCode& /*error*/) {
  // Trailers say nothing here.
  if (head_read_) return;
  ++field_count_;
  field_bytes_ += name.size() + value.size() + kEntry;
  std::string lower = absl::AsciiStrToLower(absl::string_view(name.data(), name.size()));
  const std::string_view text = ToStd(value);
  if (lower == "host") {
    ++hosts_;
    head_.authority = text;
  } else if (lower == "content-length") {
    ++lengths_;
    length_is_number_ = !text.empty() && text.size() <= kLengthDigits &&
                        std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  } else if (lower == "transfer-encoding") {
    ++encodings_;
    chunked_only_ = absl::EqualsIgnoreCase(ToAbsl(text), "chunked");
  } else if (lower == "expect") {
    expects_continue_ = absl::EqualsIgnoreCase(ToAbsl(text), "100-continue");
    expects_other_ = !expects_continue_;
  }
  if (!IsOfTheConnection(lower)) head_.headers.push_back({std::move(lower), std::string(text)});
}

void H1Parser::on_header_impl(ErrorCode& /*error*/) {}

void H1Parser::on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/,
                                 ErrorCode& /*error*/) {}

std::size_t H1Parser::on_body_impl(View body, ErrorCode& /*error*/) {
  on_body_(ToStd(body));
  return body.size();
}

void H1Parser::on_chunk_header_impl(std::uint64_t /*size*/, View /*extensions*/,
                                    ErrorCode& /*error*/) {}

std::size_t H1Parser::on_chunk_body_impl(std::uint64_t /*remain*/, View body,
                                         ErrorCode& /*error*/) {
  on_body_(ToStd(body));
  return body.size();
}

void H1Parser::on_finish_impl(ErrorCode& /*error*/) {}

}  // namespace clinicd::edge
