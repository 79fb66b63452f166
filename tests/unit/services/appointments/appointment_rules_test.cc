#include "services/appointments/appointment_rules.h"

#include <catch2/catch.hpp>

#include "common/status/error.h"
#include "services/appointments/appointment_convert.h"
#include "services/appointments/appointment_errors.h"
#include "tests/unit/services/details.h"

namespace clinicd::appointments {
namespace {

using status::ErrorReason;
using testing::FieldsOf;
using testing::MetadataOf;

absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  REQUIRE(absl::LoadTimeZone(name, &zone));
  return zone;
}

absl::Time Utc(const std::string& text) {
  absl::Time time;
  std::string error;
  REQUIRE(absl::ParseTime(absl::RFC3339_sec, text, &time, &error));
  return time;
}

Appointment Booked() {
  Appointment appointment;
  appointment.booking.slot.starts_at = Utc("2027-03-01T08:00:00Z");
  appointment.booking.slot.ends_at = Utc("2027-03-01T08:30:00Z");
  appointment.row_version = 3;
  return appointment;
}

Appointment Arrived() {
  Appointment appointment = Booked();
  appointment.state = State::kArrived;
  appointment.arrived_at = Utc("2027-03-01T07:55:00Z");
  appointment.row_version = 4;
  return appointment;
}

Appointment Cancelled(Appointment appointment) {
  appointment.state = State::kCancelled;
  appointment.cancellation = {Utc("2027-03-01T08:05:00Z"), CancelledBy::kPatient, "left"};
  ++appointment.row_version;
  return appointment;
}

TEST_CASE("ParseLocal takes what a calendar and a clock show", "[appointments][unit]") {
  const auto [text, accepted] = GENERATE(table<std::string, bool>({
      {"2026-11-23T09:30", true},
      {"2026-11-23T00:00", true},
      {"2026-11-23T23:59", true},
      {"2026-11-23T24:00", false},
      {"2026-11-23T09:60", false},
      {"2024-02-29T09:30", true},
      {"2026-02-29T09:30", false},
      {"2026-13-01T09:30", false},
      {"2026-00-01T09:30", false},
      {"2026-01-00T09:30", false},
      {"1880-01-01T00:00", true},
      {"1879-12-31T23:59", false},
      {"9998-12-31T23:59", true},
      {"9999-01-01T00:00", false},
      {"2026-11-23 09:30", false},
      {"2026-11-23T09:30Z", false},
      {"2026-11-23T9:30", false},
      {"", false},
  }));
  CAPTURE(text);

  const std::optional<absl::CivilMinute> local = ParseLocal(text);

  CHECK(local.has_value() == accepted);
  if (local) CHECK(FormatLocal(*local) == text);
}

TEST_CASE("A local time becomes the instant that clocks in its zone show it",
          "[appointments][unit]") {
  const auto [zone, local, instant] = GENERATE(table<std::string, std::string, std::string>({
      // The same hour of three Mondays around the change to summer time.
      {"Europe/Madrid", "2027-03-22T09:00", "2027-03-22T08:00:00Z"},
      {"Europe/Madrid", "2027-03-29T09:00", "2027-03-29T07:00:00Z"},
      {"Europe/Madrid", "2027-04-05T09:00", "2027-04-05T07:00:00Z"},
      // Around the gap.
      {"Europe/Madrid", "2027-03-28T01:59", "2027-03-28T00:59:00Z"},
      {"Europe/Madrid", "2027-03-28T03:00", "2027-03-28T01:00:00Z"},
      // What occurs twice means the first time.
      {"Europe/Madrid", "2027-10-31T02:00", "2027-10-31T00:00:00Z"},
      {"Europe/Madrid", "2027-10-31T02:30", "2027-10-31T00:30:00Z"},
      {"Europe/Madrid", "2027-10-31T02:59", "2027-10-31T00:59:00Z"},
      {"Europe/Madrid", "2027-10-31T03:00", "2027-10-31T02:00:00Z"},
      {"Europe/London", "2027-10-31T01:30", "2027-10-31T00:30:00Z"},
      {"Atlantic/Canary", "2027-10-31T01:30", "2027-10-31T00:30:00Z"},
      // Zones without summer time.
      {"Asia/Kolkata", "2027-03-28T02:30", "2027-03-27T21:00:00Z"},
      {"Africa/Johannesburg", "2027-03-28T02:30", "2027-03-28T00:30:00Z"},
      {"Asia/Manila", "2027-03-28T02:30", "2027-03-27T18:30:00Z"},
  }));
  CAPTURE(zone, local);

  const absl::StatusOr<Slot> slot = SlotAt(*ParseLocal(local), 30, Zone(zone));

  REQUIRE(slot.ok());
  CHECK(slot->starts_at == Utc(instant));
  CHECK(slot->ends_at == Utc(instant) + absl::Minutes(30));
  CHECK(slot->time_zone == zone);
}

TEST_CASE("The duration is elapsed time, also while clocks change", "[appointments][unit]") {
  const absl::TimeZone madrid = Zone("Europe/Madrid");
  const Slot forward = SlotAt(*ParseLocal("2027-03-28T01:30"), 60, madrid).value();
  const Slot back = SlotAt(*ParseLocal("2027-10-31T02:30"), 60, madrid).value();

  CHECK(absl::ToCivilMinute(forward.ends_at, madrid) == absl::CivilMinute(2027, 3, 28, 3, 30));
  CHECK(absl::ToCivilMinute(back.ends_at, madrid) == absl::CivilMinute(2027, 10, 31, 2, 30));
}

TEST_CASE("A local time that clocks jump over is refused with the first one that exists",
          "[appointments][unit]") {
  const auto [zone, local, suggestion] = GENERATE(table<std::string, std::string, std::string>({
      {"Europe/Madrid", "2027-03-28T02:00", "2027-03-28T03:00"},
      {"Europe/Madrid", "2027-03-28T02:30", "2027-03-28T03:00"},
      {"Europe/Madrid", "2027-03-28T02:59", "2027-03-28T03:00"},
      {"Europe/London", "2027-03-28T01:30", "2027-03-28T02:00"},
      {"Atlantic/Canary", "2027-03-28T01:30", "2027-03-28T02:00"},
      // Half an hour only.
      {"Australia/Lord_Howe", "2027-10-03T02:15", "2027-10-03T02:30"},
      // A whole day, when Samoa changed sides of the date line.
      {"Pacific/Apia", "2011-12-30T12:00", "2011-12-31T00:00"},
      // To an odd second: the clocks of Liberia went from 00:00:00 to 00:44:30.
      {"Africa/Monrovia", "1972-01-07T00:00", "1972-01-07T00:45"},
  }));
  CAPTURE(zone, local);

  const absl::Status refused = SlotAt(*ParseLocal(local), 30, Zone(zone)).status();

  CHECK(absl::IsInvalidArgument(refused));
  CHECK(status::ReasonOf(refused) == ErrorReason::NONEXISTENT_LOCAL_TIME);
  CHECK(MetadataOf(refused, "suggestion") == suggestion);
  CHECK(SlotAt(*ParseLocal(suggestion), 30, Zone(zone)).ok());
}

TEST_CASE("ParseBooking names a local start that no calendar has", "[appointments][unit]") {
  v1::Appointment form;
  form.set_patient_id("018f0000-0000-7000-8000-000000000001");
  form.set_practitioner_id("018f0000-0000-7000-8000-000000000002");
  form.set_local_start("2026-02-29T09:30");
  form.set_duration_minutes(30);
  const absl::Status refused = ParseBooking(form, absl::UTCTimeZone()).status();
  form.set_local_start("2026-02-28T09:30");

  CHECK(status::ReasonOf(refused) == ErrorReason::VALIDATION_FAILED);
  CHECK(FieldsOf(refused) == std::vector<std::string>{"appointment.local_start"});
  const absl::StatusOr<Booking> booking = ParseBooking(form, absl::UTCTimeZone());
  REQUIRE(booking.ok());
  CHECK(booking->patient_id.ToString() == form.patient_id());
  CHECK(booking->practitioner_id.ToString() == form.practitioner_id());
}

TEST_CASE("A day lasts from its first instant to the first of the next one",
          "[appointments][unit]") {
  const auto [zone, day, begin,
              end] = GENERATE(table<std::string, absl::CivilDay, std::string, std::string>({
      {"Asia/Kolkata", absl::CivilDay(2027, 3, 28), "2027-03-27T18:30:00Z", "2027-03-28T18:30:00Z"},
      {"Europe/Madrid", absl::CivilDay(2027, 3, 28), "2027-03-27T23:00:00Z",
       "2027-03-28T22:00:00Z"},  // 23 hours
      {"Europe/Madrid", absl::CivilDay(2027, 10, 31), "2027-10-30T22:00:00Z",
       "2027-10-31T23:00:00Z"},  // 25 hours
      {"Asia/Beirut", absl::CivilDay(2022, 3, 27), "2022-03-26T22:00:00Z",
       "2022-03-27T21:00:00Z"},  // without midnight: 00:00 became 01:00
      {"America/Havana", absl::CivilDay(2022, 11, 6), "2022-11-06T04:00:00Z",
       "2022-11-07T05:00:00Z"},  // with two midnights: 01:00 became 00:00
  }));
  CAPTURE(zone);

  const DayRange range = InstantsOf(day, Zone(zone));

  CHECK(range.begin == Utc(begin));
  CHECK(range.end == Utc(end));
}

TEST_CASE("A change expects the version of its etag", "[appointments][unit]") {
  CHECK(ExpectedVersion("") == std::nullopt);
  CHECK(ExpectedVersion("\"3\"") == 3);
  CHECK(ExpectedVersion("nonsense") == 0);
}

TEST_CASE("An appointment can be cancelled until it is", "[appointments][unit]") {
  CHECK(CheckCancel(Booked(), std::nullopt).ok());
  CHECK(CheckCancel(Booked(), 3).ok());
  CHECK(CheckCancel(Arrived(), 4).ok());
  CHECK(status::ReasonOf(CheckCancel(Booked(), 2)) == ErrorReason::ETAG_MISMATCH);
  CHECK(status::ReasonOf(CheckCancel(Booked(), 0)) == ErrorReason::ETAG_MISMATCH);
  const absl::Status again = CheckCancel(Cancelled(Booked()), std::nullopt);
  CHECK(absl::IsFailedPrecondition(again));
  CHECK(status::ReasonOf(again) == ErrorReason::APPOINTMENT_ILLEGAL_TRANSITION);
  CHECK(MetadataOf(again, "state") == "STATE_CANCELLED");
  CHECK(MetadataOf(again, "allowed").empty());
}

TEST_CASE("Arrival is noted from 120 minutes before the start until the end",
          "[appointments][unit]") {
  const auto [now, accepted] = GENERATE(table<std::string, bool>({
      {"2027-03-01T05:59:59Z", false},
      {"2027-03-01T06:00:00Z", true},
      {"2027-03-01T08:30:00Z", true},
      {"2027-03-01T08:30:01Z", false},
  }));
  CAPTURE(now);

  const absl::Status status = CheckArrival(Booked(), std::nullopt, Utc(now));

  CHECK(status.ok() == accepted);
  if (accepted) return;
  CHECK(absl::IsFailedPrecondition(status));
  CHECK(status::ReasonOf(status) == ErrorReason::APPOINTMENT_OUTSIDE_ARRIVAL_WINDOW);
  CHECK(MetadataOf(status, "earliest_time") == "2027-03-01T06:00:00Z");
  CHECK(MetadataOf(status, "latest_time") == "2027-03-01T08:30:00Z");
}

TEST_CASE("Only a booked appointment can be arrived at", "[appointments][unit]") {
  const absl::Time now = Utc("2027-03-01T08:00:00Z");
  const absl::Status again = CheckArrival(Arrived(), std::nullopt, now);

  CHECK(status::ReasonOf(again) == ErrorReason::APPOINTMENT_ILLEGAL_TRANSITION);
  CHECK(MetadataOf(again, "state") == "STATE_ARRIVED");
  CHECK(MetadataOf(again, "allowed") == "STATE_CANCELLED");
  CHECK(status::ReasonOf(CheckArrival(Cancelled(Booked()), std::nullopt, now)) ==
        ErrorReason::APPOINTMENT_ILLEGAL_TRANSITION);
  CHECK(status::ReasonOf(CheckArrival(Booked(), 4, now)) == ErrorReason::ETAG_MISMATCH);
  CHECK(CheckArrival(Booked(), 3, now).ok());
}

TEST_CASE("The trace of a change shows how the appointment was before", "[appointments][unit]") {
  const auto text = [](const Appointment& a) { return ToProto(a).SerializeAsString(); };

  CHECK(text(BeforeCancel(Cancelled(Booked()))) == text(Booked()));
  CHECK(text(BeforeCancel(Cancelled(Arrived()))) == text(Arrived()));
  CHECK(text(BeforeArrival(Arrived())) == text(Booked()));
}

TEST_CASE("An appointment is shown with what belongs to its state", "[appointments][unit]") {
  const v1::Appointment booked = ToProto(Booked());
  const v1::Appointment arrived = ToProto(Arrived());
  const v1::Appointment cancelled = ToProto(Cancelled(Booked()));

  CHECK(booked.state() == v1::Appointment::STATE_BOOKED);
  CHECK_FALSE(booked.has_arrive_time());
  CHECK_FALSE(booked.has_cancel_time());
  CHECK(arrived.state() == v1::Appointment::STATE_ARRIVED);
  CHECK(arrived.has_arrive_time());
  CHECK(cancelled.state() == v1::Appointment::STATE_CANCELLED);
  CHECK(cancelled.cancelled_by() == v1::CANCELLED_BY_PATIENT);
  CHECK(cancelled.cancel_reason() == "left");
  CHECK(cancelled.etag() == "\"4\"");
}

TEST_CASE("The errors of appointments carry code and reason", "[appointments][unit]") {
  const auto [status, code, reason] = GENERATE(table<absl::Status, absl::StatusCode, ErrorReason>({
      {AppointmentNotFound(), absl::StatusCode::kNotFound, ErrorReason::APPOINTMENT_NOT_FOUND},
      {PatientNotFound(), absl::StatusCode::kNotFound, ErrorReason::PATIENT_NOT_FOUND},
      {PractitionerNotFound(), absl::StatusCode::kNotFound, ErrorReason::PRACTITIONER_NOT_FOUND},
      {PractitionerInactive(), absl::StatusCode::kFailedPrecondition,
       ErrorReason::PRACTITIONER_INACTIVE},
      {SlotTaken(), absl::StatusCode::kFailedPrecondition, ErrorReason::APPOINTMENT_SLOT_TAKEN},
      {ExternalIdTaken(AppointmentId()), absl::StatusCode::kAlreadyExists,
       ErrorReason::APPOINTMENT_EXTERNAL_ID_TAKEN},
      {ChangedMeanwhile(), absl::StatusCode::kAborted, ErrorReason::CONFLICT_RETRY},
  }));

  CHECK(status.code() == code);
  CHECK(status::ReasonOf(status) == reason);
}

}  // namespace
}  // namespace clinicd::appointments
