#include "common/validate/time_zone.h"

#include <re2/re2.h>

#include "absl/time/time.h"
#include "common/base/text.h"

namespace clinicd::validate {
namespace {

constexpr std::size_t kLengthMax = 64;

}  // namespace

bool IsTimeZone(std::string_view name) {
  // The shape first, because what loads time zones also takes paths, offsets and "localtime".
  if (name.size() > kLengthMax ||
      !RE2::FullMatch(re2::StringPiece(name.data(), name.size()),
                      "UTC|[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2}") ||
      name.substr(0, 6) == "Fixed/") {
    return false;
  }
  absl::TimeZone zone;
  return absl::LoadTimeZone(ToAbsl(name), &zone);
}

}  // namespace clinicd::validate
