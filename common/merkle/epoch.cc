#include "common/merkle/epoch.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace clinicd::merkle {

std::string OriginOf(std::string_view log, std::uint32_t epoch) {
  return epoch == 0 ? std::string(log) : absl::StrCat(ToAbsl(log), "#", epoch);
}

std::optional<std::uint32_t> EpochOf(std::string_view log, std::string_view origin) {
  if (origin == log) return 0;
  if (!origin.starts_with(log) || origin.size() <= log.size() + 1) return std::nullopt;
  std::uint32_t epoch = 0;
  const bool read = absl::SimpleAtoi(ToAbsl(origin.substr(log.size() + 1)), &epoch);
  if (!read || epoch == 0 || epoch > kEpochMax || OriginOf(log, epoch) != origin) {
    return std::nullopt;
  }
  return epoch;
}

}  // namespace clinicd::merkle
