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

v1::Appointment Form() {
  v1::Appointment form;
  form.set_patient_id("018f0000-0000-7000-8000-000000000001");
  form.set_practitioner_id("018f0000-0000-7000-8000-000000000002");
  form.set_local_start("2026-02-28T09:30");
  form.set_duration_minutes(30);
  return form;
}

constexpr char kPractitioner[] = "018f0000-0000-7000-8000-000000000002";
constexpr char kOther[] = "018f0000-0000-7000-8000-000000000003";
constexpr char kChair[] = "018f0000-0000-7000-8000-000000000004";

void AddPart(google::protobuf::RepeatedPtrField<v1::Allocation>& parts, v1::ResourceKind kind,
             const std::string& resource, int offset, int duration) {
  v1::Allocation& part = *parts.Add();
  part.set_kind(kind);
  part.set_resource_id(resource);
  part.set_offset_minutes(offset);
  part.set_duration_minutes(duration);
}

Plan PlanOf(const v1::Appointment& form, absl::TimeZone zone = absl::UTCTimeZone()) {
  return ParseBooking(form, zone).value().plan;
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
  v1::Appointment form = Form();
  form.set_local_start("2026-02-29T09:30");
  const absl::Status refused = ParseBooking(form, absl::UTCTimeZone()).status();
  const absl::StatusOr<Booking> booking = ParseBooking(Form(), absl::UTCTimeZone());

  CHECK(status::ReasonOf(refused) == ErrorReason::VALIDATION_FAILED);
  CHECK(FieldsOf(refused) == std::vector<std::string>{"appointment.local_start"});
  REQUIRE(booking.ok());
  CHECK(booking->patient_id.ToString() == form.patient_id());
  CHECK(booking->plan.practitioner_id.ToString() == form.practitioner_id());
}

TEST_CASE("A visit that names no resources takes its practitioner from start to end",
          "[appointments][unit]") {
  const Plan plan = PlanOf(Form());

  REQUIRE(plan.allocations.size() == 1);
  CHECK(plan.allocations[0] == Allocation{.kind = ResourceKind::kPractitioner,
                                          .resource = *Uuid::Parse(kPractitioner),
                                          .offset_minutes = 0,
                                          .duration_minutes = 30});
}

TEST_CASE("A part without a length lasts until the end of the visit", "[appointments][unit]") {
  v1::Appointment form = Form();
  AddPart(*form.mutable_allocations(), v1::RESOURCE_KIND_PRACTITIONER, kPractitioner, 10, 0);
  AddPart(*form.mutable_allocations(), v1::RESOURCE_KIND_CHAIR, kChair, 0, 0);

  const Plan plan = PlanOf(form);

  REQUIRE(plan.allocations.size() == 2);
  CHECK(plan.allocations[0].duration_minutes == 20);
  CHECK(plan.allocations[1].duration_minutes == 30);
}

TEST_CASE("Every wrong part of a visit is named", "[appointments][unit]") {
  using Fields = std::vector<std::string>;
  v1::Appointment form = Form();
  auto& parts = *form.mutable_allocations();
  const auto wrong = [&form] { return FieldsOf(ParseBooking(form, absl::UTCTimeZone()).status()); };

  SECTION("The last minute is the end of the visit") {
    AddPart(parts, v1::RESOURCE_KIND_PRACTITIONER, kPractitioner, 29, 1);
    CHECK(ParseBooking(form, absl::UTCTimeZone()).ok());
    parts[0].set_duration_minutes(2);
    CHECK(wrong() == Fields{"appointment.allocations[0].duration_minutes"});
  }
  SECTION("A part begins before the end of the visit") {
    AddPart(parts, v1::RESOURCE_KIND_PRACTITIONER, kPractitioner, 0, 30);
    AddPart(parts, v1::RESOURCE_KIND_CHAIR, kChair, 30, 0);
    CHECK(wrong() == Fields{"appointment.allocations[1].duration_minutes"});
  }
  SECTION("Nobody is in two parts at once") {
    AddPart(parts, v1::RESOURCE_KIND_PRACTITIONER, kPractitioner, 0, 15);
    AddPart(parts, v1::RESOURCE_KIND_PRACTITIONER, kPractitioner, 15, 15);
    CHECK(ParseBooking(form, absl::UTCTimeZone()).ok());
    parts[1].set_offset_minutes(14);
    CHECK(wrong() == Fields{"appointment.allocations[1].resource_id"});
  }
  SECTION("The practitioner takes part, and is meant as such") {
    AddPart(parts, v1::RESOURCE_KIND_PRACTITIONER, kOther, 0, 30);
    AddPart(parts, v1::RESOURCE_KIND_ASSISTANT, kPractitioner, 0, 30);
    CHECK(wrong() == Fields{"appointment.allocations"});
  }
  SECTION("All at once") {
    form.set_local_start("2026-02-29T09:30");
    AddPart(parts, v1::RESOURCE_KIND_CHAIR, kChair, 0, 31);
    AddPart(parts, v1::RESOURCE_KIND_CHAIR, kChair, 30, 0);
    CHECK(wrong() ==
          Fields{"appointment.local_start", "appointment.allocations[0].duration_minutes",
                 "appointment.allocations[1].duration_minutes", "appointment.allocations"});
  }
}

TEST_CASE("A move changes what it names and keeps the rest", "[appointments][unit]") {
  v1::Appointment form = Form();
  AddPart(*form.mutable_allocations(), v1::RESOURCE_KIND_ASSISTANT, kOther, 0, 10);
  AddPart(*form.mutable_allocations(), v1::RESOURCE_KIND_PRACTITIONER, kPractitioner, 10, 20);
  AddPart(*form.mutable_allocations(), v1::RESOURCE_KIND_CHAIR, kChair, 0, 30);
  const Plan plan = PlanOf(form);
  v1::RescheduleAppointmentRequest move;
  const auto moved = [&] { return ParseMove(move, plan, absl::UTCTimeZone()).value(); };

  SECTION("Nothing") {
    CHECK(moved().slot == plan.slot);
    CHECK(moved().allocations == plan.allocations);
  }
  SECTION("The time") {
    move.set_local_start("2026-03-01T11:00");
    CHECK(moved().slot.starts_at == Utc("2026-03-01T11:00:00Z"));
    CHECK(moved().slot.ends_at == Utc("2026-03-01T11:30:00Z"));
    CHECK(moved().allocations == plan.allocations);
  }
  SECTION("The length, which parts that lasted until the end follow") {
    move.set_duration_minutes(45);
    CHECK(moved().slot.starts_at == plan.slot.starts_at);
    CHECK(moved().slot.ends_at == plan.slot.starts_at + absl::Minutes(45));
    CHECK(moved().allocations[0].duration_minutes == 10);
    CHECK(moved().allocations[1].duration_minutes == 35);
    CHECK(moved().allocations[2].duration_minutes == 45);
  }
  SECTION("A length that leaves no room for a part is refused") {
    move.set_duration_minutes(11);
    CHECK(moved().allocations[1].duration_minutes == 1);
    move.set_duration_minutes(10);
    const absl::Status refused = ParseMove(move, plan, absl::UTCTimeZone()).status();
    CHECK(status::ReasonOf(refused) == ErrorReason::VALIDATION_FAILED);
    CHECK(FieldsOf(refused) == std::vector<std::string>{"duration_minutes"});
  }
  SECTION("The practitioner, in every part") {
    const std::string third = "018f0000-0000-7000-8000-000000000005";
    move.set_practitioner_id(third);
    CHECK(moved().practitioner_id.ToString() == third);
    CHECK(moved().allocations[0] == plan.allocations[0]);
    CHECK(moved().allocations[1].resource.ToString() == third);
    move.set_practitioner_id(kOther);
    CHECK(ParseMove(move, plan, absl::UTCTimeZone()).ok());
    v1::Appointment both = form;
    both.mutable_allocations(0)->set_duration_minutes(11);
    CHECK(FieldsOf(ParseMove(move, PlanOf(both), absl::UTCTimeZone()).status()) ==
          std::vector<std::string>{"practitioner_id"});
  }
  SECTION("All parts") {
    move.mutable_allocations();
    REQUIRE(moved().allocations.size() == 1);
    CHECK(moved().allocations[0].resource == plan.practitioner_id.uuid());
    CHECK(moved().allocations[0].duration_minutes == 30);
  }
  SECTION("To a time that does not exist") {
    move.set_local_start("2027-03-28T02:30");
    CHECK(status::ReasonOf(ParseMove(move, plan, Zone("Europe/Madrid")).status()) ==
          ErrorReason::NONEXISTENT_LOCAL_TIME);
    move.set_local_start("2027-02-29T02:30");
    CHECK(FieldsOf(ParseMove(move, plan, absl::UTCTimeZone()).status()) ==
          std::vector<std::string>{"local_start"});
  }
}

TEST_CASE("A visit takes the days that its buffers reach into", "[appointments][unit]") {
  using Days = std::vector<absl::CivilDay>;
  const absl::CivilDay first(2026, 2, 28);
  v1::Appointment form = Form();
  form.set_local_start("2026-02-28T00:10");

  form.set_buffer_before_minutes(10);
  CHECK(DaysOf(PlanOf(form)) == Days{first});
  form.set_buffer_before_minutes(11);
  CHECK(DaysOf(PlanOf(form)) == Days{first - 1, first});
  form.set_buffer_before_minutes(0);
  form.set_local_start("2026-02-28T23:00");
  form.set_buffer_after_minutes(29);
  CHECK(DaysOf(PlanOf(form)) == Days{first});
  form.set_buffer_after_minutes(30);
  CHECK(DaysOf(PlanOf(form)) == Days{first, first + 1});
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

TEST_CASE("The errors of appointments carry code and reason", "[appointments][unit]") {
  const auto [status, code, reason] = GENERATE(table<absl::Status, absl::StatusCode, ErrorReason>({
      {AppointmentNotFound(), absl::StatusCode::kNotFound, ErrorReason::APPOINTMENT_NOT_FOUND},
      {PatientNotFound(), absl::StatusCode::kNotFound, ErrorReason::PATIENT_NOT_FOUND},
      {PractitionerNotFound(), absl::StatusCode::kNotFound, ErrorReason::PRACTITIONER_NOT_FOUND},
      {PractitionerInactive(), absl::StatusCode::kFailedPrecondition,
       ErrorReason::PRACTITIONER_INACTIVE},
      {SlotTaken(), absl::StatusCode::kFailedPrecondition, ErrorReason::APPOINTMENT_SLOT_TAKEN},
      {SlotTaken("chair"), absl::StatusCode::kFailedPrecondition,
       ErrorReason::APPOINTMENT_SLOT_TAKEN},
      {DiariesOverlap(), absl::StatusCode::kFailedPrecondition, ErrorReason::DIARIES_OVERLAP},
      {HoldNotFound(), absl::StatusCode::kNotFound, ErrorReason::HOLD_NOT_FOUND},
      {OverbookingLimitReached(), absl::StatusCode::kFailedPrecondition,
       ErrorReason::OVERBOOKING_LIMIT_REACHED},
      {ExternalIdTaken(AppointmentId()), absl::StatusCode::kAlreadyExists,
       ErrorReason::APPOINTMENT_EXTERNAL_ID_TAKEN},
      {ChangedMeanwhile(), absl::StatusCode::kAborted, ErrorReason::CONFLICT_RETRY},
  }));

  CHECK(status.code() == code);
  CHECK(status::ReasonOf(status) == reason);
}

}  // namespace
}  // namespace clinicd::appointments
