#include "common/edge/http.h"

#include <algorithm>

namespace clinicd::edge {

std::string_view RequestHead::Find(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &Header::name);
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

bool RequestHead::Has(std::string_view name) const {
  return std::ranges::find(headers, name, &Header::name) != headers.end();
}

}  // namespace clinicd::edge
