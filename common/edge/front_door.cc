#include "common/edge/front_door.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/edge/connect_handler.h"
#include "common/edge/framed_handler.h"

namespace clinicd::edge {
namespace {

constexpr int kOk = 200;
constexpr int kNoContent = 204;
constexpr int kNotFound = 404;
constexpr int kMethodNotAllowed = 405;
constexpr int kUnsupportedMediaType = 415;
constexpr int kVersionNotSupported = 505;

constexpr char kCallMethods[] = "POST, OPTIONS";
constexpr char kCallTypes[] =
    "application/grpc+proto, application/grpc-web+proto, application/grpc-web-text+proto, "
    "application/json, application/proto";
// Readers distrust a file that says it holds for more than a year.
constexpr absl::Duration kSecurityTextLife = absl::Hours(24 * 180);

std::shared_ptr<RequestHandler> Plain(PlainAnswer answer, const RequestHead& head) {
  return std::make_shared<PlainHandler>(std::move(answer), head.method != "HEAD");
}

PlainAnswer Refusal(int status, Headers headers) {
  return {.status = status, .headers = std::move(headers)};
}

Headers With(Headers headers, const char* name, std::string value) {
  headers.push_back({name, std::move(value)});
  return headers;
}

PlainAnswer Text(std::string text) {
  return {.status = kOk,
          .headers = {{"content-type", "text/plain; charset=utf-8"}},
          .body = std::move(text)};
}

std::string_view PathOf(std::string_view target) { return target.substr(0, target.find('?')); }

bool IsConnect(Protocol protocol) {
  return protocol == Protocol::kConnectJson || protocol == Protocol::kConnectProto;
}

}  // namespace

FrontDoor::FrontDoor(Parts parts)
    : parts_(std::move(parts)), cors_(parts_.cors_origins), static_root_(parts_.files) {
  for (const RpcMethod& method : parts_.methods) methods_.emplace(method.path, &method);
  AddPages();
}

void FrontDoor::AddPages() {
  const auto add = [this](std::string_view path, const std::function<PlainAnswer()>& page) {
    for (const char* method : {"GET", "HEAD"}) {
      pages_.Add(method, path,
                 [page](const RequestHead& head, const Peer&) { return Plain(page(), head); });
    }
  };
  add("/healthz", [] { return Text("ok\n"); });
  if (!parts_.security_contact.empty()) {
    add("/.well-known/security.txt", [this] { return SecurityText(); });
  }
  const auto file_answer = [this](const RequestHead& head, const Peer&) {
    return Plain(
        StaticRoot::Answer(*static_root_.Find(PathOf(head.target)), head.Find("if-none-match")),
        head);
  };
  for (const StaticFile& file : parts_.files) {
    for (const char* method : {"GET", "HEAD"}) pages_.Add(method, file.path, file_answer);
  }
  if (static_root_.Find("/") != nullptr) {
    for (const char* method : {"GET", "HEAD"}) pages_.Add(method, "/", file_answer);
  }
}

PlainAnswer FrontDoor::SecurityText() const {
  const absl::Time expires = parts_.rpc.clock.Now() + kSecurityTextLife;
  return Text(absl::StrCat("Contact: ", parts_.security_contact, "\nExpires: ",
                           absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", expires, absl::UTCTimeZone()),
                           "\nPreferred-Languages: en\n"));
}

std::shared_ptr<RequestHandler> FrontDoor::Route(const RequestHead& head, const Peer& peer) const {
  Headers cors = cors_.AnswerHeaders(head);
  if (cors_.IsPreflight(head)) {
    std::ranges::move(Cors::PreflightHeaders(), std::back_inserter(cors));
    return Plain({.status = kNoContent, .headers = std::move(cors)}, head);
  }
  const std::string_view path = PathOf(head.target);
  for (const RouteTable* table : {&parts_.routes, &pages_}) {
    if (!table->HasPath(path)) continue;
    const RouteTable::Answerer* answerer = table->Find(head.method, path);
    if (answerer != nullptr) return (*answerer)(head, peer);
    return Plain(Refusal(kMethodNotAllowed, With(std::move(cors), "allow", table->MethodsOf(path))),
                 head);
  }
  return RouteCall(head, std::move(cors));
}

std::shared_ptr<RequestHandler> FrontDoor::RouteCall(const RequestHead& head, Headers cors) const {
  const auto found = methods_.find(ToAbsl(head.target));
  const RpcMethod* method = found == methods_.end() ? nullptr : found->second;
  const std::optional<Protocol> protocol = ProtocolOf(head.Find("content-type"));
  if (head.method != "POST") {
    if (method == nullptr) return Plain(Refusal(kNotFound, std::move(cors)), head);
    return Plain(Refusal(kMethodNotAllowed, With(std::move(cors), "allow", kCallMethods)), head);
  }
  if (!protocol && method == nullptr) return Plain(Refusal(kNotFound, std::move(cors)), head);
  const bool streams = method != nullptr && !IsUnary(*method->descriptor);
  if (!protocol || (streams && IsConnect(*protocol))) {
    return Plain(Refusal(kUnsupportedMediaType, With(std::move(cors), "accept-post", kCallTypes)),
                 head);
  }
  // Its status is in trailers, which HTTP/1.1 clients lose.
  if (*protocol == Protocol::kGrpc && head.version == HttpVersion::kHttp1) {
    return Plain(Refusal(kVersionNotSupported, std::move(cors)), head);
  }
  return Call(*protocol, head, method, std::move(cors));
}

std::shared_ptr<RequestHandler> FrontDoor::Call(Protocol protocol, const RequestHead& head,
                                                const RpcMethod* method, Headers cors) const {
  RpcRequest request{.head = head, .method = method, .answer_headers = std::move(cors)};
  if (IsConnect(protocol)) {
    return std::make_shared<ConnectHandler>(protocol, std::move(request), parts_.rpc);
  }
  return std::make_shared<FramedHandler>(protocol, std::move(request), parts_.rpc);
}

}  // namespace clinicd::edge
