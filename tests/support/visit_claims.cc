#include "tests/support/visit_claims.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace clinicd::testing {
namespace {

constexpr int kLanes = 4;

bool Overlap(const Minutes& one, const Minutes& other) {
  return one.begin < other.end && other.begin < one.end;
}

// A part that a visit or hold takes from one call to another.
struct Claim {
  DeskPart part;
  int lane = 0;
  // The visit, or the hold below 0.
  int holder = 0;
  const DeskCall* begin = nullptr;
  // Null: it is live in the end, unless it expires.
  const DeskCall* end = nullptr;
  std::optional<std::int64_t> expires = {};

  // Whether it can have been gone when `call` looked.
  bool MayBeGoneFor(const DeskCall& call) const {
    return (end != nullptr && end->invoked <= call.responded) ||
           (expires && *expires <= call.clock_end);
  }
  // Whether it can have been there when `call` looked, expired or not.
  bool MayBeThereFor(const DeskCall& call) const {
    return begin->invoked <= call.responded && (end == nullptr || end->responded >= call.invoked);
  }
  // Whether it can have been live then.
  bool MayBeLiveFor(const DeskCall& call) const {
    return MayBeThereFor(call) && (!expires || call.clock_begin < *expires);
  }
};

// All claims on one resource, by begin.
class ResourceClaims final {
 public:
  void Add(Claim claim) {
    longest_ = std::max(longest_, claim.part.minutes.end - claim.part.minutes.begin);
    claims_.push_back(std::move(claim));
  }

  void Sort() {
    std::ranges::sort(claims_, {}, [](const Claim& each) { return each.part.minutes.begin; });
  }

  // Calls `visit` for those that overlap `minutes`, until it returns true; whether it did.
  template <typename Visit>
  bool AnyOver(const Minutes& minutes, const Visit& visit) const {
    auto each =
        std::ranges::lower_bound(claims_, minutes.begin - longest_, {},
                                 [](const Claim& claim) { return claim.part.minutes.begin; });
    for (; each != claims_.end() && each->part.minutes.begin < minutes.end; ++each) {
      if (Overlap(each->part.minutes, minutes) && visit(*each)) return true;
    }
    return false;
  }

  const std::vector<Claim>& all() const { return claims_; }

 private:
  std::vector<Claim> claims_;
  int longest_ = 0;
};

class VisitClaims final {
 public:
  VisitClaims(const std::vector<DeskCall>& calls, const VisitStories& stories)
      : calls_(calls), stories_(stories) {
    MakeClaims();
  }

  std::vector<std::string> Faults() {
    CheckClaims();
    for (const DeskCall& call : calls_) {
      if (call.outcome == DeskOutcome::kDone) {
        CheckDone(call);
      } else if (!MayBeRefused(call)) {
        Fault("refused for nothing", TextOf(call));
      }
    }
    return std::move(faults_);
  }

 private:
  void Fault(const std::string& what, const std::string& where) {
    faults_.push_back(what + ": " + where);
  }

  void MakeClaims() {
    for (const auto& [visit, story] : stories_.visits()) {
      for (auto each = story.begin(); each != story.end();) {
        const DeskCall& call = *each->second;
        // Changes that leave the time alone leave the claim, too.
        do ++each;
        while (each != story.end() && TakesTime(call.state) && TakesTime(each->second->state) &&
               each->second->place == call.place && each->second->lane == call.lane);
        if (!TakesTime(call.state)) continue;
        const DeskCall* const end = each == story.end() ? nullptr : each->second;
        for (const DeskPart& part : call.place.parts) {
          claims_[part.resource].Add({.part = part,
                                      .lane = LaneOf(part, call.lane),
                                      .holder = visit,
                                      .begin = &call,
                                      .end = end});
        }
      }
    }
    for (const auto& [hold, call] : stories_.holds()) {
      const auto end = stories_.hold_ends().find(hold);
      for (const DeskPart& part : call->place.parts) {
        claims_[part.resource].Add(
            {.part = part,
             .holder = -hold,
             .begin = call,
             .end = end == stories_.hold_ends().end() ? nullptr : end->second,
             .expires = call->expires});
      }
    }
    for (auto& [resource, claims] : claims_) claims.Sort();
  }

  // One of two that overlap must be able to have ended before the other began.
  void CheckClaims() {
    for (const auto& [resource, claims] : claims_) {
      for (const Claim& one : claims.all()) {
        claims.AnyOver(one.part.minutes, [&](const Claim& other) {
          const bool apart = other.holder <= one.holder || other.lane != one.lane ||
                             one.MayBeGoneFor(*other.begin) || other.MayBeGoneFor(*one.begin);
          if (!apart) {
            Fault("resource " + std::to_string(one.part.resource) + " live twice",
                  TextOf(*one.begin) + "; " + TextOf(*other.begin));
          }
          return false;
        });
      }
    }
  }

  void CheckDone(const DeskCall& call) {
    if (call.verb == DeskVerb::kRead) {
      if (!IsAsTold(call)) Fault("read what was not so then", TextOf(call));
      return;
    }
    if (EndsHold(call.verb) && !stories_.MayUseHold(call))
      Fault("used what was not theirs", TextOf(call));
    if (call.wanted && call.place != *call.wanted) Fault("another place than wanted", TextOf(call));
    // A lane is skipped only where something is in it.
    for (int lane = 0; lane < call.lane && call.wanted; ++lane) {
      if (!MayBeTaken(call, *call.wanted, {.lane = lane, .patients = false, .expired = true})) {
        Fault("over nothing", TextOf(call) + " lane " + std::to_string(call.lane));
      }
    }
    const DeskCall* const before = stories_.Told(call.visit, call.version - 1);
    if (!ChangesVisit(call.verb) || before == nullptr) return;
    const TimeWindow window = WindowOf(call.verb, before->state, before->place.minutes);
    if (call.clock_end < window.begin || call.clock_begin > window.end) {
      Fault("not at this time", TextOf(call));
    }
  }

  bool IsAsTold(const DeskCall& read) const {
    const DeskCall* const made = stories_.Told(read.visit, read.version);
    return stories_.MayBeAt(read, read.version) && made->state == read.state &&
           made->lane == read.lane && made->place == read.place;
  }

  // Which of what is wanted matters, and where; without a lane: in any.
  struct Look {
    std::optional<int> lane = {};
    bool patients = true;
    // Whether a hold that has expired stands in the way until somebody takes its time. So it is for
    // who looks for a lane, and for who comes late.
    bool expired = false;
  };

  // Whether others can have stood in the way of `place` when `call` looked.
  bool MayBeTaken(const DeskCall& call, const DeskPlace& place, const Look& look) const {
    return std::ranges::any_of(place.parts, [&](const DeskPart& part) {
      const auto claims = claims_.find(part.resource);
      if (claims == claims_.end() || (part.patient && !look.patients)) return false;
      return claims->second.AnyOver(part.minutes, [&](const Claim& claim) {
        const bool is_own =
            claim.holder == call.visit || (call.hold != 0 && claim.holder == -call.hold);
        const bool in_lane = !look.lane || claim.lane == LaneOf(part, *look.lane);
        return !is_own && in_lane &&
               (look.expired ? claim.MayBeThereFor(call) : claim.MayBeLiveFor(call));
      });
    });
  }

  // Whether the visit goes into any lane that is free.
  bool IsOver(const DeskCall& call) const {
    const DeskCall* const booked =
        call.verb == DeskVerb::kMove ? stories_.Told(call.visit, 1) : &call;
    return booked != nullptr && booked->verb == DeskVerb::kOverbook;
  }

  bool MayBeRefused(const DeskCall& call) const {
    switch (call.outcome) {
      case DeskOutcome::kDone:
        return false;
      case DeskOutcome::kTaken:
        return MayBeRefusedTime(call);
      case DeskOutcome::kNoLane:
        for (int lane = 0; lane < kLanes; ++lane) {
          if (!MayBeTaken(call, *call.wanted, {.lane = lane, .patients = false, .expired = true}))
            return false;
        }
        return IsOver(call);
      case DeskOutcome::kStale: {
        const DeskCall* const next = stories_.Told(call.visit, call.expected + 1);
        return next != nullptr && next->invoked <= call.responded;
      }
      case DeskOutcome::kIllegal:
        return stories_.AnyVersion(
            call, [&](const DeskCall& made) { return !MayChange(made.state, call.verb); });
      case DeskOutcome::kNotNow:
        return stories_.AnyVersion(call, [&](const DeskCall& made) {
          const TimeWindow window = WindowOf(call.verb, made.state, made.place.minutes);
          return MayChange(made.state, call.verb) &&
                 (call.clock_begin < window.begin || call.clock_end > window.end);
        });
      case DeskOutcome::kNoHold: {
        const auto end = stories_.hold_ends().find(call.hold);
        const bool may_be_used =
            end != stories_.hold_ends().end() && end->second->invoked <= call.responded;
        return may_be_used || !stories_.MayUseHold(call) ||
               call.clock_end >= stories_.holds().at(call.hold)->expires;
      }
    }
    return false;
  }

  bool MayBeRefusedTime(const DeskCall& call) const {
    if (call.wanted) {
      return MayBeTaken(call, *call.wanted,
                        {.lane = IsOver(call) ? std::nullopt : std::optional(0)});
    }
    // Only who is late asks for their time again.
    return stories_.AnyVersion(call, [&](const DeskCall& made) {
      return call.verb == DeskVerb::kArrive && made.state == "no_show" &&
             MayBeTaken(call, made.place, {.lane = made.lane, .expired = true});
    });
  }

  const std::vector<DeskCall>& calls_;
  const VisitStories& stories_;
  // By resource.
  std::map<int, ResourceClaims> claims_;
  std::vector<std::string> faults_;
};

}  // namespace

int LaneOf(const DeskPart& part, int lane) { return part.patient ? 0 : lane; }

std::vector<std::string> FaultsInTime(const std::vector<DeskCall>& calls,
                                      const VisitStories& stories) {
  return VisitClaims(calls, stories).Faults();
}

}  // namespace clinicd::testing
