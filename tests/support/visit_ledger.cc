#include "tests/support/visit_ledger.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "tests/support/visit_claims.h"
#include "tests/support/visit_stories.h"

namespace clinicd::testing {
namespace {

bool Overlap(const Minutes& one, const Minutes& other) {
  return one.begin < other.end && other.begin < one.end;
}

// Holds what the database holds against what was told.
class Ledger final {
 public:
  Ledger(const std::vector<DeskCall>& calls, const VisitStories& stories, const DeskFacts& facts)
      : stories_(stories), facts_(facts) {
    for (const DeskCall& call : calls) latest_ = std::max(latest_, call.clock_end);
  }

  std::vector<std::string> Faults() {
    CheckEvents();
    CheckFactsApart();
    CheckFactsTold();
    return std::move(faults_);
  }

 private:
  void Fault(const std::string& what, const std::string& where) {
    faults_.push_back(what + ": " + where);
  }

  static std::string Where(const DeskFacts::Event& event) {
    return event.kind + " of visit " + std::to_string(event.visit) + ", version " +
           std::to_string(event.version) + ", " + event.state;
  }

  void CheckEvents() {
    std::map<std::pair<int, std::int64_t>, const DeskFacts::Event*> events;
    const DeskFacts::Event* before = nullptr;
    for (const DeskFacts::Event& event : facts_.events) {
      if (before != nullptr && before->visit != event.visit) before = nullptr;
      if (!IsStep(before, event)) Fault("no legal step", Where(event));
      if (!IsTold(event)) Fault("event that nobody was told of so", Where(event));
      events.emplace(std::pair(event.visit, event.version), &event);
      before = &event;
    }
    for (const auto& [number, story] : stories_.visits()) {
      for (const auto& [version, call] : story) {
        if (!events.contains({number, version})) Fault("told, but no event", TextOf(*call));
      }
    }
    for (const auto& [number, visit] : facts_.visits) {
      const auto last = events.find({number, visit.version});
      const bool is_last = last != events.end() && !events.contains({number, visit.version + 1});
      if (!is_last || last->second->state != visit.state) {
        Fault("not what its last event made it", "visit " + std::to_string(number));
      }
    }
  }

  // Whether the domain lets `event` follow `before`, null where it is the first of its visit.
  static bool IsStep(const DeskFacts::Event* before, const DeskFacts::Event& event) {
    const std::int64_t version = before == nullptr ? 1 : before->version + 1;
    if (event.version != version) return false;
    for (int number = 0; number < kDeskVerbs; ++number) {
      const auto verb = static_cast<DeskVerb>(number);
      if (EventOf(verb) != event.kind) continue;
      if (BooksVisit(verb)) return before == nullptr && event.state == StateAfter(verb);
      if (before == nullptr || !MayChange(before->state, verb)) return false;
      const bool stays = verb == DeskVerb::kMove && event.start == before->start;
      return event.state == (stays ? before->state : StateAfter(verb));
    }
    return false;
  }

  bool IsTold(const DeskFacts::Event& event) const {
    const DeskCall* const call = stories_.Told(event.visit, event.version);
    return call != nullptr && EventOf(call->verb) == event.kind && call->state == event.state &&
           call->place.minutes.begin == event.start && call->member == event.member;
  }

  static std::string Where(const DeskFacts::Part& part) {
    return "visit " + std::to_string(part.visit) + " hold " + std::to_string(part.hold) +
           " resource " + std::to_string(part.resource) + " lane " + std::to_string(part.lane) +
           " at " + std::to_string(part.minutes.begin) + "-" + std::to_string(part.minutes.end);
  }

  void CheckFactsApart() {
    std::map<std::pair<int, int>, std::vector<const DeskFacts::Part*>> live;
    for (const DeskFacts::Part& part : facts_.parts) {
      if (part.active) live[{part.resource, part.lane}].push_back(&part);
    }
    for (auto& [key, parts] : live) {
      std::ranges::sort(parts, {}, [](const DeskFacts::Part* each) { return each->minutes.begin; });
      const DeskFacts::Part* last = nullptr;
      for (const DeskFacts::Part* const part : parts) {
        if (last != nullptr && Overlap(last->minutes, part->minutes)) {
          Fault("taken twice in the database", Where(*last) + "; " + Where(*part));
        }
        if (last == nullptr || part->minutes.end > last->minutes.end) last = part;
      }
    }
  }

  // A part, in the order of all that it says.
  using PartKey = std::tuple<int, int, int, int, int, bool>;

  static PartKey KeyOf(const DeskFacts::Part& part) {
    return {part.visit != 0 ? part.visit : -part.hold,
            part.resource,
            part.lane,
            part.minutes.begin,
            part.minutes.end,
            part.active};
  }

  // What the database holds is what was told last, nothing more and nothing less.
  void CheckFactsTold() {
    std::multiset<PartKey> expected;
    for (const auto& [visit, story] : stories_.visits()) {
      const DeskCall& last = *story.rbegin()->second;
      for (const DeskPart& part : last.place.parts) {
        expected.insert({visit, part.resource, LaneOf(part, last.lane), part.minutes.begin,
                         part.minutes.end, TakesTime(last.state)});
      }
      const auto found = facts_.visits.find(visit);
      const bool is_there = found != facts_.visits.end() && found->second.version == last.version &&
                            found->second.state == last.state;
      if (!is_there) Fault("not as it was told last", TextOf(last));
    }
    for (const auto& [visit, found] : facts_.visits) {
      if (!stories_.visits().contains(visit))
        Fault("nobody was told of", "visit " + std::to_string(visit));
    }
    for (const int hold : facts_.holds) {
      if (!stories_.holds().contains(hold))
        Fault("nobody was told of", "hold " + std::to_string(hold));
      if (stories_.hold_ends().contains(hold)) Fault("hold has not ended", std::to_string(hold));
    }
    for (const auto& [hold, call] : stories_.holds()) {
      if (!IsToBeThere(hold, *call)) continue;
      for (const DeskPart& part : call->place.parts) {
        expected.insert({-hold, part.resource, 0, part.minutes.begin, part.minutes.end, true});
      }
    }
    CompareParts(expected);
  }

  // What has expired is there until somebody needs its time.
  bool IsToBeThere(int hold, const DeskCall& call) {
    if (stories_.hold_ends().contains(hold)) return false;
    const bool is_there = facts_.holds.contains(hold);
    if (!is_there && latest_ < call.expires) Fault("hold is lost", TextOf(call));
    return is_there;
  }

  void CompareParts(std::multiset<PartKey> expected) {
    for (const DeskFacts::Part& part : facts_.parts) {
      const auto found = expected.find(KeyOf(part));
      if (found == expected.end()) {
        Fault("not taken so by what was told", Where(part));
      } else {
        expected.erase(found);
      }
    }
    for (const auto& [holder, resource, lane, begin, end, active] : expected) {
      Fault("told, but not taken", Where({.visit = std::max(holder, 0),
                                          .hold = std::max(-holder, 0),
                                          .resource = resource,
                                          .lane = lane,
                                          .minutes = {begin, end},
                                          .active = active}));
    }
  }

  const VisitStories& stories_;
  const DeskFacts& facts_;
  // When the server last looked at its clock, at latest.
  std::int64_t latest_ = 0;
  std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> FaultsOf(const std::vector<DeskCall>& calls, const DeskFacts& facts) {
  const VisitStories stories(calls);
  std::vector<std::string> faults = stories.Faults();
  for (auto& fault : FaultsInTime(calls, stories)) faults.push_back(std::move(fault));
  for (auto& fault : Ledger(calls, stories, facts).Faults()) faults.push_back(std::move(fault));
  return faults;
}

}  // namespace clinicd::testing
