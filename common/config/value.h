// Values of keys: as they are given, and as they are meant.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/config/key.h"

namespace clinicd::config {

// Text of a flag or an environment variable, whose type only the key knows.
struct Untyped {
  std::string text;
};

// A kind of value that no key has, such as a date.
struct Unsupported {
  std::string kind;
};

// A value as a source gives it; all but Untyped come from the file, where values have types.
using Given =
    std::variant<Untyped, std::string, std::int64_t, bool, std::vector<std::string>, Unsupported>;

// A value of a key's type. Strings, paths and addresses are std::string.
using Value =
    std::variant<std::string, std::int64_t, bool, absl::Duration, std::vector<std::string>>;

// The value of a key. INVALID_ARGUMENT when it has another type or form, OUT_OF_RANGE when it is
// beyond the bounds, FAILED_PRECONDITION when it breaks the key's choices or rule. Messages say
// what was given, and quote it only where it cannot hold a secret.
absl::StatusOr<Value> ParseValue(const Key& key, const Given& given);

// The value as text for people: "25s", "a, b".
std::string ToText(const Value& value);

}  // namespace clinicd::config
