// Names of the time zone database.
#pragma once

#include <string_view>

namespace clinicd::validate {

// Whether `name` is an IANA time zone that this machine knows.
bool IsTimeZone(std::string_view name);

}  // namespace clinicd::validate
