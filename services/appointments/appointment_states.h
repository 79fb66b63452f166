// Which states an appointment goes through, by what, and when.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/appointments/appointment.h"

namespace clinicd::appointments {

// Arrival may be noted from this long before the start.
inline constexpr absl::Duration kArrivalLead = absl::Minutes(120);
// A patient who has not come this long after the start may be noted as a no-show.
inline constexpr absl::Duration kNoShowGrace = absl::Minutes(15);

// Until when a change is allowed.
enum class Latest { kAlways, kStart, kEnd, kEndOfDay };

// One way from some states to another. Kinds may have several.
struct Transition {
  EventKind kind = EventKind::kBooked;
  // Bits of states, by their number.
  unsigned from = 0;
  State to = State::kBooked;
  // Relative to the start.
  std::optional<absl::Duration> earliest;
  Latest latest = Latest::kAlways;

  bool StartsAt(State state) const { return (from >> static_cast<unsigned>(state) & 1U) != 0; }
};

// The ways of `kind`, the usual one first. Empty for kBooked and kClockChanged, which are no changes
// of an appointment's state.
std::vector<Transition> TransitionsOf(EventKind kind);

// Where `kind` leads from `state`; null where it is not allowed.
std::optional<Transition> TransitionFrom(State state, EventKind kind);

// The states that may follow `state`, in the order of State.
std::vector<State> StatesAfter(State state);

// Whether an appointment of that state takes its time.
bool Occupies(State state);

// When a transition is allowed, both ends included; none: no limit.
struct Window {
  std::optional<absl::Time> earliest;
  std::optional<absl::Time> latest;
};
// `zone` is the clinic's, whose day counts.
Window WindowOf(const Transition& transition, const Slot& slot, absl::TimeZone zone);

// The same, for the database: which slots may change now. Each bound is included.
struct SlotBounds {
  std::optional<absl::Time> starts_from;
  std::optional<absl::Time> starts_until;
  std::optional<absl::Time> ends_from;
};
SlotBounds BoundsOf(const Transition& transition, absl::Time now, absl::TimeZone zone);

// Why `kind` cannot happen to `appointment` now, in a call that expects `version`; OK if it can.
// Errors: ABORTED (ETAG_MISMATCH), then APPOINTMENT_ILLEGAL_TRANSITION, and then
// APPOINTMENT_OUTSIDE_ARRIVAL_WINDOW for arrivals, APPOINTMENT_TRANSITION_NOT_NOW for others.
absl::Status CheckTransition(const Appointment& appointment, EventKind kind,
                             std::optional<std::int64_t> version, absl::Time now,
                             absl::TimeZone zone);

// As the database and the audit log name them.
std::string_view NameOf(State state);
std::string_view NameOf(EventKind kind);
// What no such name is is kBooked: the database holds no other.
State StateOf(std::string_view name);
EventKind EventKindOf(std::string_view name);
// The states that `transition` starts at, by name, separated by spaces.
std::string NamesOfStarts(const Transition& transition);

}  // namespace clinicd::appointments
