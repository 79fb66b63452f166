#include "services/appointments/resource_rules.h"

#include "common/status/error.h"
#include "common/validate/time_zone.h"
#include "services/appointments/resource_errors.h"

namespace clinicd::appointments {

const std::vector<std::string_view>& UpdatableLocationFields() {
  static const std::vector<std::string_view> fields = {"name", "time_zone", "active"};
  return fields;
}

const std::vector<std::string_view>& UpdatableResourceFields() {
  static const std::vector<std::string_view> fields = {"name", "location_id", "color", "sort_order",
                                                       "active"};
  return fields;
}

absl::Status CheckLocation(const Location& wanted, const std::optional<Location>& before) {
  // A zone that a newer time zone database has dropped does not stand in the way of other changes.
  const bool kept = before && before->time_zone == wanted.time_zone;
  if (kept || validate::IsTimeZone(wanted.time_zone)) return absl::OkStatus();
  return status::InvalidField("location.time_zone", "must be an IANA time zone");
}

absl::Status CheckTakesResources(const std::optional<Location>& found) {
  if (!found) return LocationNotFound();
  return found->active ? absl::OkStatus() : LocationInactive();
}

absl::Status CheckResourceFilter(const v1::ListResourcesRequest& request) {
  if (!request.main_site() || request.location_id().empty()) return absl::OkStatus();
  return status::Invalid()
      .Field("location_id", "must be empty with main_site")
      .Field("main_site", "must be false with location_id");
}

}  // namespace clinicd::appointments
