// What can be configured. Every key is declared once, in key.cc; the readers of flags,
// environment and file, the reports and the documentation all work from that table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace clinicd::config {

// What a key's values are.
enum class Type {
  kString,    // text without control characters
  kInteger,   // a whole number
  kBoolean,   // true or false
  kDuration,  // a whole number of the key's unit, or a text such as "90s" or "1h30m"
  kPath,      // a path; a relative one is taken from the working directory
  kAddress,   // "host:port", "[::1]:port" or "off"
  kList,      // an array of texts; separated by commas in flags and environment
};

// What must hold for a value beyond its type.
enum class Rule {
  kNone,
  kLoopback,    // an address that only this machine can reach
  kSecretFile,  // a file that only its owner can read; see secret_file.h
  kNoPassword,  // a libpq connection string that contains no password
};

// A key of the configuration.
struct Key {
  std::string_view name;  // "section.key", snake_case
  Type type = Type::kString;
  std::string_view default_text = {};  // as one would write it in the environment
  std::string_view doc = {};           // one line
  // Bounds, both inclusive: of an integer, of a duration in units, of the bytes of a text, of the
  // elements of a list. Not used for booleans and addresses.
  std::int64_t min = 0;
  std::int64_t max = 0;
  absl::Duration unit = absl::ZeroDuration();      // of a duration
  std::span<const std::string_view> choices = {};  // of a string; empty: any
  Rule rule = Rule::kNone;
};

// The keys of clinicd, grouped by section.
std::span<const Key> Keys();

// The key of that name, or null.
const Key* FindKey(std::span<const Key> keys, std::string_view name);

// The name that was probably meant, or nothing when none is near.
std::optional<std::string_view> NearestKey(std::span<const Key> keys, std::string_view name);

// "CLINICD_SECTION__KEY" for "section.key".
std::string EnvironmentName(std::string_view key_name);

// What a value must be, for errors and documentation: "a whole number from 1 to 64".
std::string Requirement(const Key& key);

}  // namespace clinicd::config
