#include "tests/support/desk_calls.h"

#include <array>
#include <sstream>

namespace clinicd::testing {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kDay = 24 * 60 * kMinute;

// What a verb does to a visit, as the domain has it.
struct Rule {
  DeskVerb verb;
  std::string_view name;
  // Of the event; empty: none.
  std::string_view event;
  // States with spaces around.
  std::string_view from;
  std::string_view to;
};

constexpr std::array<Rule, kDeskVerbs> kRules = {{
    {DeskVerb::kBook, "book", "booked", "", "booked"},
    {DeskVerb::kOverbook, "overbook", "booked", "", "booked"},
    {DeskVerb::kBookHeld, "book held", "booked", "", "booked"},
    // Confirmed stays so where the time does.
    {DeskVerb::kMove, "move", "rescheduled", " booked confirmed ", "booked"},
    {DeskVerb::kConfirm, "confirm", "confirmed", " booked ", "confirmed"},
    {DeskVerb::kArrive, "arrive", "arrived", " booked confirmed no_show ", "arrived"},
    {DeskVerb::kSeat, "seat", "seated", " arrived ", "in_chair"},
    {DeskVerb::kComplete, "complete", "completed", " in_chair ", "completed"},
    {DeskVerb::kReopen, "reopen", "reopened", " completed ", "in_chair"},
    {DeskVerb::kNoShow, "no-show", "no_show", " booked confirmed ", "no_show"},
    {DeskVerb::kCancel, "cancel", "cancelled", " booked confirmed arrived ", "cancelled"},
    {DeskVerb::kEnterInError, "enter in error", "entered_in_error",
     " booked confirmed arrived in_chair completed no_show cancelled ", "entered_in_error"},
    {DeskVerb::kRead, "read", "", "", ""},
    {DeskVerb::kHold, "hold", "", "", ""},
    {DeskVerb::kRelease, "release", "", "", ""},
}};

constexpr std::array<std::string_view, 7> kOutcomeNames = {"done",    "taken",   "no lane", "stale",
                                                           "illegal", "not now", "no hold"};

const Rule& RuleOf(DeskVerb verb) { return kRules.at(static_cast<std::size_t>(verb)); }

}  // namespace

std::string_view NameOf(DeskVerb verb) { return RuleOf(verb).name; }

std::string_view NameOf(DeskOutcome outcome) {
  return kOutcomeNames.at(static_cast<std::size_t>(outcome));
}

std::string_view EventOf(DeskVerb verb) { return RuleOf(verb).event; }

std::string_view StateAfter(DeskVerb verb) { return RuleOf(verb).to; }

bool MayChange(std::string_view state, DeskVerb verb) {
  return RuleOf(verb).from.find(" " + std::string(state) + " ") != std::string_view::npos;
}

bool TakesTime(std::string_view state) {
  return state != "no_show" && state != "cancelled" && state != "entered_in_error";
}

bool BooksVisit(DeskVerb verb) { return verb <= DeskVerb::kBookHeld; }

bool ChangesVisit(DeskVerb verb) { return !EventOf(verb).empty(); }

bool EndsHold(DeskVerb verb) { return verb == DeskVerb::kBookHeld || verb == DeskVerb::kRelease; }

TimeWindow WindowOf(DeskVerb verb, std::string_view state, const Minutes& minutes) {
  const std::int64_t start = minutes.begin * kMinute;
  const std::int64_t day_end = (start / kDay + 1) * kDay - 1;
  TimeWindow window;
  if (verb == DeskVerb::kConfirm) window.end = start;
  if (verb == DeskVerb::kReopen) window.end = day_end;
  if (verb == DeskVerb::kNoShow) window.begin = start + 15 * kMinute;
  if (verb == DeskVerb::kArrive) {
    window.begin = start - 120 * kMinute;
    window.end = state == "no_show" ? day_end : minutes.end * kMinute;
  }
  return window;
}

std::string TextOf(const DeskCall& call) {
  std::ostringstream text;
  text << NameOf(call.verb) << " " << NameOf(call.outcome) << " [" << call.invoked << ", "
       << call.responded << "] by " << call.member;
  if (call.visit != 0) text << " of visit " << call.visit;
  if (call.hold != 0) text << " of hold " << call.hold;
  if (call.expected != 0) text << " expecting " << call.expected;
  if (call.version != 0) text << ", told version " << call.version << " " << call.state;
  return text.str();
}

}  // namespace clinicd::testing
