// What clients did to the diaries of a clinic at the same time, and whether it can be explained as
// one thing after the other: is the history linearizable?
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace clinicd::testing {

// Minutes of a day, the end exclusive.
struct Minutes {
  int begin = 0;
  int end = 0;

  friend bool operator==(const Minutes&, const Minutes&) = default;
};

// What a visit takes. Resources are numbers of the caller's: practitioners, chairs and patients.
struct VisitPlace {
  int day = 0;
  Minutes minutes = {};
  std::vector<int> resources = {};

  friend bool operator==(const VisitPlace&, const VisitPlace&) = default;
};

enum class DiaryVerb { kBook, kMove, kCancel, kRead };

enum class DiaryOutcome {
  // It happened.
  kDone,
  // Refused: something is taken that the visit would need.
  kTaken,
  // Refused: the visit has another version than the one named.
  kStale,
  // Refused: the visit of that version has been cancelled.
  kCancelled,
  // Nobody was told. It may have happened or not, or may happen still.
  kUnknown
};

// When there was no answer.
inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

// A visit as a read shows it.
struct VisitSeen {
  int visit = 0;
  std::int64_t version = 0;
  VisitPlace place = {};
};

// A call by a client. Times are ticks of one clock that all clients share; what has the same tick
// was at the same time.
struct DiaryCall {
  DiaryVerb verb = DiaryVerb::kBook;
  DiaryOutcome outcome = DiaryOutcome::kDone;
  std::int64_t invoked = 0;
  std::int64_t responded = kNever;
  // Of all but reads. Each booking is of a visit of its own.
  int visit = 0;
  // Of moves and cancellations: what the client took it for.
  std::int64_t version = 0;
  std::optional<VisitPlace> from = {};
  // Of bookings and moves.
  std::optional<VisitPlace> to = {};
  // Of kTaken: the resources of which the answer said so. None: it did not say.
  std::vector<int> taken = {};
  // Of reads: all visits of a day, and the resources that were looked at.
  int day = 0;
  std::vector<int> resources = {};
  std::vector<VisitSeen> seen = {};
};

// What a call was to one diary.
struct DiaryOperation {
  // A visit and where it is in this diary, by visit.
  struct Entry {
    int visit = 0;
    std::int64_t version = 0;
    Minutes minutes;

    friend bool operator==(const Entry&, const Entry&) = default;
  };

  DiaryVerb verb = DiaryVerb::kBook;
  DiaryOutcome outcome = DiaryOutcome::kDone;
  std::int64_t invoked = 0;
  std::int64_t responded = kNever;
  int visit = 0;
  std::int64_t version = 0;
  // Where the visit stands in this diary before and after; none: not in this one.
  std::optional<Minutes> before = {};
  std::optional<Minutes> after = {};
  // Of reads, in order of visits.
  std::vector<Entry> seen = {};
};

std::ostream& operator<<(std::ostream& out, const DiaryOperation& operation);

// The diary of one resource on one day.
struct DiaryKey {
  int resource = 0;
  int day = 0;

  friend auto operator<=>(const DiaryKey&, const DiaryKey&) = default;
};

// The history of each diary. That each can be explained alone is necessary for all of them
// together; what a call changes in two diaries counts in each of them.
std::map<DiaryKey, std::vector<DiaryOperation>> ByDiary(const std::vector<DiaryCall>& calls);

// A day of one resource: nothing overlaps, a booking is new, a change is of the version that it
// names and makes the next one, a read shows all there is.
class Diary final {
 public:
  // Does what the operation says was done, or confirms why it was refused; false, with the diary
  // as it was, where the operation cannot have had its outcome now. What is unknown is done.
  bool Apply(const DiaryOperation& operation);

  // The same text for the same diary only.
  std::string Text() const;

 private:
  struct Visit {
    std::int64_t version = 0;
    // None: no longer in this diary.
    std::optional<Minutes> minutes;
    bool cancelled = false;
  };

  bool Done(const DiaryOperation& operation);
  bool Overlaps(const Minutes& minutes, int except) const;
  bool IsAsSeen(const std::vector<DiaryOperation::Entry>& seen) const;

  std::map<int, Visit> visits_;
};

struct Verdict {
  bool linearizable = false;
  // Where not: the operations of which one had to be next, after as many others as could be put in
  // an order.
  std::string stuck = {};
};

// Searches for an order in which each operation has its outcome, and in which one that was answered
// before another was called comes first (Wing and Gong), remembering what has been tried (Lowe).
// Takes exponential time at worst in the number of operations at the same time.
Verdict CheckLinearizable(std::vector<DiaryOperation> operations);

}  // namespace clinicd::testing
