#include "services/appointments/appointment_rules.h"

#include <algorithm>

#include "common/rpc/etag.h"
#include "common/status/error.h"
#include "services/appointments/appointment_errors.h"

namespace clinicd::appointments {
namespace {

constexpr std::string_view kLocalPattern = "0000-00-00T00:00";
// No row has it: versions start at 1.
constexpr std::int64_t kNoVersion = 0;

// The number in `text`, which holds digits only.
int Number(std::string_view text) {
  int number = 0;
  for (const char c : text) number = number * 10 + (c - '0');
  return number;
}

// The first instant of `day`: its midnight or, where clocks jump over that, a later time.
absl::Time FirstInstant(absl::CivilDay day, absl::TimeZone zone) {
  const absl::TimeZone::TimeInfo info = zone.At(absl::CivilSecond(day));
  return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
}

absl::Status CheckVersion(const Appointment& appointment, std::optional<std::int64_t> version) {
  const bool same = !version || *version == appointment.row_version;
  return same ? absl::OkStatus() : rpc::EtagMismatch();
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
                    local.minute() == minute && year >= 1880 && year <= 9998;
  return real ? std::optional(local) : std::nullopt;
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

absl::StatusOr<Booking> ParseBooking(const v1::Appointment& form, absl::TimeZone zone) {
  const std::optional<absl::CivilMinute> local_start = ParseLocal(form.local_start());
  if (!local_start) {
    return status::InvalidField("appointment.local_start",
                                "must be a real date and time such as 2026-11-23T09:30");
  }
  absl::StatusOr<Slot> slot = SlotAt(*local_start, form.duration_minutes(), zone);
  if (!slot.ok()) return std::move(slot).status();
  return Booking{
      .patient_id = PatientId::Parse(form.patient_id()).value_or(PatientId()),
      .practitioner_id = PractitionerId::Parse(form.practitioner_id()).value_or(PractitionerId()),
      .slot = *std::move(slot),
      .reason = form.reason(),
      .external_id = form.external_id()};
}

DayRange InstantsOf(absl::CivilDay day, absl::TimeZone zone) {
  return {FirstInstant(day, zone), FirstInstant(day + 1, zone)};
}

std::optional<std::int64_t> ExpectedVersion(std::string_view etag) {
  if (etag.empty()) return std::nullopt;
  return rpc::ParseEtag(etag).value_or(kNoVersion);
}

absl::Status CheckCancel(const Appointment& appointment, std::optional<std::int64_t> version) {
  if (absl::Status status = CheckVersion(appointment, version); !status.ok()) return status;
  if (appointment.state == State::kCancelled) return IllegalTransition(appointment.state);
  return absl::OkStatus();
}

absl::Status CheckArrival(const Appointment& appointment, std::optional<std::int64_t> version,
                          absl::Time now) {
  if (absl::Status status = CheckVersion(appointment, version); !status.ok()) return status;
  if (appointment.state != State::kBooked) return IllegalTransition(appointment.state);
  const Slot& slot = appointment.booking.slot;
  const absl::Time earliest = slot.starts_at - kArrivalLead;
  if (now < earliest || now > slot.ends_at) return OutsideArrivalWindow(earliest, slot.ends_at);
  return absl::OkStatus();
}

Appointment BeforeCancel(Appointment cancelled) {
  cancelled.state = cancelled.arrived_at ? State::kArrived : State::kBooked;
  cancelled.cancellation.reset();
  --cancelled.row_version;
  return cancelled;
}

Appointment BeforeArrival(Appointment arrived) {
  arrived.state = State::kBooked;
  arrived.arrived_at.reset();
  --arrived.row_version;
  return arrived;
}

}  // namespace clinicd::appointments
