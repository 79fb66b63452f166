#include "services/identity/clinic_rules.h"

#include <re2/re2.h>

#include "common/base/text.h"
#include "common/status/error.h"
#include "common/validate/time_zone.h"

namespace clinicd::identity {
namespace {

constexpr std::size_t kNameLengthMax = 200;

bool Matches(std::string_view text, const char* pattern) {
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

}  // namespace

const std::vector<std::string_view>& UpdatableClinicFields() {
  static const std::vector<std::string_view> fields = {"name", "time_zone", "locale"};
  return fields;
}

absl::Status CheckClinicUpdate(const Clinic& clinic) {
  if (validate::IsTimeZone(clinic.time_zone)) return absl::OkStatus();
  return status::InvalidField("clinic.time_zone", "must be an IANA time zone");
}

absl::Status CheckNewClinic(const Clinic& clinic) {
  status::ErrorBuilder invalid = status::Invalid();
  if (!Matches(clinic.slug, "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")) {
    invalid.Field("slug", "must be 1 to 63 lower-case letters, digits and inner hyphens");
  }
  const std::size_t name_length = CodePoints(clinic.name);
  if (name_length == 0 || name_length > kNameLengthMax) {
    invalid.Field("name", "must be 1 to 200 characters");
  }
  if (!Matches(clinic.country_code, "[A-Z]{2}")) {
    invalid.Field("country", "must be an ISO 3166-1 alpha-2 code, for example ES");
  }
  if (!validate::IsTimeZone(clinic.time_zone))
    invalid.Field("time_zone", "must be an IANA time zone");
  if (!Matches(clinic.currency_code, "[A-Z]{3}")) {
    invalid.Field("currency", "must be an ISO 4217 code, for example EUR");
  }
  if (!Matches(clinic.locale, "[a-z]{2,3}(-[A-Za-z0-9]{2,8})*") || clinic.locale.size() > 35) {
    invalid.Field("locale", "must be a BCP 47 tag, for example es-ES");
  }
  return invalid.has_fields() ? invalid.ToStatus() : absl::OkStatus();
}

}  // namespace clinicd::identity
