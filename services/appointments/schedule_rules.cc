#include "services/appointments/schedule_rules.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/civil.h"
#include "common/status/error.h"
#include "services/appointments/appointment_errors.h"
#include "services/appointments/appointment_rules.h"
#include "services/appointments/resource_errors.h"
#include "services/appointments/schedule_convert.h"
#include "services/appointments/visit_type_rules.h"

namespace clinicd::appointments {
namespace {

constexpr std::int64_t kSearchDaysMax = 62;
constexpr std::int64_t kExceptionDaysMax = 366;
constexpr std::int32_t kGridMinutesDefault = 5;
constexpr std::size_t kLimitDefault = 20;
constexpr std::int32_t kWeekdays = 7;

ScheduleOwner CheckedOwner(const v1::ScheduleOwner& form, const std::string& path,
                           status::ErrorBuilder& wrong) {
  const ScheduleOwner owner = FromProto(form);
  if (owner.kind == OwnerKind::kClinic && !owner.id.is_nil()) {
    wrong.Field(absl::StrCat(path, ".id"), "must be empty for the clinic");
  }
  if (IsPersonal(owner) && owner.id.is_nil()) {
    wrong.Field(absl::StrCat(path, ".id"), "must be a UUID for a practitioner or resource");
  }
  return owner;
}

ScheduleOwner CheckedHoursOwner(const v1::ScheduleOwner& form, status::ErrorBuilder& wrong) {
  const ScheduleOwner owner = CheckedOwner(form, "owner", wrong);
  if (owner.kind == OwnerKind::kClinic) {
    wrong.Field("owner.kind", "must not be the clinic, which has exceptions only");
  }
  return owner;
}

std::optional<absl::CivilDay> OptionalDay(bool given, const google::type::Date& form,
                                          const std::string& path, status::ErrorBuilder& wrong) {
  if (!given) return std::nullopt;
  const std::optional<absl::CivilDay> day = rpc::FromDate(form);
  if (!day) wrong.Field(path, "must be a real date");
  return day;
}

std::optional<absl::CivilDay> CheckedDay(const google::type::Date& form, const std::string& path,
                                         status::ErrorBuilder& wrong) {
  const std::optional<absl::CivilDay> day = ParseDay(form);
  if (!day) wrong.Field(path, kDayRule);
  return day;
}

// The days of a form with `first_date` and, perhaps, `last_date`.
template <typename Form>
DayPeriod CheckedDays(const Form& form, const std::string& path, std::int64_t count_max,
                      status::ErrorBuilder& wrong) {
  const auto first = CheckedDay(form.first_date(), absl::StrCat(path, "first_date"), wrong);
  std::optional<absl::CivilDay> last;
  if (form.has_last_date()) {
    last = CheckedDay(form.last_date(), absl::StrCat(path, "last_date"), wrong);
  }
  const DayPeriod days{.first_day = first.value_or(absl::CivilDay()),
                       .last_day = last ? *last : first.value_or(absl::CivilDay())};
  const std::int64_t count = days.last_day - days.first_day + 1;
  if (first && last && (count < 1 || count > count_max)) {
    wrong.Field(absl::StrCat(path, "last_date"),
                absl::StrCat("must be at most ", count_max - 1, " days after first_date"));
  }
  return days;
}

WeeklyHours CheckedHours(const v1::WeeklyHours& form, const std::string& path,
                         status::ErrorBuilder& wrong) {
  WeeklyHours hours{.weekday = form.weekday(),
                    .span = CheckedSpan(form.local_from(), form.local_to(), path, wrong),
                    .valid_from = OptionalDay(form.has_valid_from_date(), form.valid_from_date(),
                                              absl::StrCat(path, "valid_from_date"), wrong),
                    .valid_to = OptionalDay(form.has_valid_until_date(), form.valid_until_date(),
                                            absl::StrCat(path, "valid_until_date"), wrong)};
  if (hours.valid_from && hours.valid_to && *hours.valid_to < *hours.valid_from) {
    wrong.Field(absl::StrCat(path, "valid_until_date"), "must not be before valid_from_date");
  }
  return hours;
}

std::vector<WeeklyHours> CheckedWindows(const v1::FindSlotsRequest& form,
                                        status::ErrorBuilder& wrong) {
  std::vector<WeeklyHours> windows;
  for (int i = 0; i < form.windows_size(); ++i) {
    const v1::PreferredWindow& window = form.windows(i);
    const ClockSpan span = CheckedSpan(window.local_from(), window.local_to(),
                                       absl::StrCat("windows[", i, "]."), wrong);
    for (std::int32_t weekday = 1; weekday <= kWeekdays; ++weekday) {
      const bool meant = window.weekdays().empty() ||
                         std::ranges::find(window.weekdays(), weekday) != window.weekdays().end();
      if (meant) windows.push_back({.weekday = weekday, .span = span});
    }
  }
  return windows;
}

// The part of a party that `segment`, whose predecessors have theirs, is.
std::int32_t PartyOf(const PlanSegment& segment, const std::vector<PlanSegment>& earlier) {
  const auto clashes = [&segment, &earlier](std::int32_t party) {
    return std::ranges::any_of(earlier, [&segment, party](const PlanSegment& other) {
      return other.kind == segment.kind && other.party == party &&
             other.offset_minutes < segment.offset_minutes + segment.duration_minutes &&
             segment.offset_minutes < other.offset_minutes + other.duration_minutes;
    });
  };
  std::int32_t party = 0;
  while (clashes(party)) ++party;
  return party;
}

// Whether the exception closes part of `range` at a site in `zone`.
bool Closes(const HoursException& exception, const TimeRange& range, absl::TimeZone zone) {
  const TimeRange readings{ReadingAt(range.begin, zone), ReadingAt(range.end, zone)};
  const absl::CivilDay first(absl::ToCivilDay(range.begin, zone));
  const absl::CivilDay last(absl::ToCivilDay(range.end, zone));
  for (absl::CivilDay day = first - 1; day <= last; ++day) {
    if (day < exception.first_day || day > exception.last_day) continue;
    // Hours that are changed close all day long, where they do not open.
    const bool part = exception.kind == ExceptionKind::kClosed && exception.span;
    if (ReadingsOf(day, part ? *exception.span : ClockSpan()).Overlaps(readings)) return true;
  }
  return false;
}

// The appointment that the parts from `begin` on are of, as far as working time matters.
Plan PlanFrom(const std::vector<BookedPart>& parts, std::size_t begin, std::size_t end) {
  Plan plan{.practitioner_id = parts[begin].practitioner,
            .slot = {.starts_at = parts[begin].starts_at, .ends_at = parts[begin].starts_at}};
  for (std::size_t i = begin; i < end; ++i) {
    const Allocation& part = parts[i].part;
    plan.allocations.push_back(part);
    plan.slot.ends_at =
        std::max(plan.slot.ends_at,
                 parts[i].starts_at + absl::Minutes(part.offset_minutes + part.duration_minutes));
  }
  return plan;
}

// Whether `plan` is at a time, and of those, that the exception closes for.
bool Concerns(const ScheduleException& exception, const Schedule& schedule, const Plan& plan) {
  const ScheduleOwner& owner = exception.owner;
  const bool personal = IsPersonal(owner);
  for (const Site& site : SitesOf(schedule, plan)) {
    if (owner.kind == OwnerKind::kLocation && site.id.uuid() != owner.id) continue;
    for (const Allocation& part : plan.allocations) {
      if (personal && part.resource != owner.id) continue;
      const absl::Time begin = plan.slot.starts_at + absl::Minutes(part.offset_minutes);
      const TimeRange range{begin, begin + absl::Minutes(part.duration_minutes)};
      if (Closes(exception.exception, range, site.zone)) return true;
    }
  }
  return false;
}

}  // namespace

ClockSpan CheckedSpan(const std::string& from, const std::string& to, const std::string& path,
                      status::ErrorBuilder& wrong) {
  const std::optional<std::int32_t> from_minute = ParseClock(from);
  const std::optional<std::int32_t> to_minute = ParseClock(to);
  if (!from_minute || *from_minute == kMinutesPerDay) {
    wrong.Field(absl::StrCat(path, "local_from"), "must be a time from 00:00 to 23:59");
  }
  if (!to_minute || to_minute == from_minute) {
    wrong.Field(absl::StrCat(path, "local_to"),
                "must be a time from 00:00 to 24:00 other than local_from");
  }
  return {.from_minute = from_minute.value_or(0), .to_minute = to_minute.value_or(0)};
}

absl::StatusOr<ScheduleOwner> ParseHoursOwner(const v1::ScheduleOwner& form) {
  status::ErrorBuilder wrong = status::Invalid();
  const ScheduleOwner owner = CheckedHoursOwner(form, wrong);
  if (wrong.has_fields()) return wrong.ToStatus();
  return owner;
}

absl::StatusOr<std::vector<OwnedHours>> ParseHours(const v1::SetWorkingHoursRequest& form) {
  status::ErrorBuilder wrong = status::Invalid();
  const ScheduleOwner owner = CheckedHoursOwner(form.owner(), wrong);
  std::vector<OwnedHours> all;
  for (int i = 0; i < form.hours_size(); ++i) {
    const v1::WeeklyHours& row = form.hours(i);
    const std::string path = absl::StrCat("hours[", i, "].");
    OwnedHours owned{.owner = owner,
                     .site = SiteId::Parse(row.location_id()).value_or(SiteId()),
                     .hours = CheckedHours(row, path, wrong)};
    if (owner.kind != OwnerKind::kPractitioner && !owned.site.is_nil()) {
      wrong.Field(absl::StrCat(path, "location_id"), "must be empty unless a practitioner owns it");
    }
    if (owner.kind == OwnerKind::kLocation) owned.site = SiteId(owner.id);
    all.push_back(owned);
  }
  if (wrong.has_fields()) return wrong.ToStatus();
  return all;
}

absl::StatusOr<ScheduleException> ParseException(const v1::ScheduleException& form) {
  status::ErrorBuilder wrong = status::Invalid();
  const DayPeriod days = CheckedDays(form, "exception.", kExceptionDaysMax, wrong);
  ScheduleException parsed{.owner = CheckedOwner(form.owner(), "exception.owner", wrong),
                           .site = SiteId::Parse(form.location_id()).value_or(SiteId()),
                           .exception = {.first_day = days.first_day,
                                         .last_day = days.last_day,
                                         .kind = FromProto(form.kind()),
                                         .reason = form.reason()}};
  if (!form.local_from().empty() || !form.local_to().empty()) {
    parsed.exception.span = CheckedSpan(form.local_from(), form.local_to(), "exception.", wrong);
  }
  const bool has_site = parsed.owner.kind == OwnerKind::kPractitioner &&
                        parsed.exception.kind != ExceptionKind::kClosed;
  if (!has_site && !parsed.site.is_nil()) {
    wrong.Field("exception.location_id",
                "must be empty unless a practitioner has extra or changed hours");
  }
  if (parsed.owner.kind == OwnerKind::kLocation) parsed.site = SiteId(parsed.owner.id);
  if (wrong.has_fields()) return wrong.ToStatus();
  return parsed;
}

absl::StatusOr<ExceptionFilter> ParseFilter(const v1::ListScheduleExceptionsRequest& form) {
  status::ErrorBuilder wrong = status::Invalid();
  ExceptionFilter filter;
  const auto first = OptionalDay(true, form.first_date(), "first_date", wrong);
  const auto last = OptionalDay(true, form.last_date(), "last_date", wrong);
  if (first && last && *last < *first) {
    wrong.Field("last_date", "must not be before first_date");
  }
  filter.days = {.first_day = first.value_or(absl::CivilDay()),
                 .last_day = last.value_or(absl::CivilDay())};
  if (form.has_owner()) filter.owner = CheckedOwner(form.owner(), "owner", wrong);
  if (wrong.has_fields()) return wrong.ToStatus();
  return filter;
}

absl::StatusOr<SlotSearch> ParseSearch(const v1::FindSlotsRequest& form) {
  status::ErrorBuilder wrong = status::Invalid();
  SlotSearch search{
      .visit_type = VisitTypeId::Parse(form.visit_type_id()),
      .duration_minutes = form.duration_minutes(),
      .days = CheckedDays(form, "", kSearchDaysMax, wrong),
      .windows = CheckedWindows(form, wrong),
      .grid_minutes = form.grid_minutes() == 0 ? kGridMinutesDefault : form.grid_minutes(),
      .limit = form.limit() == 0 ? kLimitDefault : static_cast<std::size_t>(form.limit()),
      .skip = static_cast<std::size_t>(form.skip()),
      .patient = PatientId::Parse(form.patient_id()),
      .online_rules = form.online_rules()};
  if (search.visit_type.has_value() == (search.duration_minutes > 0)) {
    wrong.Field("visit_type_id", "must be given without duration_minutes, or that without it");
  }
  if (search.online_rules && !search.visit_type) {
    wrong.Field("online_rules", "must be false without visit_type_id");
  }
  for (const std::string& id : form.practitioner_ids()) {
    search.practitioners.push_back(Uuid::Parse(id).value_or(Uuid()));
  }
  if (form.main_site()) search.sites.emplace_back();
  for (const std::string& id : form.location_ids()) {
    search.sites.push_back(SiteId::Parse(id).value_or(SiteId()));
  }
  if (wrong.has_fields()) return wrong.ToStatus();
  return search;
}

VisitPlan PlanOf(const VisitType& visit_type) {
  VisitPlan plan{.duration_minutes = DurationMinutes(visit_type.segments),
                 .buffer_before_minutes = visit_type.buffer_before_minutes,
                 .buffer_after_minutes = visit_type.buffer_after_minutes};
  for (const Segment& segment : visit_type.segments) {
    PlanSegment planned{.kind = segment.resource_kind,
                        .offset_minutes = segment.offset_minutes,
                        .duration_minutes = segment.duration_minutes};
    planned.party = PartyOf(planned, plan.segments);
    plan.segments.push_back(planned);
  }
  return plan;
}

VisitPlan PlanOf(std::int32_t duration_minutes) {
  return {
      .duration_minutes = duration_minutes,
      .segments = {{.kind = ResourceKind::kPractitioner, .duration_minutes = duration_minutes}}};
}

StartLimits OnlineLimits(const VisitType& visit_type, absl::Time now) {
  StartLimits limits{.earliest = now + absl::Minutes(visit_type.min_notice_minutes)};
  if (visit_type.booking_window_days > 0) {
    limits.latest = now + visit_type.booking_window_days * absl::Hours(24);
  }
  return limits;
}

absl::StatusOr<std::vector<Member>> MembersFor(const SlotSearch& search, const Schedule& schedule) {
  for (const Uuid& wanted : search.practitioners) {
    const auto found = std::ranges::find_if(schedule.members, [&wanted](const Member& member) {
      return member.kind == ResourceKind::kPractitioner && member.id == wanted;
    });
    if (found == schedule.members.end()) return PractitionerNotFound();
    if (!found->active) return PractitionerInactive();
  }
  std::vector<Member> members;
  for (const Member& member : schedule.members) {
    const bool wanted =
        member.kind != ResourceKind::kPractitioner || search.practitioners.empty() ||
        std::ranges::find(search.practitioners, member.id) != search.practitioners.end();
    if (member.active && wanted) members.push_back(member);
  }
  return members;
}

absl::StatusOr<std::vector<Site>> SitesFor(const SlotSearch& search, const Schedule& schedule) {
  for (const SiteId wanted : search.sites) {
    const auto found = std::ranges::find(schedule.sites, wanted, &Site::id);
    if (found == schedule.sites.end()) return LocationNotFound();
    if (!found->active) return LocationInactive();
  }
  std::vector<Site> sites;
  for (const Site& site : schedule.sites) {
    const bool wanted =
        search.sites.empty() || std::ranges::find(search.sites, site.id) != search.sites.end();
    if (site.active && wanted) sites.push_back(site);
  }
  return sites;
}

bool IsPersonal(const ScheduleOwner& owner) {
  return owner.kind == OwnerKind::kPractitioner || owner.kind == OwnerKind::kResource;
}

absl::Status CheckBooked(std::size_t parts) {
  if (parts <= kBookedPartsMax) return absl::OkStatus();
  return status::InvalidField(
      "exception.last_date",
      absl::StrCat("must be so early that the visits of the days have at most ", kBookedPartsMax,
                   " parts, unless keep_appointments is true"));
}

std::vector<AppointmentId> HeldBy(const ScheduleException& exception, const Schedule& schedule,
                                  const std::vector<BookedPart>& parts) {
  std::vector<AppointmentId> held;
  for (std::size_t begin = 0, end = 0; begin < parts.size(); begin = end) {
    while (end < parts.size() && parts[end].appointment == parts[begin].appointment) ++end;
    const Plan plan = PlanFrom(parts, begin, end);
    // Who works all the same, by extra hours of their own, is not closed.
    if (Concerns(exception, schedule, plan) && WhyOutsideHours(schedule, plan)) {
      held.push_back(parts[begin].appointment);
    }
  }
  return held;
}

}  // namespace clinicd::appointments
