#include "services/appointments/diary_rules.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "services/appointments/appointment_errors.h"
#include "services/appointments/appointment_rules.h"
#include "services/appointments/resource_errors.h"

namespace clinicd::appointments {
namespace {

// Who stays at a clinic for longer has gone without being noted.
constexpr absl::Duration kStayMax = absl::Hours(12);

DiaryGrouping FromProto(v1::GetDiaryRequest::Grouping grouping) {
  switch (grouping) {
    case v1::GetDiaryRequest::GROUPING_CHAIR:
      return DiaryGrouping::kChair;
    case v1::GetDiaryRequest::GROUPING_LOCATION:
      return DiaryGrouping::kLocation;
    default:
      return DiaryGrouping::kPractitioner;
  }
}

absl::Status ColumnNotFound(DiaryGrouping grouping) {
  switch (grouping) {
    case DiaryGrouping::kPractitioner:
      return PractitionerNotFound();
    case DiaryGrouping::kChair:
      return ResourceNotFound();
    case DiaryGrouping::kLocation:
      return LocationNotFound();
  }
  return LocationNotFound();
}

}  // namespace

absl::StatusOr<DiaryQuery> ParseDiary(const v1::GetDiaryRequest& form, absl::TimeZone zone) {
  status::ErrorBuilder wrong = status::Invalid();
  DiaryQuery query{.grouping = FromProto(form.grouping()), .zone = zone};
  const std::optional<absl::CivilDay> first = ParseDay(form.first_date());
  if (!first) wrong.Field("first_date", kDayRule);
  if (form.main_site() && query.grouping != DiaryGrouping::kLocation) {
    wrong.Field("main_site", "must be false unless columns are locations");
  }
  if (wrong.has_fields()) return wrong.ToStatus();
  query.days.first_day = *first;
  query.days.last_day = *first + (std::max(form.day_count(), 1) - 1);
  query.range = {absl::FromCivil(query.days.first_day, zone),
                 absl::FromCivil(query.days.last_day + 1, zone)};
  if (form.main_site()) query.columns.emplace_back();
  for (const std::string& id : form.column_ids()) {
    query.columns.push_back(Uuid::Parse(id).value_or(Uuid()));
  }
  return query;
}

absl::Status CheckColumns(const DiaryQuery& query, const std::vector<ColumnHead>& heads) {
  for (const Uuid& wanted : query.columns) {
    const bool found = std::ranges::find(heads, wanted, &ColumnHead::id) != heads.end();
    if (!found) return ColumnNotFound(query.grouping);
  }
  return absl::OkStatus();
}

absl::Status CheckSize(std::size_t visits) {
  if (visits <= kDiaryVisitsMax) return absl::OkStatus();
  return status::InvalidField(
      "day_count",
      absl::StrCat("must be so few days, or of so few columns, that they have at most ",
                   kDiaryVisitsMax, " visits"));
}

std::vector<SiteId> ParseSites(const v1::GetWaitingRoomRequest& form) {
  std::vector<SiteId> sites;
  if (form.main_site()) sites.emplace_back();
  for (const std::string& id : form.location_ids()) {
    sites.push_back(SiteId::Parse(id).value_or(SiteId()));
  }
  return sites;
}

absl::Status CheckSites(const std::vector<SiteId>& sites, const Schedule& schedule) {
  for (const SiteId wanted : sites) {
    const bool found = std::ranges::find(schedule.sites, wanted, &Site::id) != schedule.sites.end();
    if (!found) return LocationNotFound();
  }
  return absl::OkStatus();
}

absl::Time ArrivedSince(absl::Time now, absl::TimeZone zone) {
  return std::min(absl::FromCivil(absl::ToCivilDay(now, zone), zone), now - kStayMax);
}

}  // namespace clinicd::appointments
