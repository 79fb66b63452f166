#include "common/edge/route_table.h"

#include <utility>

#include "absl/strings/str_join.h"

namespace clinicd::edge {

void RouteTable::Add(std::string_view method, std::string_view path, Answerer answerer) {
  paths_[std::string(path)][std::string(method)] = std::move(answerer);
}

void RouteTable::AddBelow(std::string_view method, std::string_view prefix, Answerer answerer) {
  prefixes_[std::string(prefix)][std::string(method)] = std::move(answerer);
}

const RouteTable::Methods* RouteTable::MethodsFor(std::string_view path) const {
  const auto exact = paths_.find(path);
  if (exact != paths_.end()) return &exact->second;
  const Methods* longest = nullptr;
  // Of the prefixes of one path the longer ones come later.
  for (const auto& [prefix, methods] : prefixes_) {
    if (path.size() > prefix.size() && path.starts_with(prefix)) longest = &methods;
  }
  return longest;
}

bool RouteTable::HasPath(std::string_view path) const { return MethodsFor(path) != nullptr; }

const RouteTable::Answerer* RouteTable::Find(std::string_view method, std::string_view path) const {
  const Methods* const methods = MethodsFor(path);
  if (methods == nullptr) return nullptr;
  const auto answerer = methods->find(method);
  return answerer == methods->end() ? nullptr : &answerer->second;
}

std::string RouteTable::MethodsOf(std::string_view path) const {
  const Methods* const methods = MethodsFor(path);
  if (methods == nullptr) return "";
  return absl::StrJoin(*methods, ", ",
                       [](std::string* text, const auto& entry) { text->append(entry.first); });
}

}  // namespace clinicd::edge
