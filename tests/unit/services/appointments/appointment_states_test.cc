#include "services/appointments/appointment_states.h"

#include <array>
#include <catch2/catch.hpp>
#include <set>

#include "common/status/error.h"
#include "services/appointments/appointment_convert.h"
#include "tests/unit/services/details.h"

namespace clinicd::appointments {
namespace {

using status::ErrorReason;
using testing::MetadataOf;

constexpr std::array kStates = {State::kBooked,    State::kConfirmed,     State::kArrived,
                                State::kInChair,   State::kCompleted,     State::kNoShow,
                                State::kCancelled, State::kEnteredInError};
constexpr std::array kKinds = {
    EventKind::kConfirmed, EventKind::kArrived,     EventKind::kSeated,
    EventKind::kCompleted, EventKind::kReopened,    EventKind::kNoShow,
    EventKind::kCancelled, EventKind::kRescheduled, EventKind::kEnteredInError};

absl::TimeZone Madrid() {
  absl::TimeZone zone;
  REQUIRE(absl::LoadTimeZone("Europe/Madrid", &zone));
  return zone;
}

absl::Time Utc(const std::string& text) {
  absl::Time time;
  std::string error;
  REQUIRE(absl::ParseTime(absl::RFC3339_sec, text, &time, &error));
  return time;
}

// From 9:00 to 9:30 in Madrid.
Appointment In(State state) {
  Appointment appointment;
  appointment.booking.plan.slot.starts_at = Utc("2027-03-01T08:00:00Z");
  appointment.booking.plan.slot.ends_at = Utc("2027-03-01T08:30:00Z");
  appointment.progress.state = state;
  appointment.row_version = 3;
  return appointment;
}

TEST_CASE("Appointments go from state to state as the table of the field says",
          "[appointments][unit]") {
  const std::set<std::tuple<State, EventKind, State>> expected = {
      {State::kBooked, EventKind::kConfirmed, State::kConfirmed},
      {State::kBooked, EventKind::kArrived, State::kArrived},
      {State::kConfirmed, EventKind::kArrived, State::kArrived},
      {State::kNoShow, EventKind::kArrived, State::kArrived},
      {State::kArrived, EventKind::kSeated, State::kInChair},
      {State::kInChair, EventKind::kCompleted, State::kCompleted},
      {State::kCompleted, EventKind::kReopened, State::kInChair},
      {State::kBooked, EventKind::kNoShow, State::kNoShow},
      {State::kConfirmed, EventKind::kNoShow, State::kNoShow},
      {State::kBooked, EventKind::kCancelled, State::kCancelled},
      {State::kConfirmed, EventKind::kCancelled, State::kCancelled},
      {State::kArrived, EventKind::kCancelled, State::kCancelled},
      {State::kBooked, EventKind::kRescheduled, State::kBooked},
      {State::kConfirmed, EventKind::kRescheduled, State::kBooked},
      {State::kBooked, EventKind::kEnteredInError, State::kEnteredInError},
      {State::kConfirmed, EventKind::kEnteredInError, State::kEnteredInError},
      {State::kArrived, EventKind::kEnteredInError, State::kEnteredInError},
      {State::kInChair, EventKind::kEnteredInError, State::kEnteredInError},
      {State::kCompleted, EventKind::kEnteredInError, State::kEnteredInError},
      {State::kNoShow, EventKind::kEnteredInError, State::kEnteredInError},
      {State::kCancelled, EventKind::kEnteredInError, State::kEnteredInError},
  };
  std::set<std::tuple<State, EventKind, State>> found;
  for (const State state : kStates) {
    for (const EventKind kind : kKinds) {
      if (const auto transition = TransitionFrom(state, kind)) {
        found.insert({state, kind, transition->to});
      }
    }
  }

  CHECK(found == expected);
}

TEST_CASE("A change that the state does not allow is refused with those it does",
          "[appointments][unit]") {
  const absl::Time now = Utc("2027-03-01T08:20:00Z");
  const auto [state, allowed] = GENERATE(table<State, std::string>({
      {State::kBooked,
       "STATE_CONFIRMED,STATE_ARRIVED,STATE_NO_SHOW,STATE_CANCELLED,"
       "STATE_ENTERED_IN_ERROR"},
      {State::kConfirmed, "STATE_ARRIVED,STATE_NO_SHOW,STATE_CANCELLED,STATE_ENTERED_IN_ERROR"},
      {State::kArrived, "STATE_IN_CHAIR,STATE_CANCELLED,STATE_ENTERED_IN_ERROR"},
      {State::kInChair, "STATE_COMPLETED,STATE_ENTERED_IN_ERROR"},
      {State::kCompleted, "STATE_IN_CHAIR,STATE_ENTERED_IN_ERROR"},
      {State::kNoShow, "STATE_ARRIVED,STATE_ENTERED_IN_ERROR"},
      {State::kCancelled, "STATE_ENTERED_IN_ERROR"},
      {State::kEnteredInError, ""},
  }));
  for (const EventKind kind : kKinds) {
    if (TransitionFrom(state, kind)) continue;
    const absl::Status refused = CheckTransition(In(state), kind, std::nullopt, now, Madrid());
    CHECK(absl::IsFailedPrecondition(refused));
    CHECK(status::ReasonOf(refused) == ErrorReason::APPOINTMENT_ILLEGAL_TRANSITION);
    CHECK(MetadataOf(refused, "state") == v1::Appointment::State_Name(ToProto(state)));
    CHECK(MetadataOf(refused, "allowed") == allowed);
  }
}

TEST_CASE("A change that expects another version is refused whatever the state",
          "[appointments][unit]") {
  const absl::Time now = Utc("2027-03-01T08:20:00Z");
  for (const State state : kStates) {
    const auto check = [state, now](std::int64_t version) {
      return CheckTransition(In(state), EventKind::kEnteredInError, version, now, Madrid());
    };
    CHECK(status::ReasonOf(check(2)) == ErrorReason::ETAG_MISMATCH);
    CHECK(status::ReasonOf(check(0)) == ErrorReason::ETAG_MISMATCH);
    CHECK(check(3).ok() == (state != State::kEnteredInError));
  }
}

TEST_CASE("Changes are allowed at their times, to the second", "[appointments][unit]") {
  const auto [state, kind, now, accepted] = GENERATE(table<State, EventKind, std::string, bool>({
      {State::kBooked, EventKind::kArrived, "2027-03-01T05:59:59Z", false},
      {State::kBooked, EventKind::kArrived, "2027-03-01T06:00:00Z", true},
      {State::kConfirmed, EventKind::kArrived, "2027-03-01T08:30:00Z", true},
      {State::kConfirmed, EventKind::kArrived, "2027-03-01T08:30:01Z", false},
      // Late, on the same day in Madrid.
      {State::kNoShow, EventKind::kArrived, "2027-03-01T22:59:59Z", true},
      {State::kNoShow, EventKind::kArrived, "2027-03-01T23:00:00Z", false},
      {State::kBooked, EventKind::kConfirmed, "2027-03-01T08:00:00Z", true},
      {State::kBooked, EventKind::kConfirmed, "2027-03-01T08:00:01Z", false},
      {State::kBooked, EventKind::kNoShow, "2027-03-01T08:14:59Z", false},
      {State::kBooked, EventKind::kNoShow, "2027-03-01T08:15:00Z", true},
      {State::kConfirmed, EventKind::kNoShow, "2027-03-08T08:15:00Z", true},
      {State::kCompleted, EventKind::kReopened, "2027-03-01T22:59:59Z", true},
      {State::kCompleted, EventKind::kReopened, "2027-03-01T23:00:00Z", false},
      {State::kArrived, EventKind::kSeated, "2027-03-02T23:00:00Z", true},
      {State::kBooked, EventKind::kCancelled, "2026-03-01T23:00:00Z", true},
      {State::kBooked, EventKind::kCancelled, "2028-03-01T23:00:00Z", true},
  }));
  CAPTURE(NameOf(state), NameOf(kind), now);
  const Appointment appointment = In(state);

  const absl::Status status = CheckTransition(appointment, kind, std::nullopt, Utc(now), Madrid());

  CHECK(status.ok() == accepted);
  if (!accepted) {
    CHECK(absl::IsFailedPrecondition(status));
    CHECK(status::ReasonOf(status) == (kind == EventKind::kArrived
                                           ? ErrorReason::APPOINTMENT_OUTSIDE_ARRIVAL_WINDOW
                                           : ErrorReason::APPOINTMENT_TRANSITION_NOT_NOW));
  }

  // The database is asked for the same.
  const SlotBounds bounds = BoundsOf(*TransitionFrom(state, kind), Utc(now), Madrid());
  const Slot& slot = appointment.booking.plan.slot;
  const bool within = (!bounds.starts_from || slot.starts_at >= *bounds.starts_from) &&
                      (!bounds.starts_until || slot.starts_at <= *bounds.starts_until) &&
                      (!bounds.ends_from || slot.ends_at >= *bounds.ends_from);
  CHECK(within == accepted);
}

TEST_CASE("A refusal for the time names the times", "[appointments][unit]") {
  const absl::Time now = Utc("2027-03-02T08:20:00Z");
  const auto check = [now](State state, EventKind kind) {
    return CheckTransition(In(state), kind, std::nullopt, now, Madrid());
  };
  const absl::Status arrival = check(State::kBooked, EventKind::kArrived);
  const absl::Status confirmation = check(State::kBooked, EventKind::kConfirmed);

  CHECK(MetadataOf(arrival, "earliest_time") == "2027-03-01T06:00:00Z");
  CHECK(MetadataOf(arrival, "latest_time") == "2027-03-01T08:30:00Z");
  CHECK(MetadataOf(confirmation, "latest_time") == "2027-03-01T08:00:00Z");
}

TEST_CASE("Names of states and events lead back to them", "[appointments][unit]") {
  for (const State state : kStates) CHECK(StateOf(NameOf(state)) == state);
  for (const EventKind kind : kKinds) CHECK(EventKindOf(NameOf(kind)) == kind);
  CHECK(NamesOfStarts(*TransitionFrom(State::kConfirmed, EventKind::kNoShow)) ==
        "booked confirmed");
}

TEST_CASE("What is called off, or did not happen, takes no time", "[appointments][unit]") {
  for (const State state : kStates) {
    CHECK(Occupies(state) == (state != State::kCancelled && state != State::kNoShow &&
                              state != State::kEnteredInError));
  }
}

TEST_CASE("An appointment is shown with what belongs to its state", "[appointments][unit]") {
  Appointment appointment = In(State::kCancelled);
  appointment.progress.arrived_at = Utc("2027-03-01T07:55:00Z");
  appointment.progress.cancellation = Cancellation{.time = Utc("2027-03-01T08:05:00Z"),
                                                   .by = CancelledBy::kPatient,
                                                   .reason = "left",
                                                   .late = true};
  const v1::Appointment booked = ToProto(In(State::kBooked));
  const v1::Appointment cancelled = ToProto(appointment);

  CHECK(booked.state() == v1::Appointment::STATE_BOOKED);
  CHECK_FALSE(booked.has_arrive_time());
  CHECK_FALSE(booked.has_cancel_time());
  CHECK(cancelled.has_arrive_time());
  CHECK(cancelled.cancelled_by() == v1::CANCELLED_BY_PATIENT);
  CHECK(cancelled.cancel_reason() == "left");
  CHECK(cancelled.cancelled_late());
  CHECK(cancelled.etag() == "\"3\"");
}

}  // namespace
}  // namespace clinicd::appointments
