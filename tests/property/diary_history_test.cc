#include "tests/support/diary_history.h"

#include <rapidcheck/catch.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <numeric>

namespace clinicd::testing {
namespace {

// Few of everything, so that they meet, and so that every order can be tried.
constexpr int kOperationsMax = 6;
constexpr int kVisits = 3;

std::optional<Minutes> AnyMinutes() {
  const int begin = *rc::gen::inRange(0, 4);
  return Minutes{begin, begin + *rc::gen::inRange(1, 3)};
}

// What nobody said of the operation yet: its outcome.
DiaryOperation AnyOperation() {
  DiaryOperation operation;
  operation.verb =
      *rc::gen::element(DiaryVerb::kBook, DiaryVerb::kBook, DiaryVerb::kMove, DiaryVerb::kCancel);
  operation.visit = *rc::gen::inRange(0, kVisits);
  if (operation.verb != DiaryVerb::kBook) {
    operation.version = *rc::gen::inRange(1, 3);
    operation.before = AnyMinutes();
  }
  if (operation.verb != DiaryVerb::kCancel) operation.after = AnyMinutes();
  return operation;
}

// Gives it the first outcome that it can have now, if there is one, or any.
void Answer(DiaryOperation& operation, Diary& diary) {
  constexpr std::array kOutcomes = {DiaryOutcome::kDone, DiaryOutcome::kTaken, DiaryOutcome::kStale,
                                    DiaryOutcome::kCancelled, DiaryOutcome::kUnknown};
  operation.outcome = *rc::gen::elementOf(kOutcomes);
  if (operation.outcome != DiaryOutcome::kUnknown && *rc::gen::inRange(0, 8) != 0) {
    for (const DiaryOutcome each : kOutcomes) {
      operation.outcome = each;
      if (diary.Apply(operation)) break;
    }
  }
  if (operation.outcome == DiaryOutcome::kUnknown) operation.responded = kNever;
}

std::vector<DiaryOperation> AnyHistory() {
  std::vector<DiaryOperation> history;
  Diary diary;
  const int count = *rc::gen::inRange(1, kOperationsMax + 1);
  for (int i = 0; i < count; ++i) {
    DiaryOperation operation = AnyOperation();
    operation.invoked = 4 * i - *rc::gen::inRange(0, 12);
    operation.responded = 4 * i + *rc::gen::inRange(0, 12);
    Answer(operation, diary);
    history.push_back(operation);
  }
  return history;
}

// Whether the operations can have happened in this order, those without an answer or not.
bool CanFollow(const std::vector<DiaryOperation>& history, const std::vector<std::size_t>& order,
               std::size_t position, const Diary& diary) {
  if (position == order.size()) return true;
  const DiaryOperation& operation = history[order[position]];
  if (operation.outcome == DiaryOutcome::kUnknown &&
      CanFollow(history, order, position + 1, diary)) {
    return true;
  }
  const bool in_time =
      std::all_of(order.begin() + static_cast<std::ptrdiff_t>(position), order.end(),
                  [&](std::size_t later) { return history[later].responded >= operation.invoked; });
  Diary after = diary;
  return in_time && after.Apply(operation) && CanFollow(history, order, position + 1, after);
}

bool HasAnOrder(const std::vector<DiaryOperation>& history) {
  std::vector<std::size_t> order(history.size());
  std::iota(order.begin(), order.end(), 0U);
  do {
    if (CanFollow(history, order, 0, Diary())) return true;
  } while (std::ranges::next_permutation(order).found);
  return false;
}

TEST_CASE("A history is explained when and only when one of all orders explains it",
          "[support][property]") {
  int explained = 0;
  int refused = 0;

  rc::prop("the search finds what trying every order finds", [&] {
    const std::vector<DiaryOperation> history = AnyHistory();
    const bool has_an_order = HasAnOrder(history);
    ++(has_an_order ? explained : refused);
    RC_ASSERT(CheckLinearizable(history).linearizable == has_an_order);
  });

  // Neither answer is right by chance.
  CHECK(explained >= 10);
  CHECK(refused >= 10);
}

}  // namespace
}  // namespace clinicd::testing
