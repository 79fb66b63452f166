#include "services/appointments/slot_search.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

namespace clinicd::appointments {
namespace {

// A start may be the last instant at which a visit still fits, so sets of starts end this much
// after it: less than what database and clocks tell apart.
constexpr absl::Duration kInstant = absl::Nanoseconds(1);

// The starts at which a part of the visit, `lead` after the start and `length` long, is in `set`.
TimeSet StartsInside(const TimeSet& set, absl::Duration lead, absl::Duration length) {
  std::vector<TimeRange> starts;
  starts.reserve(set.ranges().size());
  for (const TimeRange& range : set.ranges()) {
    starts.push_back({range.begin - lead, range.end - lead - length + kInstant});
  }
  return TimeSet(std::move(starts));
}

// The starts at which such a part overlaps `set`.
TimeSet StartsOverlapping(const TimeSet& set, absl::Duration lead, absl::Duration length) {
  std::vector<TimeRange> starts;
  starts.reserve(set.ranges().size());
  for (const TimeRange& range : set.ranges()) {
    starts.push_back({range.begin - lead - length + kInstant, range.end - lead});
  }
  return TimeSet(std::move(starts));
}

// Goes through a set from the past to the future.
class Cursor final {
 public:
  explicit Cursor(TimeSet set) : set_(std::move(set)) {}

  // The first instant of the set from `time` on, InfiniteFuture if there is none. `time` never
  // goes back.
  absl::Time Next(absl::Time time) {
    const std::vector<TimeRange>& ranges = set_.ranges();
    while (index_ < ranges.size() && ranges[index_].end <= time) ++index_;
    return index_ < ranges.size() ? std::max(ranges[index_].begin, time) : absl::InfiniteFuture();
  }

 private:
  TimeSet set_;
  std::size_t index_ = 0;
};

// Somebody who could serve a party.
struct Option {
  std::size_t candidate;
  Cursor starts;
};

// Segments that one resource serves.
struct Party {
  std::vector<std::size_t> segments;
  std::vector<Option> options;
};

struct GridPoint {
  absl::Time time;
  absl::CivilMinute local;
};

// The next minute of the grid after `local`.
absl::CivilMinute StepOf(absl::CivilMinute local, std::int32_t grid_minutes) {
  const absl::CivilMinute midnight(absl::CivilDay(local) + 1);
  const std::int32_t minute = local.hour() * 60 + local.minute();
  return std::min(local + (grid_minutes - minute % grid_minutes), midnight);
}

// The first start on the grid from `time` on.
GridPoint OnGrid(absl::Time time, absl::TimeZone zone, std::int32_t grid_minutes) {
  const absl::TimeZone::CivilInfo shown = zone.At(time);
  absl::CivilMinute local(shown.cs);
  const bool is_minute = shown.subsecond == absl::ZeroDuration() && shown.cs.second() == 0;
  if (!is_minute || (local.hour() * 60 + local.minute()) % grid_minutes != 0) {
    local = StepOf(local, grid_minutes);
  }
  for (;;) {
    const absl::TimeZone::TimeInfo info = zone.At(absl::CivilSecond(local));
    if (info.kind != absl::TimeZone::TimeInfo::SKIPPED && info.pre >= time) {
      return {info.pre, local};
    }
    local = StepOf(local, grid_minutes);
  }
}

// The starts that are possible whoever serves.
TimeSet StartsAllowed(const VisitPlan& plan, absl::TimeZone zone, const SlotQuery& query) {
  const absl::Duration length = absl::Minutes(plan.duration_minutes);
  const TimeRange range{std::max(query.period.begin, query.limits.earliest),
                        std::min(query.period.end, query.limits.latest + kInstant)};
  TimeSet starts =
      Difference(TimeSet(range), StartsOverlapping(query.patient_busy, absl::Duration(), length));
  if (query.windows.empty() || starts.empty()) return starts;
  const DayPeriod days{absl::ToCivilDay(range.begin, zone) - 1,
                       absl::ToCivilDay(range.end + length, zone) + 1};
  const TimeSet liked = InstantsWhen(ReadingsOf(query.windows, days), zone);
  return Intersection(starts, StartsInside(liked, absl::Duration(), length));
}

// The starts of `allowed` at which the candidate can serve the segment.
TimeSet StartsServed(const VisitPlan& plan, const PlanSegment& segment, const Candidate& candidate,
                     const TimeSet& allowed) {
  const bool suits =
      candidate.kind == segment.kind && (!segment.fixed || *segment.fixed == candidate.id);
  if (!suits) return {};
  // Of a start at the epoch, so that begins are leads.
  const TimeRange work = WorkOf(segment, absl::UnixEpoch());
  const TimeRange occupied = OccupiedBy(plan, segment, absl::UnixEpoch());
  const TimeSet working = Intersection(
      allowed,
      StartsInside(candidate.working, work.begin - absl::UnixEpoch(), work.end - work.begin));
  return Difference(working, StartsOverlapping(candidate.busy, occupied.begin - absl::UnixEpoch(),
                                               occupied.end - occupied.begin));
}

std::vector<Party> PartiesOf(const VisitPlan& plan, const std::vector<Candidate>& candidates,
                             const TimeSet& allowed) {
  std::vector<Party> parties;
  for (std::size_t i = 0; i < plan.segments.size(); ++i) {
    const PlanSegment& segment = plan.segments[i];
    auto party = std::find_if(parties.begin(), parties.end(), [&](const Party& other) {
      const PlanSegment& first = plan.segments[other.segments.front()];
      return first.kind == segment.kind && first.party == segment.party;
    });
    if (party == parties.end()) party = parties.insert(parties.end(), Party());
    party->segments.push_back(i);
  }
  for (Party& party : parties) {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      TimeSet starts = allowed;
      for (const std::size_t segment : party.segments) {
        starts = StartsServed(plan, plan.segments[segment], candidates[i], starts);
      }
      if (!starts.empty()) party.options.push_back({i, Cursor(std::move(starts))});
    }
  }
  return parties;
}

// Gives each party a candidate of its own. Parties move aside for one another instead of trying all
// combinations: twenty that compete for nineteen have too many.
class Assignment final {
 public:
  // For each party those who are free, in the order in which it prefers them.
  explicit Assignment(std::vector<std::vector<std::size_t>> free)
      : free_(std::move(free)), chosen_(free_.size(), kNobody), stays_(free_.size()) {}

  // A candidate for each party: the one that it prefers of those that leave one to each party after
  // it. Empty if that cannot be.
  std::vector<std::size_t> Best() {
    for (std::size_t party = 0; party < free_.size(); ++party) {
      LetChangeFrom(0);
      if (!Serve(party)) return {};
    }
    for (std::size_t party = 0; party < free_.size(); ++party) {
      chosen_[party] = kNobody;
      LetChangeFrom(party);
      Serve(party);
    }
    return std::move(chosen_);
  }

 private:
  static constexpr std::size_t kNobody = std::numeric_limits<std::size_t>::max();

  void LetChangeFrom(std::size_t party) {
    const auto first = stays_.begin() + static_cast<std::ptrdiff_t>(party);
    std::fill(stays_.begin(), first, true);
    std::fill(first, stays_.end(), false);
  }

  // The party that has the candidate; past the last one if none has.
  std::size_t HolderOf(std::size_t candidate) const {
    return static_cast<std::size_t>(
        std::distance(chosen_.begin(), std::find(chosen_.begin(), chosen_.end(), candidate)));
  }

  // Gives a party the candidate whom it prefers of those that are free, or whose parties can take
  // others. Where it fails, everybody keeps theirs, and to try the same parties again is in vain.
  bool Serve(std::size_t party) {
    stays_[party] = true;
    for (const std::size_t candidate : free_[party]) {
      const std::size_t holder = HolderOf(candidate);
      const bool is_free = holder == chosen_.size() || (!stays_[holder] && Serve(holder));
      if (!is_free) continue;
      chosen_[party] = candidate;
      return true;
    }
    return false;
  }

  std::vector<std::vector<std::size_t>> free_;
  std::vector<std::size_t> chosen_;
  // Parties that are not to take others, or cannot.
  std::vector<bool> stays_;
};

// The openings at one place, one after the other.
class PlaceWalk final {
 public:
  PlaceWalk(const VisitPlan& plan, const SearchPlace& place, const SlotQuery& query)
      : plan_(plan),
        place_(place),
        grid_minutes_(std::clamp(query.grid_minutes, 1, kMinutesPerDay)),
        position_(query.period.begin) {
    TimeSet allowed = StartsAllowed(plan, place.zone, query);
    parties_ = PartiesOf(plan, place.candidates, allowed);
    allowed_ = Cursor(std::move(allowed));
  }

  // The next opening, its place left to the caller; nullopt when there is no more.
  std::optional<Opening> Next() {
    for (;;) {
      const absl::Time possible = NextPossible(position_);
      if (possible == absl::InfiniteFuture()) return std::nullopt;
      const GridPoint point = OnGrid(possible, place_.zone, grid_minutes_);
      position_ = point.time;
      if (NextPossible(point.time) > point.time) continue;
      position_ = point.time + kInstant;
      RankFor(absl::CivilDay(point.local));
      if (Choose(point.time)) return OpeningAt(point);
    }
  }

 private:
  // The first start from `time` on at which each party has an option. Two of them may still have
  // only one between them.
  absl::Time NextPossible(absl::Time time) {
    for (;;) {
      absl::Time possible = allowed_.Next(time);
      for (Party& party : parties_) {
        absl::Time served = absl::InfiniteFuture();
        for (Option& option : party.options) {
          served = std::min(served, option.starts.Next(possible));
        }
        possible = served;
      }
      if (possible == time || possible == absl::InfiniteFuture()) return possible;
      time = possible;
    }
  }

  // Puts the options in the order in which they are preferred on `day`.
  void RankFor(absl::CivilDay day) {
    if (ranked_for_ == day) return;
    ranked_for_ = day;
    const TimeRange range{absl::FromCivil(day, place_.zone), absl::FromCivil(day + 1, place_.zone)};
    loads_.clear();
    for (const Candidate& candidate : place_.candidates) {
      loads_.push_back(candidate.busy.LengthWithin(range));
    }
    for (Party& party : parties_) {
      std::sort(party.options.begin(), party.options.end(), [this](const auto& a, const auto& b) {
        return std::pair(loads_[a.candidate], a.candidate) <
               std::pair(loads_[b.candidate], b.candidate);
      });
    }
  }

  // Chooses an option for each party.
  bool Choose(absl::Time time) {
    std::vector<std::vector<std::size_t>> free(parties_.size());
    for (std::size_t i = 0; i < parties_.size(); ++i) {
      for (Option& option : parties_[i].options) {
        // The others leave one of so many.
        if (free[i].size() == parties_.size()) break;
        if (option.starts.Next(time) == time) free[i].push_back(option.candidate);
      }
    }
    chosen_ = Assignment(std::move(free)).Best();
    return chosen_.size() == parties_.size();
  }

  Opening OpeningAt(const GridPoint& point) const {
    Opening opening{.starts_at = point.time, .local_start = point.local};
    opening.resources.resize(plan_.segments.size());
    for (std::size_t i = 0; i < parties_.size(); ++i) {
      for (const std::size_t segment : parties_[i].segments) {
        opening.resources[segment] = place_.candidates[chosen_[i]].id;
      }
    }
    return opening;
  }

  const VisitPlan& plan_;
  const SearchPlace& place_;
  std::int32_t grid_minutes_;
  absl::Time position_;
  Cursor allowed_{TimeSet()};
  std::vector<Party> parties_;
  std::optional<absl::CivilDay> ranked_for_;
  // How long each candidate is busy on that day.
  std::vector<absl::Duration> loads_;
  // A candidate for each party.
  std::vector<std::size_t> chosen_;
};

}  // namespace

std::vector<Opening> FindOpenings(const VisitPlan& plan, const std::vector<SearchPlace>& places,
                                  const SlotQuery& query) {
  std::vector<PlaceWalk> walks;
  std::vector<std::optional<Opening>> next;
  walks.reserve(places.size());
  next.reserve(places.size());
  for (const SearchPlace& place : places) {
    next.push_back(walks.emplace_back(plan, place, query).Next());
  }
  std::vector<Opening> openings;
  for (std::size_t count = 0; openings.size() < query.limit; ++count) {
    std::size_t first = 0;
    for (std::size_t i = 1; i < next.size(); ++i) {
      const bool sooner = next[i] && (!next[first] || next[i]->starts_at < next[first]->starts_at);
      if (sooner) first = i;
    }
    if (next.empty() || !next[first]) break;
    if (count >= query.skip) {
      next[first]->place = first;
      openings.push_back(*std::move(next[first]));
    }
    next[first] = walks[first].Next();
  }
  return openings;
}

}  // namespace clinicd::appointments
