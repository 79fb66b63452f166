// Requests that are no calls: method and path to whatever answers, such as calendar feeds, or the
// webhooks of payment providers.
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

  // For all that begins with `prefix`, byte by byte, which ends with a slash, and goes on. A path
  // that was added itself goes before; of two prefixes the longer one.
  void AddBelow(std::string_view method, std::string_view prefix, Answerer answerer);

  bool HasPath(std::string_view path) const;
  // Null when the path has no such method.
  const Answerer* Find(std::string_view method, std::string_view path) const;
  // "GET, HEAD": for the Allow header.
  std::string MethodsOf(std::string_view path) const;

 private:
  using Methods = std::map<std::string, Answerer, std::less<>>;
  using Paths = std::map<std::string, Methods, std::less<>>;

  // Null where there are none.
  const Methods* MethodsFor(std::string_view path) const;

  Paths paths_;
  Paths prefixes_;
};

}  // namespace clinicd::edge
