#include "tests/support/desk_board.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace clinicd::testing {
namespace {

// So little that no call runs out of time while those of others are answered.
constexpr absl::Duration kClockStep = absl::Seconds(1);
// Visits and holds that are looked at by those who pick one.
constexpr std::size_t kNewest = 120;
constexpr std::size_t kNewestHolds = 16;

}  // namespace

DeskPart PartOf(int resource, const Minutes& visit, const Minutes& part, int buffer) {
  return {.resource = resource,
          .minutes = {part.begin == visit.begin ? part.begin - buffer : part.begin,
                      part.end == visit.end ? part.end + buffer : part.end}};
}

DeskPlace DeskWish::Place(bool with_patient) const {
  DeskPlace place{.minutes = minutes, .parts = {PartOf(practitioner, minutes, minutes, buffer)}};
  if (chair) {
    const Minutes in_chair{minutes.begin + chair_offset, minutes.end};
    place.parts.push_back(PartOf(*chair, minutes, in_chair, buffer));
  }
  if (with_patient) {
    place.parts.push_back({.resource = patient, .minutes = minutes, .patient = true});
  }
  return place;
}

void DeskBoard::Record(DeskCall call) {
  const absl::MutexLock lock(&mutex_);
  calls_.push_back(std::move(call));
  clock_.Advance(kClockStep);
}

void DeskBoard::Learn(const Visit& visit) {
  const absl::MutexLock lock(&mutex_);
  Visit& newest = known_[visit.number];
  if (visit.version > newest.version) newest = visit;
}

void DeskBoard::Learn(const Hold& hold) {
  const absl::MutexLock lock(&mutex_);
  known_holds_.push_back(hold);
}

void DeskBoard::Wonder(std::string what) {
  const absl::MutexLock lock(&mutex_);
  surprises_.push_back(std::move(what));
}

std::optional<DeskBoard::Visit> DeskBoard::PickVisit(DeskVerb verb, std::mt19937& engine) const {
  const absl::MutexLock lock(&mutex_);
  std::vector<const Visit*> all;
  std::vector<const Visit*> apt;
  for (const auto& [number, visit] : std::views::reverse(known_) | std::views::take(kNewest)) {
    all.push_back(&visit);
    if (MayChange(visit.state, verb)) apt.push_back(&visit);
  }
  if (all.empty()) return std::nullopt;
  const auto below = [&engine](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(engine);
  };
  const auto& choice = apt.empty() || below(5) == 0 ? all : apt;
  return *choice[below(choice.size())];
}

std::optional<DeskBoard::Hold> DeskBoard::PickHold(int member, std::mt19937& engine) const {
  const absl::MutexLock lock(&mutex_);
  std::vector<const Hold*> choice;
  for (const Hold& hold : std::views::reverse(known_holds_)) {
    if (choice.size() == kNewestHolds) break;
    if (member == 0 || hold.member == member) choice.push_back(&hold);
  }
  if (choice.empty()) return std::nullopt;
  // Rather the newest: most of the others have been used.
  const std::size_t end = member == 0 ? choice.size() : std::min<std::size_t>(choice.size(), 3);
  return *choice[std::uniform_int_distribution<std::size_t>(0, end - 1)(engine)];
}

std::vector<DeskCall> DeskBoard::TakeCalls() {
  const absl::MutexLock lock(&mutex_);
  return std::move(calls_);
}

std::map<std::string, int> DeskBoard::HoldNumbers() const {
  const absl::MutexLock lock(&mutex_);
  std::map<std::string, int> numbers;
  for (const Hold& hold : known_holds_) numbers.emplace(hold.id, hold.number);
  return numbers;
}

std::vector<std::string> DeskBoard::surprises() const {
  const absl::MutexLock lock(&mutex_);
  return surprises_;
}

}  // namespace clinicd::testing
