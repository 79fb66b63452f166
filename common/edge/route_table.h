// Requests that are no calls: exact method and path to whatever answers, such as the webhooks of
// payment providers.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "common/edge/http.h"

namespace clinicd::edge {

// Filled before serving, immutable and thread-safe from then on.
class RouteTable final {
 public:
  // Makes what answers one request; never null.
  using Answerer = std::function<std::shared_ptr<RequestHandler>(const RequestHead&, const Peer&)>;

  // `path` is compared byte by byte with the request's path without its query.
  void Add(std::string_view method, std::string_view path, Answerer answerer);

  bool HasPath(std::string_view path) const;
  // Null when the path has no such method.
  const Answerer* Find(std::string_view method, std::string_view path) const;
  // "GET, HEAD": for the Allow header.
  std::string MethodsOf(std::string_view path) const;

 private:
  using Methods = std::map<std::string, Answerer, std::less<>>;
  std::map<std::string, Methods, std::less<>> paths_;
};

}  // namespace clinicd::edge
