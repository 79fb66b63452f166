#include "tests/support/visit_ledger.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace clinicd::testing {
namespace {

constexpr int kPractitioner = 0;
constexpr int kPatient = 5;
constexpr std::int64_t kMinute = 60;

// From 600 to 630, with a practitioner and a patient, unless told otherwise.
DeskPlace At(int begin = 600, int resource = kPractitioner, int patient = kPatient) {
  const Minutes minutes{begin, begin + 30};
  return {.minutes = minutes,
          .parts = {{.resource = resource, .minutes = minutes},
                    {.resource = patient, .minutes = minutes, .patient = true}}};
}

// Everybody's calls and what the database then holds, without a mistake; tests plant one.
struct Day {
  std::vector<DeskCall> calls;
  DeskFacts facts;

  // One call after the other, at the minute `clock`.
  DeskCall& Call(DeskCall call, int clock = 600) {
    call.invoked = 2 * static_cast<std::int64_t>(calls.size());
    call.responded = call.invoked + 1;
    call.clock_begin = call.clock_end = clock * kMinute;
    if (call.member == 0) call.member = 1;
    calls.push_back(call);
    return calls.back();
  }

  // What was done to a visit, with its event.
  DeskCall& Done(DeskVerb verb, int visit, const DeskPlace& place, std::string state,
                 int clock = 600) {
    const std::int64_t version = ++facts.visits[visit].version;
    facts.visits[visit].state = state;
    DeskCall& call = Call(
        {.verb = verb, .visit = visit, .version = version, .state = state, .place = place}, clock);
    facts.events.push_back({.visit = visit,
                            .version = version,
                            .kind = std::string(EventOf(verb)),
                            .state = state,
                            .start = place.minutes.begin,
                            .member = call.member});
    std::ranges::stable_sort(facts.events, {}, &DeskFacts::Event::visit);
    std::erase_if(facts.parts, [visit](const auto& part) { return part.visit == visit; });
    for (const DeskPart& part : place.parts) {
      facts.parts.push_back({.visit = visit,
                             .resource = part.resource,
                             .minutes = part.minutes,
                             .active = TakesTime(state)});
    }
    return call;
  }

  DeskCall& Booked(int visit, const DeskPlace& place = At()) {
    return Done(DeskVerb::kBook, visit, place, "booked");
  }

  DeskCall& Held(int hold, int member, DeskPlace place = At()) {
    place.parts.pop_back();
    facts.holds.insert(hold);
    for (const DeskPart& part : place.parts) {
      facts.parts.push_back(
          {.hold = hold, .resource = part.resource, .minutes = part.minutes, .active = true});
    }
    return Call({.verb = DeskVerb::kHold,
                 .member = member,
                 .hold = hold,
                 .place = place,
                 .expires = 605 * kMinute});
  }

  void Ended(int hold) {
    facts.holds.erase(hold);
    std::erase_if(facts.parts, [hold](const auto& part) { return part.hold == hold; });
  }

  DeskCall& Refused(DeskVerb verb, DeskOutcome outcome, int visit, int clock = 600) {
    return Call({.verb = verb, .outcome = outcome, .visit = visit}, clock);
  }

  std::vector<std::string> Faults() const { return FaultsOf(calls, facts); }
  // Whether a fault is found that says `what`.
  bool Has(std::string_view what) const {
    return std::ranges::any_of(Faults(), [what](const std::string& fault) {
      return fault.find(what) != std::string::npos;
    });
  }
};

constexpr auto kTaken = DeskOutcome::kTaken;

TEST_CASE("A day as it should be has no faults", "[support][unit]") {
  Day day;
  day.Booked(1);
  day.Booked(2, At(630));
  day.Done(DeskVerb::kConfirm, 1, At(), "confirmed");
  day.Done(DeskVerb::kNoShow, 1, At(), "no_show", 620);
  day.Refused(DeskVerb::kBook, kTaken, 3).wanted = At(640);
  day.Booked(4);
  day.Refused(DeskVerb::kArrive, kTaken, 1, 625);
  day.Held(1, 2, At(700));
  day.Refused(DeskVerb::kRelease, DeskOutcome::kNoHold, 0).hold = 1;

  CHECK(day.Faults() == std::vector<std::string>());
}

TEST_CASE("What is live twice is found, in the database and in what was told", "[support][unit]") {
  Day day;
  day.Booked(1);
  day.Booked(2, At(615, kPractitioner, kPatient + 1));

  CHECK(day.Has("live twice"));
  CHECK(day.Has("taken twice in the database"));
  CHECK_FALSE(day.Has("nobody was told"));
}

TEST_CASE("What was live twice for a while is found, though it is over", "[support][unit]") {
  Day day;
  day.Booked(1);
  day.Booked(2, At(615, kPractitioner, kPatient + 1));
  day.Done(DeskVerb::kCancel, 1, At(), "cancelled");

  CHECK(day.Has("live twice"));
  CHECK_FALSE(day.Has("taken twice in the database"));
}

TEST_CASE("Two may follow each other in any order that their calls allow", "[support][unit]") {
  Day day;
  day.Booked(1);
  day.Done(DeskVerb::kCancel, 1, At(), "cancelled");
  day.Booked(2);
  REQUIRE(day.Faults().empty());

  // The booking had its answer before the other was cancelled, or was called at the same time.
  std::swap(day.calls[1].invoked, day.calls[2].invoked);
  CHECK(day.Faults().empty());
  std::swap(day.calls[1].responded, day.calls[2].responded);
  CHECK(day.Has("live twice"));
}

TEST_CASE("Nobody books over another's hold until it ends", "[support][unit]") {
  Day day;
  day.Held(1, 2);
  day.Ended(1);
  DeskCall& over = day.Booked(1);

  CHECK(day.Has("live twice"));
  over.clock_begin = over.clock_end = 605 * kMinute;
  CHECK(day.Faults().empty());
}

TEST_CASE("A hold is used once, by its member, in time", "[support][unit]") {
  Day day;
  day.Held(1, 2);
  day.Ended(1);
  DeskCall& booked = day.Done(DeskVerb::kBookHeld, 1, At(), "booked");
  booked.hold = 1;
  booked.member = 2;
  day.facts.events.back().member = 2;
  REQUIRE(day.Faults().empty());

  SECTION("by another") {
    day.calls[1].member = 3;
    CHECK(day.Has("not theirs"));
  }
  SECTION("late") {
    day.calls[1].clock_begin = day.calls[1].clock_end = 605 * kMinute;
    CHECK(day.Has("not theirs"));
  }
  SECTION("twice") {
    day.Call({.verb = DeskVerb::kRelease, .member = 2, .hold = 1});
    CHECK(day.Has("hold used twice"));
  }
  SECTION("refused to whom it is") {
    day.calls[1].outcome = DeskOutcome::kNoHold;
    CHECK(day.Has("refused for nothing"));
  }
}

TEST_CASE("What was told and is gone, and what is there untold, are found", "[support][unit]") {
  Day day;
  day.Booked(1);
  day.Booked(2, At(700));
  day.Held(1, 1, At(800));
  REQUIRE(day.Faults().empty());

  SECTION("a visit is lost") {
    day.facts.visits.erase(1);
    std::erase_if(day.facts.events, [](const auto& event) { return event.visit == 1; });
    std::erase_if(day.facts.parts, [](const auto& part) { return part.visit == 1; });
    CHECK(day.Has("told, but no event"));
    CHECK(day.Has("not as it was told last"));
    CHECK(day.Has("told, but not taken"));
  }
  SECTION("nobody was told of a visit") {
    day.calls.erase(day.calls.begin());
    CHECK(day.Has("event that nobody was told of"));
    CHECK(day.Has("nobody was told of: visit 1"));
    CHECK(day.Has("not taken so by what was told"));
  }
  SECTION("a visit stands elsewhere") {
    day.facts.parts[0].minutes.end += 5;
    CHECK(day.Has("not taken so by what was told"));
    CHECK(day.Has("told, but not taken"));
  }
  SECTION("a hold is lost") {
    day.Ended(1);
    CHECK(day.Has("hold is lost"));
  }
  SECTION("a hold is there that has ended") {
    day.Call({.verb = DeskVerb::kRelease, .hold = 1});
    CHECK(day.Has("hold has not ended"));
  }
}

TEST_CASE("Every step is one of the domain, told once to who made it", "[support][unit]") {
  Day day;
  day.Booked(1);
  day.Done(DeskVerb::kArrive, 1, At(), "arrived");
  day.Done(DeskVerb::kSeat, 1, At(), "in_chair");
  REQUIRE(day.Faults().empty());

  SECTION("a step is left out") {
    day.facts.events.erase(day.facts.events.begin() + 1);
    CHECK(day.Has("no legal step"));
    CHECK(day.Has("told, but no event"));
  }
  SECTION("a step is illegal") {
    day.Done(DeskVerb::kCancel, 1, At(), "cancelled");
    CHECK(day.Has("no legal step"));
  }
  SECTION("another's step") {
    day.facts.events[1].member = 9;
    CHECK(day.Has("event that nobody was told of"));
  }
  SECTION("one version for two") {
    day.calls.push_back(day.calls.back());
    CHECK(day.Has("version told twice"));
  }
  SECTION("a state that no event made") {
    day.facts.visits[1].state = "completed";
    CHECK(day.Has("not what its last event made it"));
  }
  SECTION("another version than the one named") {
    day.calls[2].expected = 1;
    CHECK(day.Has("changed another version"));
  }
  SECTION("when it may not be") {
    day.calls[1].clock_begin = day.calls[1].clock_end = 479 * kMinute;
    CHECK(day.Has("not at this time"));
  }
}

TEST_CASE("A confirmed visit that is moved in time is booked again", "[support][unit]") {
  Day day;
  day.Booked(1);
  day.Done(DeskVerb::kConfirm, 1, At(), "confirmed");
  day.Done(DeskVerb::kMove, 1, At(600, kPractitioner + 1), "confirmed");
  day.Done(DeskVerb::kMove, 1, At(630), "booked");
  REQUIRE(day.Faults().empty());

  day.Done(DeskVerb::kConfirm, 1, At(630), "confirmed");
  day.Done(DeskVerb::kMove, 1, At(660), "confirmed");
  CHECK(day.Has("no legal step"));
}

TEST_CASE("What is refused must have something that it was for", "[support][unit]") {
  Day day;
  day.Booked(1);

  SECTION("a time that is free") {
    day.Refused(DeskVerb::kBook, kTaken, 2).wanted = At(630);
    CHECK(day.Has("refused for nothing"));
  }
  SECTION("a time that others have in their own lane") {
    day.calls[0].verb = DeskVerb::kOverbook;
    day.calls[0].lane = 1;
    day.Refused(DeskVerb::kBook, kTaken, 2).wanted = At(600, kPractitioner, kPatient + 1);
    CHECK(day.Has("refused for nothing"));
  }
  SECTION("lanes that are free") {
    day.Refused(DeskVerb::kOverbook, DeskOutcome::kNoLane, 2).wanted = At();
    CHECK(day.Has("refused for nothing"));
  }
  SECTION("a version that is the last") {
    day.Refused(DeskVerb::kCancel, DeskOutcome::kStale, 1).expected = 1;
    CHECK(day.Has("refused for nothing"));
  }
  SECTION("a state from which it is legal") {
    day.Refused(DeskVerb::kCancel, DeskOutcome::kIllegal, 1);
    CHECK(day.Has("refused for nothing"));
  }
  SECTION("a time at which it may be") {
    day.Refused(DeskVerb::kNoShow, DeskOutcome::kNotNow, 1, 615);
    CHECK(day.Has("refused for nothing"));
  }
}

TEST_CASE("Who overbooks goes over something", "[support][unit]") {
  Day day;
  DeskCall& call = day.Done(DeskVerb::kOverbook, 1, At(), "booked");
  call.wanted = At();
  REQUIRE(day.Faults().empty());

  call.lane = 1;
  CHECK(day.Has("over nothing"));
}

TEST_CASE("A read shows what was so while it was made", "[support][unit]") {
  Day day;
  day.Booked(1);
  day.Done(DeskVerb::kConfirm, 1, At(), "confirmed");
  DeskCall& read = day.Call(
      {.verb = DeskVerb::kRead, .visit = 1, .version = 2, .state = "confirmed", .place = At()});
  REQUIRE(day.Faults().empty());

  read.version = 1;
  read.state = "booked";
  CHECK(day.Has("read what was not so"));
  // It may have looked before.
  read.invoked = day.calls[1].responded;
  CHECK(day.Faults().empty());
}

}  // namespace
}  // namespace clinicd::testing
