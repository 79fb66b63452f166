#include "common/edge/route_table.h"

#include <utility>

#include "absl/strings/str_join.h"

namespace clinicd::edge {

void RouteTable::Add(std::string_view method, std::string_view path, Answerer answerer) {
  paths_[std::string(path)][std::string(method)] = std::move(answerer);
}

bool RouteTable::HasPath(std::string_view path) const { return paths_.contains(path); }

const RouteTable::Answerer* RouteTable::Find(std::string_view method, std::string_view path) const {
  const auto methods = paths_.find(path);
  if (methods == paths_.end()) return nullptr;
  const auto answerer = methods->second.find(method);
  return answerer == methods->second.end() ? nullptr : &answerer->second;
}

std::string RouteTable::MethodsOf(std::string_view path) const {
  const auto methods = paths_.find(path);
  if (methods == paths_.end()) return "";
  return absl::StrJoin(methods->second, ", ",
                       [](std::string* text, const auto& entry) { text->append(entry.first); });
}

}  // namespace clinicd::edge
