// What `config show` prints.
#pragma once

#include <string>

#include "common/config/resolve.h"

namespace clinicd::config {

// One line a key: "section.key = value", with where it came from when `sources` is set; problems
// follow. Of secrets only the names of their files are known, and shown.
std::string ToText(const Resolution& resolution, bool sources);

// {"keys": [{"key", "value", "type", "source", "default", "secret", "doc"}], "problems":
// [{"reason", "key", "source", "message"}]}.
std::string ToJson(const Resolution& resolution);

}  // namespace clinicd::config
