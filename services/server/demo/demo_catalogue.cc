#include "services/server/demo/demo_catalogue.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/text.h"

namespace clinicd::demo {
namespace {

using appointments::v1::Resource;
using appointments::v1::VisitType;

// Told apart by people who do not see all colours.
constexpr std::array<std::string_view, 6> kColors = {"#0072b2", "#e69f00", "#009e73",
                                                     "#cc79a7", "#56b4e9", "#d55e00"};

// Minutes of a visit type. An assistant prepares, a practitioner treats, and the chair is taken
// until it has been cleaned.
struct Course {
  std::string_view key;
  int preparation;
  int treatment;
  int cleaning;
  int buffer_after;
  bool online_bookable;
  int min_notice;
  int booking_window_days;
  int cancel_cutoff;
};

// In the order of Country::visit_types.
constexpr std::array<Course, kVisitTypeCount> kCourses = {{
    {"check-up", 0, 20, 5, 0, true, 2 * 60, 180, 24 * 60},
    {"hygiene", 0, 30, 10, 0, true, 2 * 60, 180, 24 * 60},
    {"filling", 5, 35, 10, 0, false, 0, 0, 24 * 60},
    {"root-canal", 10, 70, 10, 10, false, 0, 0, 48 * 60},
    {"emergency", 0, 15, 5, 0, true, 0, 1, 0},
}};

void AddSegment(VisitType& visit_type, appointments::v1::ResourceKind kind, int offset,
                int duration) {
  appointments::v1::VisitTypeSegment& segment = *visit_type.add_segments();
  segment.set_resource_kind(kind);
  segment.set_offset_minutes(offset);
  segment.set_duration_minutes(duration);
}

Resource MakeResource(appointments::v1::ResourceKind kind, std::string name, std::string_view key,
                      std::size_t number) {
  Resource resource;
  resource.set_kind(kind);
  resource.set_name(std::move(name));
  resource.set_color(std::string(kColors.at(number % kColors.size())));
  resource.set_sort_order(static_cast<std::int32_t>(number + 1));
  resource.set_active(true);
  resource.set_external_id(absl::StrCat("demo:", ToAbsl(key), "-", number + 1));
  return resource;
}

// From Monday on.
constexpr int kOpenWeekdays = 6;

struct Span {
  std::string from;
  std::string to;
};

std::string Clock(int minute) { return absl::StrFormat("%02d:%02d", minute / 60, minute % 60); }

// When a clinic of the country is open on a day.
std::array<Span, 2> SpansOf(const Country& country) {
  const OpeningHours& hours = country.hours;
  return {{{Clock(hours.morning_begin), Clock(hours.morning_end)},
           {Clock(hours.afternoon_begin), Clock(hours.afternoon_end)}}};
}

}  // namespace

std::vector<appointments::v1::Location> MakeLocations(const Country& country, std::size_t count) {
  std::vector<appointments::v1::Location> locations;
  for (std::size_t i = 0; i < std::min(count, country.sites.size()); ++i) {
    appointments::v1::Location location;
    location.set_name(std::string(country.sites[i].name));
    location.set_time_zone(std::string(country.sites[i].time_zone));
    location.set_active(true);
    location.set_external_id(absl::StrCat("demo:location-", i + 1));
    locations.push_back(std::move(location));
  }
  return locations;
}

std::vector<DemoResource> MakeResources(const Country& country, const ResourceAmounts& amounts,
                                        std::string_view first_assistant) {
  std::vector<DemoResource> resources;
  const std::size_t at_main_site = amounts.chairs - amounts.locations;
  for (std::size_t i = 0; i < amounts.chairs; ++i) {
    DemoResource chair{.resource = MakeResource(appointments::v1::RESOURCE_KIND_CHAIR,
                                                absl::StrCat(ToAbsl(country.chair), " ", i + 1),
                                                "chair", i)};
    if (i >= at_main_site) chair.location = i - at_main_site;
    resources.push_back(std::move(chair));
  }
  for (std::size_t i = 0; i < amounts.assistants; ++i) {
    std::string name(first_assistant);
    if (i > 0) {
      name = absl::StrCat(ToAbsl(country.female_names[i % country.female_names.size()]), " ",
                          ToAbsl(country.family_names[i % country.family_names.size()]));
    }
    resources.push_back({.resource = MakeResource(appointments::v1::RESOURCE_KIND_ASSISTANT,
                                                  std::move(name), "assistant", i)});
  }
  return resources;
}

std::vector<VisitType> MakeVisitTypes(const Country& country) {
  std::vector<VisitType> visit_types;
  for (std::size_t i = 0; i < kCourses.size(); ++i) {
    const Course& course = kCourses.at(i);
    const int treated = course.preparation + course.treatment;
    VisitType visit_type;
    visit_type.set_name(std::string(country.visit_types[i]));
    visit_type.set_color(std::string(kColors.at(i)));
    AddSegment(visit_type, appointments::v1::RESOURCE_KIND_CHAIR, 0, treated + course.cleaning);
    AddSegment(visit_type, appointments::v1::RESOURCE_KIND_PRACTITIONER, course.preparation,
               course.treatment);
    if (course.preparation > 0) {
      AddSegment(visit_type, appointments::v1::RESOURCE_KIND_ASSISTANT, 0, course.preparation);
    }
    visit_type.set_buffer_after_minutes(course.buffer_after);
    visit_type.set_online_bookable(course.online_bookable);
    visit_type.set_min_notice_minutes(course.min_notice);
    visit_type.set_booking_window_days(course.booking_window_days);
    visit_type.set_cancel_cutoff_minutes(course.cancel_cutoff);
    visit_type.set_active(true);
    visit_type.set_external_id(absl::StrCat("demo:", ToAbsl(course.key)));
    visit_types.push_back(std::move(visit_type));
  }
  return visit_types;
}

std::vector<appointments::v1::WeeklyHours> MakeHours(const Country& country) {
  std::vector<appointments::v1::WeeklyHours> hours;
  for (int weekday = 1; weekday <= kOpenWeekdays; ++weekday) {
    for (const Span& span : SpansOf(country)) {
      appointments::v1::WeeklyHours& row = hours.emplace_back();
      row.set_weekday(weekday);
      row.set_local_from(span.from);
      row.set_local_to(span.to);
    }
  }
  return hours;
}

std::vector<appointments::v1::ScheduleException> MakeSundayHours(const Country& country,
                                                                 absl::CivilDay day) {
  std::vector<appointments::v1::ScheduleException> extra;
  if (absl::GetWeekday(day) != absl::Weekday::sunday) return extra;
  for (const Span& span : SpansOf(country)) {
    appointments::v1::ScheduleException& row = extra.emplace_back();
    row.mutable_owner()->set_kind(appointments::v1::ScheduleOwner::KIND_LOCATION);
    row.set_kind(appointments::v1::ScheduleException::KIND_EXTRA);
    row.mutable_first_date()->set_year(static_cast<std::int32_t>(day.year()));
    row.mutable_first_date()->set_month(day.month());
    row.mutable_first_date()->set_day(day.day());
    row.set_local_from(span.from);
    row.set_local_to(span.to);
    row.set_reason("Open Sunday");
  }
  return extra;
}

}  // namespace clinicd::demo
