#include "services/appointments/slot_search.h"

#include <rapidcheck/catch.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <utility>

namespace clinicd::appointments {
namespace {

// The world is a night of this length; a bit for each minute says the same as a set.
constexpr std::size_t kMinutes = 20 * 60;
using Bits = std::vector<bool>;

// Reference places and visits: everything is asked one minute at a time.
struct Person {
  Candidate candidate;
  Bits working = Bits(kMinutes);
  Bits busy = Bits(kMinutes);
};
struct World {
  absl::Time begin;
  std::vector<absl::TimeZone> zones;
  std::vector<std::vector<Person>> people;
  Bits patient_busy = Bits(kMinutes);
  VisitPlan plan;
  SlotQuery query;

  // Whether `test` holds for each minute of a range; what is outside of the world has no bits.
  template <typename Test>
  bool All(const TimeRange& range, const Test& test) const {
    for (absl::Time t = range.begin; t < range.end; t += absl::Minutes(1)) {
      if (!test(t)) return false;
    }
    return true;
  }
  bool Has(const Bits& bits, absl::Time t) const {
    const std::int64_t minute = absl::ToInt64Minutes(t - begin);
    return t >= begin && minute < static_cast<std::int64_t>(kMinutes) &&
           bits[static_cast<std::size_t>(minute)];
  }
};

constexpr std::array<ResourceKind, 3> kKinds = {
    static_cast<ResourceKind>(0), static_cast<ResourceKind>(1), static_cast<ResourceKind>(2)};

Uuid NumberedId(std::size_t number) {
  Uuid::Bytes bytes{};
  bytes.back() = static_cast<std::uint8_t>(number);
  return Uuid(bytes);
}

// The same minutes as a set and as bits, `count` times at most `length` long.
TimeSet AnySet(absl::Time begin, int count, int length, Bits& bits) {
  std::vector<TimeRange> ranges;
  for (int i = *rc::gen::inRange(0, count + 1); i > 0; --i) {
    const int from = *rc::gen::inRange(0, static_cast<int>(kMinutes) / 5) * 5;
    const int to =
        std::min(from + *rc::gen::inRange(1, length / 5) * 5, static_cast<int>(kMinutes));
    ranges.push_back({begin + absl::Minutes(from), begin + absl::Minutes(to)});
    std::fill(bits.begin() + from, bits.begin() + to, true);
  }
  return TimeSet(std::move(ranges));
}

VisitPlan AnyPlan() {
  VisitPlan plan;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    plan.segments.push_back({.kind = *rc::gen::elementOf(kKinds),
                             .offset_minutes = *rc::gen::inRange(0, 5) * 5,
                             .duration_minutes = *rc::gen::inRange(1, 9) * 5,
                             .party = *rc::gen::weightedElement<int>({{3, 0}, {1, 1}})});
    if (*rc::gen::inRange(0, 8) == 0) {
      // The first or second of that kind, who may not be there.
      const auto kind = static_cast<std::size_t>(plan.segments.back().kind);
      plan.segments.back().fixed = NumberedId(kind + *rc::gen::element<std::size_t>(0, 3));
    }
  }
  plan.duration_minutes = *rc::gen::inRange(1, 4) * 5;
  for (const PlanSegment& segment : plan.segments) {
    plan.duration_minutes =
        std::max(plan.duration_minutes, segment.offset_minutes + segment.duration_minutes);
  }
  plan.buffer_before_minutes = *rc::gen::element(0, 0, 5, 10);
  plan.buffer_after_minutes = *rc::gen::element(0, 0, 5, 15);
  return plan;
}

std::vector<WeeklyHours> AnyWindows() {
  std::vector<WeeklyHours> windows;
  if (*rc::gen::inRange(0, 3) > 0) return windows;
  for (int i = 0; i < 6; ++i) {
    windows.push_back({.weekday = *rc::gen::element(6, 7, 1),
                       .span = {*rc::gen::inRange(0, 96) * 15, *rc::gen::inRange(0, 97) * 15}});
  }
  return windows;
}

World AnyWorld() {
  World world;
  // The nights from Saturday to Sunday in which clocks change, and one in which none does.
  const absl::CivilDay day =
      *rc::gen::element(absl::CivilDay(2027, 3, 27), absl::CivilDay(2027, 10, 30),
                        absl::CivilDay(2027, 4, 3), absl::CivilDay(2027, 6, 12));
  world.begin = absl::FromCivil(day, absl::UTCTimeZone()) + absl::Hours(12);
  for (std::size_t place = *rc::gen::inRange<std::size_t>(1, 3); place > 0; --place) {
    absl::TimeZone zone;
    RC_ASSERT(absl::LoadTimeZone(
        *rc::gen::element<std::string>("Europe/Madrid", "Asia/Kolkata", "Australia/Lord_Howe"),
        &zone));
    world.zones.push_back(zone);
    std::vector<Person> people(*rc::gen::inRange<std::size_t>(3, 7));
    for (std::size_t i = 0; i < people.size(); ++i) {
      Person& person = people[i];
      person.candidate = {
          .kind = kKinds[i % 3],
          .id = NumberedId(i),
          .working = AnySet(world.begin, 4, kMinutes, person.working),
          .busy = AnySet(world.begin, *rc::gen::element(0, 4, 12), 60, person.busy)};
    }
    world.people.push_back(std::move(people));
  }
  world.plan = AnyPlan();
  const int first = *rc::gen::element(0, 0, *rc::gen::inRange(0, 300));
  const int last = *rc::gen::element<int>(kMinutes, kMinutes, *rc::gen::inRange<int>(0, kMinutes));
  world.query = {.period = {world.begin + absl::Minutes(first), world.begin + absl::Minutes(last)},
                 .windows = AnyWindows(),
                 .grid_minutes = *rc::gen::element(5, 5, 5, 5, 7, 10, 15, 60),
                 .patient_busy = AnySet(world.begin, 4, 60, world.patient_busy),
                 .skip = *rc::gen::element<std::size_t>(0, 0, 0, 1, 5),
                 .limit = *rc::gen::element<std::size_t>(2000, 2000, 2000, 10, 1)};
  if (*rc::gen::inRange(0, 4) == 0) {
    world.query.limits = {.earliest = world.begin + absl::Minutes(*rc::gen::inRange(0, 400)),
                          .latest = world.begin + absl::Minutes(*rc::gen::inRange(400, 1200))};
  }
  return world;
}

// One in which parties compete for the same people.
World CrowdedWorld() {
  World world = AnyWorld();
  for (std::vector<Person>& people : world.people) {
    for (Person& person : people) person.candidate.kind = kKinds[0];
  }
  world.plan = {.duration_minutes = *rc::gen::inRange(1, 9) * 5};
  for (int i = *rc::gen::inRange(2, 7); i > 0; --i) {
    const int offset = *rc::gen::inRange(0, world.plan.duration_minutes / 5) * 5;
    const int longest = (world.plan.duration_minutes - offset) / 5;
    world.plan.segments.push_back({.kind = kKinds[0],
                                   .offset_minutes = offset,
                                   .duration_minutes = *rc::gen::inRange(1, longest + 1) * 5,
                                   .party = *rc::gen::weightedElement<int>({{5, i}, {1, 1}})});
    if (*rc::gen::inRange(0, 8) == 0) {
      world.plan.segments.back().fixed = NumberedId(*rc::gen::inRange<std::size_t>(0, 4));
    }
  }
  return world;
}

bool IsLiked(const std::vector<WeeklyHours>& windows, absl::Time t, absl::TimeZone zone) {
  const absl::CivilMinute local = absl::ToCivilMinute(t, zone);
  const absl::CivilDay day(local);
  const int minute = local.hour() * 60 + local.minute();
  const auto is_on = [](const WeeklyHours& w, absl::CivilDay on) {
    return static_cast<int>(absl::GetWeekday(on)) + 1 == w.weekday;
  };
  return windows.empty() || std::any_of(windows.begin(), windows.end(), [&](const WeeklyHours& w) {
           const auto [from, to] = w.span;
           if (from <= to) return is_on(w, day) && from <= minute && minute < to;
           return (is_on(w, day) && from <= minute) || (is_on(w, day - 1) && minute < to);
         });
}

// Whether `start` is possible for the patient.
bool SuitsPatient(const World& world, absl::Time start, absl::TimeZone zone) {
  const SlotQuery& query = world.query;
  const TimeRange visit{start, start + absl::Minutes(world.plan.duration_minutes)};
  return query.period.Contains(start) && start >= query.limits.earliest &&
         start <= query.limits.latest && world.All(visit, [&](absl::Time t) {
           return !world.Has(world.patient_busy, t) && IsLiked(query.windows, t, zone);
         });
}

bool CanServe(const World& world, const Person& person, const PlanSegment& segment,
              absl::Time start) {
  const VisitPlan& plan = world.plan;
  const absl::Time begin = start + absl::Minutes(segment.offset_minutes);
  const absl::Time end = begin + absl::Minutes(segment.duration_minutes);
  const int before = segment.offset_minutes == 0 ? plan.buffer_before_minutes : 0;
  const bool is_last = end == start + absl::Minutes(plan.duration_minutes);
  const int after = is_last ? plan.buffer_after_minutes : 0;
  return person.candidate.kind == segment.kind &&
         segment.fixed.value_or(person.candidate.id) == person.candidate.id &&
         world.All({begin, end}, [&](absl::Time t) { return world.Has(person.working, t); }) &&
         world.All({begin - absl::Minutes(before), end + absl::Minutes(after)},
                   [&](absl::Time t) { return !world.Has(person.busy, t); });
}

bool SameParty(const PlanSegment& a, const PlanSegment& b) {
  return a.kind == b.kind && a.party == b.party;
}

// The people by preference on `day`.
std::vector<std::size_t> RankedOn(const World& world, std::size_t place, absl::CivilDay day) {
  std::vector<std::pair<int, std::size_t>> ranks;
  for (std::size_t i = 0; i < world.people[place].size(); ++i) {
    int load = 0;
    for (std::size_t m = 0; m < kMinutes; ++m) {
      const absl::Time t = world.begin + absl::Minutes(static_cast<std::int64_t>(m));
      const bool counts =
          world.people[place][i].busy[m] && absl::ToCivilDay(t, world.zones[place]) == day;
      load += counts ? 1 : 0;
    }
    ranks.emplace_back(load, i);
  }
  std::sort(ranks.begin(), ranks.end());
  std::vector<std::size_t> ranked;
  for (const auto& [load, i] : ranks) ranked.push_back(i);
  return ranked;
}

// Completes `chosen`, which has somebody for each of the first segments, with the first by
// preference of all ways to do so; empty if there is none.
std::vector<std::size_t> Assigned(const World& world, std::size_t place, absl::Time start,
                                  const std::vector<std::size_t>& ranked,
                                  std::vector<std::size_t> chosen) {
  const std::vector<PlanSegment>& segments = world.plan.segments;
  if (chosen.size() == segments.size()) return chosen;
  const PlanSegment& segment = segments[chosen.size()];
  for (const std::size_t i : ranked) {
    bool fits = CanServe(world, world.people[place][i], segment, start);
    for (std::size_t other = 0; other < chosen.size(); ++other) {
      fits = fits && SameParty(segments[other], segment) == (chosen[other] == i);
    }
    if (!fits) continue;
    chosen.push_back(i);
    std::vector<std::size_t> all = Assigned(world, place, start, ranked, chosen);
    if (!all.empty()) return all;
    chosen.pop_back();
  }
  return {};
}

std::vector<Opening> ExpectedAt(const World& world, std::size_t place) {
  const absl::TimeZone zone = world.zones[place];
  std::vector<Opening> openings;
  const absl::CivilMinute begin = absl::ToCivilMinute(world.begin, zone) - 180;
  for (absl::CivilMinute local = begin; local < begin + kMinutes + 360; ++local) {
    const absl::TimeZone::TimeInfo info = zone.At(absl::CivilSecond(local));
    if ((local.hour() * 60 + local.minute()) % world.query.grid_minutes != 0 ||
        info.kind == absl::TimeZone::TimeInfo::SKIPPED || !SuitsPatient(world, info.pre, zone)) {
      continue;
    }
    Opening opening{.starts_at = info.pre, .local_start = local, .place = place};
    if (!world.plan.segments.empty()) {
      const auto ranked = RankedOn(world, place, absl::CivilDay(local));
      const auto chosen = Assigned(world, place, info.pre, ranked, {});
      if (chosen.empty()) continue;
      for (const std::size_t i : chosen) {
        opening.resources.push_back(world.people[place][i].candidate.id);
      }
    }
    openings.push_back(std::move(opening));
  }
  return openings;
}

std::vector<SearchPlace> PlacesOf(const World& world) {
  std::vector<SearchPlace> places;
  for (std::size_t i = 0; i < world.zones.size(); ++i) {
    places.push_back({.zone = world.zones[i]});
    for (const Person& person : world.people[i]) places[i].candidates.push_back(person.candidate);
  }
  return places;
}

void CheckOpenings(const World& world) {
  std::vector<Opening> expected;
  for (std::size_t i = 0; i < world.zones.size(); ++i) {
    for (Opening& opening : ExpectedAt(world, i)) expected.push_back(std::move(opening));
  }
  std::stable_sort(expected.begin(), expected.end(), [](const Opening& a, const Opening& b) {
    return std::pair(a.starts_at, a.place) < std::pair(b.starts_at, b.place);
  });
  const std::size_t skipped = std::min(world.query.skip, expected.size());
  expected.erase(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(skipped));
  expected.resize(std::min(expected.size(), world.query.limit));

  const std::vector<Opening> found = FindOpenings(world.plan, PlacesOf(world), world.query);

  RC_ASSERT(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    RC_ASSERT(found[i].starts_at == expected[i].starts_at);
    RC_ASSERT(found[i].local_start == expected[i].local_start);
    RC_ASSERT(found[i].place == expected[i].place);
    RC_ASSERT(found[i].resources == expected[i].resources);
  }
}

TEST_CASE("FindOpenings finds what a look at every minute finds", "[appointments][property]") {
  rc::prop("openings", [] {
    for (int i = 0; i < 10; ++i) CheckOpenings(AnyWorld());
  });
}

TEST_CASE("FindOpenings finds what trying all who compete finds", "[appointments][property]") {
  rc::prop("openings", [] {
    for (int i = 0; i < 10; ++i) CheckOpenings(CrowdedWorld());
  });
}

TEST_CASE("CheckVisit accepts what a look at every minute accepts", "[appointments][property]") {
  rc::prop("check", [] {
    const World world = AnyWorld();
    const std::vector<Person>& people = world.people[0];
    const std::vector<Candidate> candidates = PlacesOf(world)[0].candidates;
    for (const Opening& opening : FindOpenings(world.plan, PlacesOf(world), world.query)) {
      if (opening.place != 0) continue;
      RC_ASSERT(CheckVisit(world.plan, {opening.starts_at, opening.resources}, candidates,
                           world.query.patient_busy, world.query.limits)
                    .empty());
    }
    for (int attempt = 0; attempt < 50; ++attempt) {
      PlannedVisit visit{.start = world.begin + absl::Minutes(*rc::gen::inRange(0, 1200))};
      bool can = SuitsPatient(world, visit.start, absl::UTCTimeZone());
      for (std::size_t i = 0; i < world.plan.segments.size(); ++i) {
        const std::size_t chosen = *rc::gen::inRange<std::size_t>(0, people.size());
        can = can && CanServe(world, people[chosen], world.plan.segments[i], visit.start);
        for (std::size_t other = 0; other < i; ++other) {
          can = can && (SameParty(world.plan.segments[other], world.plan.segments[i]) ||
                        visit.resources[other] != people[chosen].candidate.id);
        }
        visit.resources.push_back(people[chosen].candidate.id);
      }
      // The period and what the patient likes are wishes, not obstacles.
      if (!world.query.windows.empty() || !world.query.period.Contains(visit.start)) continue;
      RC_ASSERT(
          CheckVisit(world.plan, visit, candidates, world.query.patient_busy, world.query.limits)
              .empty() == can);
    }
  });
}

}  // namespace
}  // namespace clinicd::appointments
