#include "common/edge/redirect.h"

#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/edge/error_answer.h"

namespace clinicd::edge {
namespace {

// "host" of "host", "host:80" and "[::1]:80", with the brackets.
std::string_view HostOf(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    return end == std::string_view::npos ? std::string_view() : authority.substr(0, end + 1);
  }
  return authority.substr(0, authority.find(':'));
}

std::string_view WithoutBrackets(std::string_view host) {
  return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

}  // namespace

std::optional<std::string> RedirectTarget(const RedirectOptions& options, const RequestHead& head) {
  const std::string path = head.target.starts_with('/') ? head.target : "/";
  if (!options.authority.empty()) return absl::StrCat("https://", options.authority, path);
  const std::string_view host = HostOf(head.authority);
  if (host.empty() || !options.covers(WithoutBrackets(host))) return std::nullopt;
  const std::string port =
      options.https_port == 443 ? std::string() : absl::StrCat(":", options.https_port);
  return absl::StrCat("https://", absl::AsciiStrToLower({host.data(), host.size()}), port, path);
}

Router RedirectToHttps(RedirectOptions options) {
  return [options = std::move(options)](const RequestHead& head,
                                        const Peer& /*peer*/) -> std::shared_ptr<RequestHandler> {
    std::optional<std::string> target = RedirectTarget(options, head);
    if (!target) return AnswerWithError(421);
    return AnswerWithError(308, {{"location", *std::move(target)}});
  };
}

}  // namespace clinicd::edge
