#include "common/edge/answer_headers.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "absl/time/time.h"

namespace clinicd::edge {
namespace {

struct Fixed {
  std::string_view name;
  std::string_view value;
};

constexpr std::array kFixed = {
    Fixed{"x-content-type-options", "nosniff"},
    Fixed{"x-frame-options", "DENY"},
    Fixed{"content-security-policy",
          "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    Fixed{"referrer-policy", "no-referrer"},
    Fixed{"permissions-policy",
          "camera=(self), accelerometer=(), autoplay=(), display-capture=(), encrypted-media=(), "
          "fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), "
          "payment=(), picture-in-picture=(), publickey-credentials-get=(), "
          "screen-wake-lock=(), usb=(), xr-spatial-tracking=()"},
    Fixed{"cross-origin-opener-policy", "same-origin"},
    Fixed{"cross-origin-resource-policy", "same-origin"},
    Fixed{"cache-control", "no-store"},
};

// Said over TLS only: RFC 6797 forbids it elsewhere.
constexpr Fixed kTransportSecurity = {"strict-transport-security",
                                      "max-age=63072000; includeSubDomains; preload"};

// Decided by the connection, never by a handler. "server" would tell what runs here.
constexpr std::array<std::string_view, 7> kOfTheConnection = {
    "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te", "server"};

bool IsNameCharacter(char c) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         kMarks.find(c) != std::string_view::npos;
}

// A control character in a value would begin a header, or an answer, of somebody else's making.
bool IsValueCharacter(char c) {
  return static_cast<unsigned char>(c) >= 0x20 ? c != 0x7f : c == '\t';
}

bool MayBeSent(const Header& header) {
  return !header.name.empty() && std::ranges::all_of(header.name, IsNameCharacter) &&
         std::ranges::all_of(header.value, IsValueCharacter) &&
         std::ranges::find(kOfTheConnection, header.name) == kOfTheConnection.end();
}

}  // namespace

void AnswerHeaders::Complete(Headers& headers, bool tls) {
  std::erase_if(headers, [](const Header& header) { return !MayBeSent(header); });
  const std::size_t given = headers.size();
  const auto add = [&headers, given](std::string_view name, std::string_view value) {
    for (std::size_t i = 0; i < given; ++i) {
      if (headers[i].name == name) return;
    }
    headers.push_back({std::string(name), std::string(value)});
  };
  headers.reserve(given + kFixed.size() + 2);
  add("date", Date());
  if (tls) add(kTransportSecurity.name, kTransportSecurity.value);
  for (const Fixed& fixed : kFixed) add(fixed.name, fixed.value);
}

const std::string& AnswerHeaders::Date() {
  const absl::Time now = clock_.Now();
  if (now < date_of_ || now >= date_of_ + absl::Seconds(1)) {
    date_of_ = absl::FromUnixSeconds(absl::ToUnixSeconds(now));
    date_ = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", date_of_, absl::UTCTimeZone());
  }
  return date_;
}

}  // namespace clinicd::edge
