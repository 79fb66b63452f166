// Where settings come from, before anybody asks whether they make sense.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/config/value.h"

namespace clinicd::config {

// A value that a source gives to a name, which may be no key at all.
struct Setting {
  std::string name;  // "section.key"
  Given given;
  std::string origin;  // "--set", "CLINICD_DB__QUEUE", "/etc/clinicd/clinicd.toml:12:1"
};

// Reads a TOML file of tables with keys. NOT_FOUND when there is none; INVALID_ARGUMENT with line
// and column when it is not TOML 1.0; other codes when it cannot be read. At most 1 MiB.
absl::StatusOr<std::vector<Setting>> ReadTomlFile(const std::string& path);

// The settings among "NAME=value" entries of an environment: names that begin with CLINICD_ and
// contain two underscores in a row.
std::vector<Setting> FromEnvironment(const std::vector<std::string>& environment);

// The setting of a "section.key=value" argument of --set. INVALID_ARGUMENT without "=".
absl::StatusOr<Setting> FromArgument(std::string_view argument);

// The environment of this process as "NAME=value" entries.
std::vector<std::string> ProcessEnvironment();

}  // namespace clinicd::config
