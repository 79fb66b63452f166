// Calls that the staff of a clinic makes to the visits and holds of its diaries, what they were
// told, and the rules of the domain for them, apart from the server's.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/diary_history.h"

namespace clinicd::testing {

enum class DeskVerb {
  kBook,
  kOverbook,
  // Books with a hold, which ends.
  kBookHeld,
  kMove,
  kConfirm,
  kArrive,
  kSeat,
  kComplete,
  kReopen,
  kNoShow,
  kCancel,
  kEnterInError,
  kRead,
  kHold,
  kRelease
};
inline constexpr int kDeskVerbs = 15;
std::string_view NameOf(DeskVerb verb);

enum class DeskOutcome {
  kDone,
  // Refused: something is taken.
  kTaken,
  // Refused: something is taken in every lane.
  kNoLane,
  // Refused: the visit has another version than the one named.
  kStale,
  // Refused: not from the state it is in.
  kIllegal,
  // Refused: not at this time.
  kNotNow,
  // Refused: there is no such hold for who asked.
  kNoHold
};
std::string_view NameOf(DeskOutcome outcome);

// The domain's rules, by the words that the database has for states and events.

// The kind of event that `verb` leaves; empty: none, it changes no visit.
std::string_view EventOf(DeskVerb verb);
// The state that `verb` leads to; a confirmed visit that is moved within its time stays confirmed.
std::string_view StateAfter(DeskVerb verb);
// Whether a visit in `state` may be changed by `verb`.
bool MayChange(std::string_view state, DeskVerb verb);
// Whether a visit in `state` takes its time.
bool TakesTime(std::string_view state);
bool BooksVisit(DeskVerb verb);
bool ChangesVisit(DeskVerb verb);
bool EndsHold(DeskVerb verb);

// When a visit of that state and time may be changed, in seconds, ends included.
struct TimeWindow {
  std::int64_t begin = std::numeric_limits<std::int64_t>::min();
  std::int64_t end = std::numeric_limits<std::int64_t>::max();
};
TimeWindow WindowOf(DeskVerb verb, std::string_view state, const Minutes& minutes);

// A part of the time of one resource, buffers included. Minutes are counted from a midnight.
struct DeskPart {
  int resource = 0;
  Minutes minutes = {};
  // Patients are in lane 0, whatever the lane of the visit is.
  bool patient = false;

  friend bool operator==(const DeskPart&, const DeskPart&) = default;
};

// What a visit or hold takes: its time without buffers, and all parts.
struct DeskPlace {
  Minutes minutes = {};
  std::vector<DeskPart> parts = {};

  friend bool operator==(const DeskPlace&, const DeskPlace&) = default;
};

// A call by a member of the staff. Ticks are of one clock that all share; the server's clock is in
// seconds from the midnight that minutes are counted from.
struct DeskCall {
  DeskVerb verb = DeskVerb::kBook;
  DeskOutcome outcome = DeskOutcome::kDone;
  std::int64_t invoked = 0;
  std::int64_t responded = 0;
  // The server looked at its clock in between, ends included.
  std::int64_t clock_begin = 0;
  std::int64_t clock_end = 0;
  int member = 0;
  // From 1. Each booking is of a visit of its own; 0 of holds and releases.
  int visit = 0;
  // From 1. Of kHold, kRelease and kBookHeld; else 0.
  int hold = 0;
  // The version that the call named; 0: any.
  std::int64_t expected = 0;
  // Of kMove and all that takes time anew.
  std::optional<DeskPlace> wanted = {};

  // What was told: of visits after kDone.
  std::int64_t version = 0;
  std::string state = {};
  int lane = 0;
  DeskPlace place = {};
  // Of kHold after kDone.
  std::int64_t expires = 0;
};

// For faults.
std::string TextOf(const DeskCall& call);

}  // namespace clinicd::testing
