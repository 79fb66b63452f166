#include "tests/support/diary_history.h"

#include <catch2/catch.hpp>

namespace clinicd::testing {
namespace {

constexpr DiaryKey kDiary{.resource = 1, .day = 1};

VisitPlace At(int begin, int end, int resource = kDiary.resource, int day = kDiary.day) {
  return {.day = day, .minutes = {begin, end}, .resources = {resource}};
}

struct Times {
  std::int64_t invoked;
  std::int64_t responded;
};

DiaryCall Book(Times times, int visit, const VisitPlace& to,
               DiaryOutcome outcome = DiaryOutcome::kDone) {
  DiaryCall call{.verb = DiaryVerb::kBook,
                 .outcome = outcome,
                 .invoked = times.invoked,
                 .responded = times.responded,
                 .visit = visit,
                 .to = to};
  if (outcome == DiaryOutcome::kTaken) call.taken = to.resources;
  return call;
}

// A visit of a version, and what becomes of it.
struct Known {
  int visit;
  std::int64_t version;
  VisitPlace from;
};

DiaryCall Move(Times times, const Known& known, const VisitPlace& to,
               DiaryOutcome outcome = DiaryOutcome::kDone) {
  DiaryCall call = Book(times, known.visit, to, outcome);
  call.verb = DiaryVerb::kMove;
  call.version = known.version;
  call.from = known.from;
  return call;
}

DiaryCall Cancel(Times times, const Known& known, DiaryOutcome outcome = DiaryOutcome::kDone) {
  return {.verb = DiaryVerb::kCancel,
          .outcome = outcome,
          .invoked = times.invoked,
          .responded = times.responded,
          .visit = known.visit,
          .version = known.version,
          .from = known.from};
}

DiaryCall Read(Times times, const std::vector<VisitSeen>& seen) {
  return {.verb = DiaryVerb::kRead,
          .invoked = times.invoked,
          .responded = times.responded,
          .day = kDiary.day,
          .resources = {kDiary.resource},
          .seen = seen};
}

// Of each diary by itself.
bool Explained(const std::vector<DiaryCall>& calls) {
  for (const auto& [key, operations] : ByDiary(calls)) {
    if (!CheckLinearizable(operations).linearizable) return false;
  }
  return true;
}

constexpr auto kTaken = DiaryOutcome::kTaken;
constexpr auto kStale = DiaryOutcome::kStale;
constexpr auto kUnknown = DiaryOutcome::kUnknown;
constexpr auto kWasCancelled = DiaryOutcome::kCancelled;

TEST_CASE("A diary in which nothing happened is explained", "[support][unit]") {
  CHECK(CheckLinearizable({}).linearizable);
}

TEST_CASE("One of two who book the same time at once is refused, and not both", "[support][unit]") {
  const DiaryCall first = Book({1, 10}, 1, At(0, 30));

  CHECK(Explained({first, Book({2, 9}, 2, At(15, 45), kTaken)}));
  CHECK(Explained({first, Book({2, 9}, 2, At(30, 45))}));
  CHECK_FALSE(Explained({first, Book({2, 9}, 2, At(15, 45))}));
  CHECK_FALSE(
      Explained({Book({1, 10}, 1, At(0, 30), kTaken), Book({2, 9}, 2, At(15, 45), kTaken)}));
}

TEST_CASE("Who was answered before another called comes first", "[support][unit]") {
  // Refused for a booking that begins only afterwards.
  CHECK_FALSE(Explained({Book({1, 2}, 2, At(0, 30), kTaken), Book({3, 4}, 1, At(0, 30))}));
  CHECK(Explained({Book({1, 3}, 2, At(0, 30), kTaken), Book({3, 4}, 1, At(0, 30))}));
  // Reads an empty day after a booking was acknowledged.
  CHECK_FALSE(Explained({Book({1, 2}, 1, At(0, 30)), Read({3, 4}, {})}));
  CHECK(Explained({Book({1, 3}, 1, At(0, 30)), Read({2, 4}, {})}));
}

TEST_CASE("A booking that was acknowledged is never lost", "[support][unit]") {
  const DiaryCall booked = Book({1, 2}, 1, At(0, 30));

  CHECK(Explained({booked, Read({3, 4}, {{1, 1, At(0, 30)}})}));
  CHECK_FALSE(Explained({booked, Read({3, 4}, {})}));
  CHECK_FALSE(Explained({booked, Book({3, 4}, 2, At(0, 30))}));
}

TEST_CASE("A cancelled visit makes room, and not before", "[support][unit]") {
  const DiaryCall booked = Book({1, 2}, 1, At(0, 30));
  const DiaryCall cancelled = Cancel({3, 6}, {1, 1, At(0, 30)});

  CHECK(Explained({booked, cancelled, Book({4, 5}, 2, At(0, 30))}));
  CHECK(Explained({booked, cancelled, Book({4, 5}, 2, At(0, 30), kTaken)}));
  CHECK(Explained({booked, cancelled, Book({7, 8}, 2, At(0, 30))}));
  CHECK_FALSE(Explained({booked, cancelled, Book({7, 8}, 2, At(0, 30), kTaken)}));
}

TEST_CASE("A visit is changed once from each of its versions", "[support][unit]") {
  const DiaryCall booked = Book({1, 2}, 1, At(0, 30));
  const Known known{1, 1, At(0, 30)};

  CHECK(Explained({booked, Move({3, 6}, known, At(60, 90)), Cancel({4, 5}, known, kStale)}));
  CHECK(Explained({booked, Cancel({3, 6}, known), Move({4, 5}, known, At(60, 90), kStale)}));
  CHECK_FALSE(Explained({booked, Move({3, 6}, known, At(60, 90)), Cancel({4, 5}, known)}));
  CHECK_FALSE(Explained({booked, Cancel({3, 4}, known, kStale)}));
  CHECK(
      Explained({booked, Cancel({3, 4}, known), Cancel({5, 6}, {1, 2, At(0, 30)}, kWasCancelled)}));
  CHECK_FALSE(Explained({booked, Cancel({3, 4}, known, kWasCancelled)}));
}

TEST_CASE("A move never stands in its own way, and makes room where it was", "[support][unit]") {
  const DiaryCall booked = Book({1, 2}, 1, At(0, 30));
  const Known known{1, 1, At(0, 30)};

  CHECK(Explained({booked, Move({3, 4}, known, At(15, 45))}));
  CHECK_FALSE(Explained({booked, Move({3, 4}, known, At(15, 45), kTaken)}));
  CHECK(Explained({booked, Move({3, 4}, known, At(15, 45)), Book({5, 6}, 2, At(0, 15))}));
  CHECK_FALSE(Explained({booked, Move({3, 4}, known, At(15, 45)), Book({5, 6}, 2, At(0, 30))}));
  CHECK_FALSE(
      Explained({booked, Move({3, 4}, known, At(15, 45)), Read({5, 6}, {{1, 2, At(0, 30)}})}));
}

TEST_CASE("A move between diaries leaves one and takes the other", "[support][unit]") {
  const VisitPlace here = At(0, 30);
  const VisitPlace there = At(0, 30, 2, 5);
  const DiaryCall booked = Book({1, 2}, 1, here);
  const DiaryCall moved = Move({3, 4}, {1, 1, here}, there);

  CHECK(Explained({booked, moved, Book({5, 6}, 2, here), Book({7, 8}, 3, there, kTaken)}));
  CHECK_FALSE(Explained({booked, moved, Book({5, 6}, 2, here, kTaken)}));
  CHECK_FALSE(Explained({booked, moved, Book({5, 6}, 2, there)}));
  CHECK(
      Explained({booked, moved, Move({5, 6}, {1, 2, there}, here), Read({7, 8}, {{1, 3, here}})}));
  CHECK_FALSE(Explained({booked, moved, Move({5, 6}, {1, 1, there}, here)}));
}

TEST_CASE("What nobody was told of may have happened at any time after the call, or never",
          "[support][unit]") {
  const DiaryCall lost = Book({1, kNever}, 1, At(0, 30), kUnknown);

  CHECK(Explained({lost, Read({5, 6}, {}), Read({7, 8}, {{1, 1, At(0, 30)}})}));
  CHECK(Explained({lost, Book({5, 6}, 2, At(0, 30))}));
  CHECK(Explained({lost, Book({5, 6}, 2, At(0, 30), kTaken)}));
  // Not undone, not done twice, and not before the call.
  CHECK_FALSE(Explained({lost, Read({5, 6}, {{1, 1, At(0, 30)}}), Read({7, 8}, {})}));
  CHECK_FALSE(Explained({lost, Book({5, 6}, 2, At(0, 30), kTaken), Book({7, 8}, 3, At(0, 30))}));
  CHECK_FALSE(
      Explained({Read({1, 2}, {{1, 1, At(0, 30)}}), Book({3, kNever}, 1, At(0, 30), kUnknown)}));
  const Known known{1, 1, At(0, 30)};
  const DiaryCall booked = Book({1, 2}, 1, At(0, 30));
  const DiaryCall lost_cancel = Cancel({3, kNever}, known, kUnknown);
  CHECK(Explained({booked, lost_cancel, Book({5, 6}, 2, At(0, 30))}));
  CHECK(Explained({booked, lost_cancel, Book({5, 6}, 2, At(0, 30), kTaken)}));
  CHECK_FALSE(Explained(
      {booked, lost_cancel, Book({5, 6}, 2, At(0, 30)), Read({7, 8}, {{1, 1, At(0, 30)}})}));
}

TEST_CASE("An order is found that only the last answer decides", "[support][unit]") {
  // Ten who booked beside each other at once, in any order; a reader who saw one of the orders.
  std::vector<DiaryCall> calls;
  for (int i = 0; i < 10; ++i) calls.push_back(Book({1, 100}, i, At(10 * i, 10 * i + 10)));
  calls.push_back(Read({2, 99}, {{9, 1, At(90, 100)}}));

  CHECK(Explained(calls));
  calls.push_back(Read({2, 99}, {{8, 1, At(80, 90)}}));
  CHECK_FALSE(Explained(calls));
}

TEST_CASE("A refusal that does not say what is taken says nothing of any diary",
          "[support][unit]") {
  DiaryCall refused = Book({1, 2}, 1, At(0, 30), kTaken);
  refused.taken.clear();

  CHECK(ByDiary({refused}).empty());
}

TEST_CASE("A history that cannot be is told with what was to come next", "[support][unit]") {
  const auto diaries = ByDiary({Book({1, 2}, 1, At(0, 30)), Book({3, 4}, 2, At(0, 30))});

  const Verdict verdict = CheckLinearizable(diaries.at(kDiary));

  CHECK_FALSE(verdict.linearizable);
  CHECK(verdict.stuck.find("visit 2") != std::string::npos);
  CHECK(verdict.stuck.find("visit 1") == std::string::npos);
}

}  // namespace
}  // namespace clinicd::testing
