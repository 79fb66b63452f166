#include "services/appointments/time_zone_version.h"

#include <algorithm>
#include <fstream>
#include <tuple>

#include "absl/strings/str_cat.h"

namespace clinicd::appointments {
namespace {

constexpr std::string_view kVersionLine = "# version ";
constexpr std::size_t kYearDigits = 4;
// A year has had up to ten; after z comes za.
constexpr std::size_t kLettersMax = 2;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }

}  // namespace

std::optional<std::string> ParseTimeZoneVersion(std::string_view text) {
  if (!text.starts_with(kVersionLine)) return std::nullopt;
  text.remove_prefix(kVersionLine.size());
  const std::string_view version = text.substr(0, text.find_first_of("\r\n"));
  const std::string_view year = version.substr(0, kYearDigits);
  const std::string_view letters = version.substr(year.size());
  const bool formed = year.size() == kYearDigits && std::ranges::all_of(year, IsDigit) &&
                      !letters.empty() && letters.size() <= kLettersMax &&
                      std::ranges::all_of(letters, IsLetter);
  return formed ? std::optional(std::string(version)) : std::nullopt;
}

std::filesystem::path TimeZoneDirectory(const char* tzdir) {
  return tzdir != nullptr && *tzdir != '\0' ? tzdir : "/usr/share/zoneinfo";
}

absl::StatusOr<std::string> ReadTimeZoneVersion(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "tzdata.zi";
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  const std::optional<std::string> version = ParseTimeZoneVersion(line);
  if (version) return *version;
  return absl::FailedPreconditionError(
      absl::StrCat("Cannot tell the version of the time zone database: ", path.string(),
                   " does not begin with it. Install package tzdata."));
}

bool IsOlderVersion(std::string_view version, std::string_view other) {
  const auto order = [](std::string_view text) {
    return std::tuple(text.substr(0, kYearDigits), text.size(), text);
  };
  return order(version) < order(other);
}

}  // namespace clinicd::appointments
