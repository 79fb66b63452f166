#include "services/appointments/link_code.h"

#include <cstdint>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/crypto/base64url.h"
#include "common/status/error.h"

namespace clinicd::appointments {
namespace {

// The keys are those of page tokens, whose bindings begin otherwise.
constexpr std::string_view kPurpose = "diary link";

}  // namespace

absl::StatusOr<std::string> LinkCodes::Make(const Uuid& person, absl::Time now) const {
  const std::string text =
      absl::StrCat(person.ToString(), " ", absl::ToUnixSeconds(now + kLinkCodeLife));
  const absl::StatusOr<std::string> sealed = keys_.Seal(text, kPurpose, random_);
  if (!sealed.ok()) return status::Defect("a link code could not be sealed");
  return crypto::Base64UrlEncode(*sealed);
}

std::optional<Uuid> LinkCodes::Read(std::string_view code, absl::Time now) const {
  const std::optional<std::string> sealed = crypto::Base64UrlDecode(code);
  if (!sealed) return std::nullopt;
  const absl::StatusOr<std::string> text = keys_.Open(*sealed, kPurpose);
  if (!text.ok()) return std::nullopt;
  const std::pair<std::string, std::string> parts = absl::StrSplit(*text, ' ');
  std::int64_t expires_at = 0;
  if (!absl::SimpleAtoi(parts.second, &expires_at)) return std::nullopt;
  if (now >= absl::FromUnixSeconds(expires_at)) return std::nullopt;
  return Uuid::Parse(parts.first);
}

}  // namespace clinicd::appointments
