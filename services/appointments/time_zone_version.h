// By which rules of time zones this program reckons.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace clinicd::appointments {

// The version in the first line of a tzdata.zi, as IANA names it: "2026f"; nullopt where there is
// none.
std::optional<std::string> ParseTimeZoneVersion(std::string_view text);

// Where time zones are read from, given the value of the environment variable TZDIR, or null.
std::filesystem::path TimeZoneDirectory(const char* tzdir);

// The version of the database in `directory`. Errors: FAILED_PRECONDITION that names the package
// to install.
absl::StatusOr<std::string> ReadTimeZoneVersion(const std::filesystem::path& directory);

// Whether a version came before another one. Both are as ParseTimeZoneVersion() gives them.
bool IsOlderVersion(std::string_view version, std::string_view other);

}  // namespace clinicd::appointments
