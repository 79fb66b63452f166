#include "services/appointments/appointment_rules.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/try.h"
#include "common/rpc/civil.h"
#include "common/rpc/etag.h"
#include "common/status/error.h"
#include "services/appointments/appointment_errors.h"
#include "services/appointments/resource_convert.h"

namespace clinicd::appointments {
namespace {

constexpr std::string_view kLocalPattern = "0000-00-00T00:00";
constexpr std::string_view kLocalStartRule =
    "must be a real date and time such as 2026-11-23T09:30";
// No row has it: versions start at 1.
constexpr std::int64_t kNoVersion = 0;

// The number in `text`, which holds digits only.
int Number(std::string_view text) {
  int number = 0;
  for (const char c : text) number = number * 10 + (c - '0');
  return number;
}

// Whether visits can be in that year.
bool HasVisits(std::int64_t year) { return year >= 1880 && year <= 9998; }

// The first instant of `day`: its midnight or, where clocks jump over that, a later time.
absl::Time FirstInstant(absl::CivilDay day, absl::TimeZone zone) {
  const absl::TimeZone::TimeInfo info = zone.At(absl::CivilSecond(day));
  return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
}

// One part as `form` says it, with what it leaves out.
Allocation ParseAllocation(const v1::Allocation& form, std::int32_t visit_minutes) {
  return {.kind = FromProto(form.kind()),
          .resource = Uuid::Parse(form.resource_id()).value_or(Uuid()),
          .offset_minutes = form.offset_minutes(),
          .duration_minutes = form.duration_minutes() == 0 ? visit_minutes - form.offset_minutes()
                                                           : form.duration_minutes()};
}

bool Overlap(const Allocation& a, const Allocation& b) {
  return a.resource == b.resource && a.offset_minutes < b.offset_minutes + b.duration_minutes &&
         b.offset_minutes < a.offset_minutes + a.duration_minutes;
}

bool EndsWithin(const Allocation& part, const Slot& slot) {
  return part.duration_minutes > 0 &&
         part.offset_minutes + part.duration_minutes <= slot.duration_minutes;
}

// Whether the part with that number needs what a part before it needs at the same time.
bool OverlapsEarlier(const std::vector<Allocation>& parts, std::size_t number) {
  const auto end = parts.begin() + static_cast<std::ptrdiff_t>(number);
  return std::any_of(parts.begin(), end, [&part = parts[number]](const Allocation& other) {
    return Overlap(part, other);
  });
}

// Names in `error` what is wrong with the allocations of a plan.
void CheckAllocations(const Plan& plan, const std::string& path, status::ErrorBuilder& error) {
  const std::vector<Allocation>& parts = plan.allocations;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string field = absl::StrCat(path, "[", i, "]");
    if (!EndsWithin(parts[i], plan.slot)) {
      error.Field(absl::StrCat(field, ".duration_minutes"), "must end with the visit or before");
    } else if (OverlapsEarlier(parts, i)) {
      error.Field(absl::StrCat(field, ".resource_id"), "must not be in two parts at once");
    }
  }
  const bool responsible = std::ranges::any_of(parts, [&plan](const Allocation& part) {
    return part.kind == ResourceKind::kPractitioner && part.resource == plan.practitioner_id.uuid();
  });
  if (!responsible) error.Field(path, "must name the practitioner of the appointment");
}

// The same for a plan whose allocations were not entered.
void CheckKeptParts(const Plan& plan, status::ErrorBuilder& error) {
  const std::vector<Allocation>& parts = plan.allocations;
  const bool fits = std::ranges::all_of(
      parts, [&plan](const Allocation& part) { return EndsWithin(part, plan.slot); });
  if (!fits) error.Field("duration_minutes", "must leave time for every part of the visit");
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!OverlapsEarlier(parts, i)) continue;
    error.Field("practitioner_id", "must not be in another part of the visit at the same time");
    return;
  }
}

// Fills the allocations of `plan`, whose slot and practitioner are known.
void SetAllocations(const google::protobuf::RepeatedPtrField<v1::Allocation>& forms, Plan& plan) {
  const std::int32_t minutes = plan.slot.duration_minutes;
  plan.allocations.clear();
  for (const v1::Allocation& form : forms) {
    plan.allocations.push_back(ParseAllocation(form, minutes));
  }
  if (plan.allocations.empty()) {
    plan.allocations.push_back({.kind = ResourceKind::kPractitioner,
                                .resource = plan.practitioner_id.uuid(),
                                .offset_minutes = 0,
                                .duration_minutes = minutes});
  }
}

// The plan that a form, which is at `path` of the request, asks for.
template <typename Form>
absl::StatusOr<Plan> ParsePlan(const Form& form, const std::string& path, absl::TimeZone zone) {
  Plan plan{
      .practitioner_id = PractitionerId::Parse(form.practitioner_id()).value_or(PractitionerId()),
      .slot = {.duration_minutes = form.duration_minutes()},
      .buffers = {.before_minutes = form.buffer_before_minutes(),
                  .after_minutes = form.buffer_after_minutes()}};
  SetAllocations(form.allocations(), plan);
  status::ErrorBuilder wrong = status::Invalid();
  const std::optional<absl::CivilMinute> local_start = ParseLocal(form.local_start());
  if (!local_start) wrong.Field(absl::StrCat(path, ".local_start"), kLocalStartRule);
  CheckAllocations(plan, absl::StrCat(path, ".allocations"), wrong);
  if (wrong.has_fields()) return wrong.ToStatus();
  CLINICD_ASSIGN_OR_RETURN(plan.slot, SlotAt(*local_start, form.duration_minutes(), zone));
  return plan;
}

}  // namespace

std::optional<absl::CivilMinute> ParseLocal(std::string_view text) {
  const bool formed =
      std::equal(text.begin(), text.end(), kLocalPattern.begin(), kLocalPattern.end(),
                 [](char c, char p) { return p == '0' ? c >= '0' && c <= '9' : c == p; });
  if (!formed) return std::nullopt;
  const int year = Number(text.substr(0, 4));
  const int month = Number(text.substr(5, 2));
  const int day = Number(text.substr(8, 2));
  const int hour = Number(text.substr(11, 2));
  const int minute = Number(text.substr(14, 2));
  const absl::CivilMinute local(year, month, day, hour, minute);
  // CivilMinute carries what is too much into the next larger unit.
  const bool real = local.month() == month && local.day() == day && local.hour() == hour &&
                    local.minute() == minute && HasVisits(year);
  return real ? std::optional(local) : std::nullopt;
}

std::optional<absl::CivilDay> ParseDay(const google::type::Date& form) {
  const std::optional<absl::CivilDay> day = rpc::FromDate(form);
  return day && HasVisits(day->year()) ? day : std::nullopt;
}

absl::StatusOr<Slot> SlotAt(absl::CivilMinute local_start, std::int32_t duration_minutes,
                            absl::TimeZone zone) {
  const absl::TimeZone::TimeInfo info = zone.At(absl::CivilSecond(local_start));
  if (info.kind == absl::TimeZone::TimeInfo::SKIPPED) {
    const absl::CivilSecond first = absl::ToCivilSecond(info.trans, zone);
    // Some clocks of the past jumped to an odd second.
    const absl::CivilMinute minute(first);
    return NonexistentLocalTime(first == absl::CivilSecond(minute) ? minute : minute + 1);
  }
  return Slot{.local_start = local_start,
              .time_zone = zone.name(),
              .duration_minutes = duration_minutes,
              .starts_at = info.pre,
              .ends_at = info.pre + absl::Minutes(duration_minutes)};
}

absl::StatusOr<Booking> ParseBooking(const v1::Appointment& form, absl::TimeZone zone,
                                     const std::string& path) {
  CLINICD_ASSIGN_OR_RETURN(Plan plan, ParsePlan(form, path, zone));
  return Booking{.patient_id = PatientId::Parse(form.patient_id()).value_or(PatientId()),
                 .visit_type = VisitTypeId::Parse(form.visit_type_id()),
                 .plan = std::move(plan),
                 .reason = form.reason(),
                 .external_id = form.external_id()};
}

absl::StatusOr<Plan> ParseHold(const v1::Hold& form, absl::TimeZone zone) {
  return ParsePlan(form, "hold", zone);
}

absl::StatusOr<Plan> ParseTime(const v1::WaitlistTime& form, absl::TimeZone zone) {
  return ParsePlan(form, "time", zone);
}

absl::StatusOr<Plan> ParseMove(const v1::RescheduleAppointmentRequest& form, const Plan& plan,
                               absl::TimeZone zone) {
  Plan moved = plan;
  status::ErrorBuilder wrong = status::Invalid();
  if (const auto practitioner = PractitionerId::Parse(form.practitioner_id())) {
    for (Allocation& part : moved.allocations) {
      if (part.resource == plan.practitioner_id.uuid()) part.resource = practitioner->uuid();
    }
    moved.practitioner_id = *practitioner;
  }
  const std::int32_t minutes =
      form.duration_minutes() == 0 ? plan.slot.duration_minutes : form.duration_minutes();
  for (Allocation& part : moved.allocations) {
    // What lasted as long as the visit goes on doing so.
    if (part.offset_minutes + part.duration_minutes == plan.slot.duration_minutes) {
      part.duration_minutes = minutes - part.offset_minutes;
    }
  }
  moved.slot.duration_minutes = minutes;
  if (form.has_allocations()) SetAllocations(form.allocations().allocations(), moved);
  absl::CivilMinute local_start = plan.slot.local_start;
  if (!form.local_start().empty()) {
    const std::optional<absl::CivilMinute> wanted = ParseLocal(form.local_start());
    if (!wanted) wrong.Field("local_start", kLocalStartRule);
    local_start = wanted.value_or(local_start);
  }
  if (form.has_allocations()) {
    CheckAllocations(moved, "allocations.allocations", wrong);
  } else {
    CheckKeptParts(moved, wrong);
  }
  if (wrong.has_fields()) return wrong.ToStatus();
  if (form.local_start().empty()) {
    // The instant stays, also where the clinic's zone has changed since.
    moved.slot.ends_at = moved.slot.starts_at + absl::Minutes(minutes);
    return moved;
  }
  CLINICD_ASSIGN_OR_RETURN(moved.slot, SlotAt(local_start, minutes, zone));
  return moved;
}

std::vector<absl::CivilDay> DaysOf(const Plan& plan) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::Time begin = plan.slot.starts_at - absl::Minutes(plan.buffers.before_minutes);
  const absl::Time end = plan.slot.ends_at + absl::Minutes(plan.buffers.after_minutes);
  std::vector<absl::CivilDay> days;
  for (absl::CivilDay day = absl::ToCivilDay(begin, utc); day <= absl::ToCivilDay(end, utc);
       ++day) {
    days.push_back(day);
  }
  return days;
}

DayRange InstantsOf(absl::CivilDay day, absl::TimeZone zone) {
  return {FirstInstant(day, zone), FirstInstant(day + 1, zone)};
}

std::optional<std::int64_t> ExpectedVersion(std::string_view etag) {
  if (etag.empty()) return std::nullopt;
  return rpc::ParseEtag(etag).value_or(kNoVersion);
}

}  // namespace clinicd::appointments
