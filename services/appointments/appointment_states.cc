#include "services/appointments/appointment_states.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/etag.h"
#include "services/appointments/appointment_errors.h"
#include "services/appointments/appointment_rules.h"

namespace clinicd::appointments {
namespace {

constexpr unsigned Bit(State state) { return 1U << static_cast<unsigned>(state); }

constexpr unsigned kExpected = Bit(State::kBooked) | Bit(State::kConfirmed);
constexpr unsigned kInDiary = kExpected | Bit(State::kArrived) | Bit(State::kInChair) |
                              Bit(State::kCompleted) | Bit(State::kNoShow) | Bit(State::kCancelled);

const std::array<Transition, 10>& Table() {
  static const std::array<Transition, 10> table = {{
      {EventKind::kConfirmed, Bit(State::kBooked), State::kConfirmed, {}, Latest::kStart},
      {EventKind::kArrived, kExpected, State::kArrived, -kArrivalLead, Latest::kEnd},
      {EventKind::kArrived, Bit(State::kNoShow), State::kArrived, -kArrivalLead, Latest::kEndOfDay},
      {EventKind::kSeated, Bit(State::kArrived), State::kInChair, {}, Latest::kAlways},
      {EventKind::kCompleted, Bit(State::kInChair), State::kCompleted, {}, Latest::kAlways},
      {EventKind::kReopened, Bit(State::kCompleted), State::kInChair, {}, Latest::kEndOfDay},
      {EventKind::kNoShow, kExpected, State::kNoShow, kNoShowGrace, Latest::kAlways},
      {EventKind::kCancelled,
       kExpected | Bit(State::kArrived),
       State::kCancelled,
       {},
       Latest::kAlways},
      {EventKind::kRescheduled, kExpected, State::kBooked, {}, Latest::kAlways},
      {EventKind::kEnteredInError, kInDiary, State::kEnteredInError, {}, Latest::kAlways},
  }};
  return table;
}

constexpr std::array<std::pair<State, std::string_view>, 8> kStateNames = {{
    {State::kBooked, "booked"},
    {State::kConfirmed, "confirmed"},
    {State::kArrived, "arrived"},
    {State::kInChair, "in_chair"},
    {State::kCompleted, "completed"},
    {State::kNoShow, "no_show"},
    {State::kCancelled, "cancelled"},
    {State::kEnteredInError, "entered_in_error"},
}};

constexpr std::array<std::pair<EventKind, std::string_view>, 11> kEventNames = {{
    {EventKind::kBooked, "booked"},
    {EventKind::kConfirmed, "confirmed"},
    {EventKind::kArrived, "arrived"},
    {EventKind::kSeated, "seated"},
    {EventKind::kCompleted, "completed"},
    {EventKind::kReopened, "reopened"},
    {EventKind::kNoShow, "no_show"},
    {EventKind::kCancelled, "cancelled"},
    {EventKind::kRescheduled, "rescheduled"},
    {EventKind::kEnteredInError, "entered_in_error"},
    {EventKind::kClockChanged, "clock_changed"},
}};

template <typename Names, typename Value>
std::string_view NameIn(const Names& names, Value value) {
  return std::ranges::find(names, value, &Names::value_type::first)->second;
}

template <typename Names>
auto ValueIn(const Names& names, std::string_view name) {
  const auto found = std::ranges::find(names, name, &Names::value_type::second);
  return found == names.end() ? names.front().first : found->first;
}

absl::Time EndOfDay(absl::Time time, absl::TimeZone zone) {
  return InstantsOf(absl::ToCivilDay(time, zone), zone).end - absl::Microseconds(1);
}

}  // namespace

std::vector<Transition> TransitionsOf(EventKind kind) {
  std::vector<Transition> found;
  std::ranges::copy_if(Table(), std::back_inserter(found),
                       [kind](const Transition& each) { return each.kind == kind; });
  return found;
}

std::optional<Transition> TransitionFrom(State state, EventKind kind) {
  for (const Transition& each : Table()) {
    if (each.kind == kind && each.StartsAt(state)) return each;
  }
  return std::nullopt;
}

std::vector<State> StatesAfter(State state) {
  std::vector<State> after;
  for (const auto& [to, name] : kStateNames) {
    const bool leads = std::ranges::any_of(Table(), [state, to = to](const Transition& each) {
      return each.to == to && to != state && each.StartsAt(state) &&
             each.kind != EventKind::kRescheduled;
    });
    if (leads) after.push_back(to);
  }
  return after;
}

bool Occupies(State state) {
  return state != State::kNoShow && state != State::kCancelled && state != State::kEnteredInError;
}

Window WindowOf(const Transition& transition, const Slot& slot, absl::TimeZone zone) {
  Window window;
  if (transition.earliest) window.earliest = slot.starts_at + *transition.earliest;
  switch (transition.latest) {
    case Latest::kAlways:
      break;
    case Latest::kStart:
      window.latest = slot.starts_at;
      break;
    case Latest::kEnd:
      window.latest = slot.ends_at;
      break;
    case Latest::kEndOfDay:
      window.latest = EndOfDay(slot.starts_at, zone);
      break;
  }
  return window;
}

SlotBounds BoundsOf(const Transition& transition, absl::Time now, absl::TimeZone zone) {
  SlotBounds bounds;
  if (transition.earliest) bounds.starts_until = now - *transition.earliest;
  switch (transition.latest) {
    case Latest::kAlways:
      break;
    case Latest::kStart:
      bounds.starts_from = now;
      break;
    case Latest::kEnd:
      bounds.ends_from = now;
      break;
    case Latest::kEndOfDay:
      bounds.starts_from = InstantsOf(absl::ToCivilDay(now, zone), zone).begin;
      break;
  }
  return bounds;
}

absl::Status CheckTransition(const Appointment& appointment, EventKind kind,
                             std::optional<std::int64_t> version, absl::Time now,
                             absl::TimeZone zone) {
  if (version && *version != appointment.row_version) return rpc::EtagMismatch();
  const State state = appointment.progress.state;
  const std::optional<Transition> transition = TransitionFrom(state, kind);
  if (!transition) return IllegalTransition(state);
  const Window window = WindowOf(*transition, appointment.booking.plan.slot, zone);
  if ((window.earliest && now < *window.earliest) || (window.latest && now > *window.latest)) {
    return kind == EventKind::kArrived ? OutsideArrivalWindow(window) : TransitionNotNow(window);
  }
  return absl::OkStatus();
}

std::string_view NameOf(State state) { return NameIn(kStateNames, state); }
std::string_view NameOf(EventKind kind) { return NameIn(kEventNames, kind); }
State StateOf(std::string_view name) { return ValueIn(kStateNames, name); }
EventKind EventKindOf(std::string_view name) { return ValueIn(kEventNames, name); }

std::string NamesOfStarts(const Transition& transition) {
  std::string names;
  for (const auto& [state, name] : kStateNames) {
    if (transition.StartsAt(state)) {
      absl::StrAppend(&names, names.empty() ? "" : " ", std::string(name));
    }
  }
  return names;
}

}  // namespace clinicd::appointments
