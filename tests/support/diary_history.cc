#include "tests/support/diary_history.h"

#include <algorithm>
#include <array>
#include <set>
#include <sstream>
#include <unordered_set>

namespace clinicd::testing {
namespace {

constexpr std::array kVerbNames = {"book", "move", "cancel", "read"};
constexpr std::array kOutcomeNames = {"done", "taken", "stale", "cancelled", "unknown"};

bool Overlap(const Minutes& one, const Minutes& other) {
  return one.begin < other.end && other.begin < one.end;
}

bool Takes(const std::optional<VisitPlace>& place, const DiaryKey& key) {
  return place && place->day == key.day &&
         std::ranges::find(place->resources, key.resource) != place->resources.end();
}

void AddDiaries(const std::optional<VisitPlace>& place, std::set<DiaryKey>& keys) {
  if (!place) return;
  for (const int resource : place->resources) keys.insert({resource, place->day});
}

// The diaries that the answer says something of.
std::set<DiaryKey> DiariesOf(const DiaryCall& call) {
  std::set<DiaryKey> keys;
  switch (call.outcome) {
    case DiaryOutcome::kDone:
    case DiaryOutcome::kUnknown:
      AddDiaries(call.from, keys);
      AddDiaries(call.to, keys);
      for (const int resource : call.resources) keys.insert({resource, call.day});
      break;
    case DiaryOutcome::kTaken:
      for (const int resource : call.taken) keys.insert({resource, call.to->day});
      break;
    case DiaryOutcome::kStale:
    case DiaryOutcome::kCancelled:
      AddDiaries(call.from, keys);
      break;
  }
  return keys;
}

DiaryOperation InDiary(const DiaryCall& call, const DiaryKey& key) {
  DiaryOperation operation{.verb = call.verb,
                           .outcome = call.outcome,
                           .invoked = call.invoked,
                           .responded = call.responded,
                           .visit = call.visit,
                           .version = call.version};
  if (Takes(call.from, key)) operation.before = call.from->minutes;
  if (Takes(call.to, key)) operation.after = call.to->minutes;
  for (const VisitSeen& seen : call.seen) {
    if (!Takes(seen.place, key)) continue;
    operation.seen.push_back({seen.visit, seen.version, seen.place.minutes});
  }
  std::ranges::sort(operation.seen, {}, &DiaryOperation::Entry::visit);
  return operation;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const DiaryOperation& operation) {
  const auto show = [&out](const char* name, const std::optional<Minutes>& minutes) {
    if (minutes) out << name << minutes->begin << "-" << minutes->end;
  };
  out << kVerbNames.at(static_cast<std::size_t>(operation.verb)) << " "
      << kOutcomeNames.at(static_cast<std::size_t>(operation.outcome)) << " [" << operation.invoked
      << ", " << operation.responded << "] visit " << operation.visit << " version "
      << operation.version;
  show(" from ", operation.before);
  show(" to ", operation.after);
  for (const DiaryOperation::Entry& entry : operation.seen) {
    out << " (" << entry.visit << " version " << entry.version << " at " << entry.minutes.begin
        << "-" << entry.minutes.end << ")";
  }
  return out;
}

std::map<DiaryKey, std::vector<DiaryOperation>> ByDiary(const std::vector<DiaryCall>& calls) {
  std::map<DiaryKey, std::vector<DiaryOperation>> diaries;
  for (const DiaryCall& call : calls) {
    for (const DiaryKey& key : DiariesOf(call)) diaries[key].push_back(InDiary(call, key));
  }
  return diaries;
}

bool Diary::Overlaps(const Minutes& minutes, int except) const {
  return std::ranges::any_of(visits_, [&](const auto& each) {
    const auto& [number, visit] = each;
    return number != except && visit.minutes && Overlap(*visit.minutes, minutes);
  });
}

bool Diary::IsAsSeen(const std::vector<DiaryOperation::Entry>& seen) const {
  std::vector<DiaryOperation::Entry> here;
  for (const auto& [number, visit] : visits_) {
    if (visit.minutes) here.push_back({number, visit.version, *visit.minutes});
  }
  return here == seen;
}

bool Diary::Done(const DiaryOperation& operation) {
  const auto found = visits_.find(operation.visit);
  const bool known = found != visits_.end();
  if (operation.verb == DiaryVerb::kBook && known) return false;
  if (operation.before) {
    const bool is_there = known && found->second.minutes == operation.before &&
                          found->second.version == operation.version;
    if (!is_there) return false;
  } else if (known) {
    // It comes back from another diary, where it has got no older version than it left with.
    const bool is_away = !found->second.minutes && !found->second.cancelled &&
                         found->second.version <= operation.version;
    if (!is_away) return false;
  }
  if (operation.after && Overlaps(*operation.after, operation.visit)) return false;
  visits_[operation.visit] = {.version = operation.version + 1,
                              .minutes = operation.after,
                              .cancelled = operation.verb == DiaryVerb::kCancel};
  return true;
}

bool Diary::Apply(const DiaryOperation& operation) {
  const auto found = visits_.find(operation.visit);
  const bool known = found != visits_.end();
  switch (operation.outcome) {
    case DiaryOutcome::kDone:
    case DiaryOutcome::kUnknown:
      return operation.verb == DiaryVerb::kRead ? IsAsSeen(operation.seen) : Done(operation);
    case DiaryOutcome::kTaken:
      return operation.after && Overlaps(*operation.after, operation.visit);
    case DiaryOutcome::kStale:
      return known && found->second.version != operation.version;
    case DiaryOutcome::kCancelled:
      return known && found->second.version == operation.version && found->second.cancelled;
  }
  return false;
}

std::string Diary::Text() const {
  std::string text;
  for (const auto& [number, visit] : visits_) {
    text += std::to_string(number) + "v" + std::to_string(visit.version);
    if (visit.minutes) {
      text += "@" + std::to_string(visit.minutes->begin) + "-" + std::to_string(visit.minutes->end);
    }
    text += visit.cancelled ? "x" : ";";
  }
  return text;
}

namespace {

// One search. Operations are tried in the order of their answers, those without one last: they are
// taken to have happened only where nothing else goes on.
class Search final {
 public:
  explicit Search(std::vector<DiaryOperation> operations)
      : operations_(std::move(operations)), done_(operations_.size(), false) {
    std::ranges::sort(operations_, {}, [](const DiaryOperation& each) {
      return std::pair(each.responded, each.invoked);
    });
  }

  Verdict Run() {
    std::size_t begin = 0;
    while (!Complete()) {
      if (Advance(begin)) {
        begin = 0;
        continue;
      }
      if (path_.size() >= deepest_) Remember();
      if (path_.empty()) return {.linearizable = false, .stuck = stuck_};
      begin = path_.back().operation + 1;
      diary_ = std::move(path_.back().before);
      done_[path_.back().operation] = false;
      first_ = std::min(first_, path_.back().operation);
      path_.pop_back();
    }
    return {.linearizable = true};
  }

 private:
  struct Step {
    std::size_t operation = 0;
    // The diary without it.
    Diary before;
  };

  // Everything that was answered has its place.
  bool Complete() {
    while (first_ < done_.size() && done_[first_]) ++first_;
    return first_ == done_.size() || operations_[first_].responded == kNever;
  }

  // No operation that was called after this one was answered can be before it.
  bool MayBeNext(std::size_t index) const {
    return !done_[index] && operations_[index].invoked <= operations_[first_].responded;
  }

  // Takes the first operation from `begin` on that can be next and leads somewhere new.
  bool Advance(std::size_t begin) {
    for (std::size_t index = begin; index < operations_.size(); ++index) {
      if (!MayBeNext(index)) continue;
      Diary after = diary_;
      if (!after.Apply(operations_[index])) continue;
      done_[index] = true;
      if (tried_.insert(Key(after)).second) {
        path_.push_back({.operation = index, .before = std::move(diary_)});
        diary_ = std::move(after);
        return true;
      }
      done_[index] = false;
    }
    return false;
  }

  std::string Key(const Diary& diary) const {
    std::size_t first = first_;
    while (first < done_.size() && done_[first]) ++first;
    std::string key = std::to_string(first);
    for (std::size_t index = first + 1; index < done_.size(); ++index) {
      if (done_[index]) key += "," + std::to_string(index);
    }
    return key + "|" + diary.Text();
  }

  void Remember() {
    deepest_ = path_.size();
    std::ostringstream text;
    text << "after " << deepest_ << " of " << operations_.size() << ", with " << diary_.Text()
         << ":\n";
    for (std::size_t index = first_; index < operations_.size(); ++index) {
      if (MayBeNext(index)) text << operations_[index] << "\n";
    }
    stuck_ = text.str();
  }

  std::vector<DiaryOperation> operations_;
  std::vector<bool> done_;
  // Nothing before it is left to be done.
  std::size_t first_ = 0;
  Diary diary_;
  std::vector<Step> path_;
  std::unordered_set<std::string> tried_;
  std::size_t deepest_ = 0;
  std::string stuck_;
};

}  // namespace

Verdict CheckLinearizable(std::vector<DiaryOperation> operations) {
  return Search(std::move(operations)).Run();
}

}  // namespace clinicd::testing
