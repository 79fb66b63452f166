// Entity tags: whether a client has what it asks for already.
#pragma once

#include <string_view>

namespace clinicd::edge {

// Whether the value of an If-None-Match header (RFC 9110, 13.1.2) names `tag`, quotes included.
bool HasTag(std::string_view if_none_match, std::string_view tag);

}  // namespace clinicd::edge
