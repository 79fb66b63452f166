#include "tests/bench/clinicbench/load.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/try.h"

namespace clinicd::bench {
namespace {

constexpr absl::Duration kLate = absl::Milliseconds(1);
// For the last answers.
constexpr absl::Duration kPatience = absl::Seconds(20);

struct Flight {
  Operation operation;
  absl::Time due;
  absl::Time sent;
};

class Load final {
 public:
  Load(Driver& driver, OperationSource& source, const LoadOptions& options)
      : driver_(driver),
        source_(source),
        options_(options),
        flights_(static_cast<std::size_t>(options.slots)),
        start_(absl::Now()),
        count_from_(start_ + options.warm_up),
        end_(count_from_ + options.measured) {
    for (std::size_t slot = flights_.size(); slot > 0; --slot) free_.push_back(slot - 1);
  }

  absl::StatusOr<LoadResult> Run() {
    CLINICD_RETURN_IF_ERROR(options_.rate ? RunOpen() : RunClosed());
    CLINICD_RETURN_IF_ERROR(Drain());
    result_.seconds = absl::ToDoubleSeconds(std::min(end_, stopped_) - count_from_);
    return std::move(result_);
  }

 private:
  bool Ended(absl::Time now) {
    const bool ended =
        now >= end_ || (options_.calls_max > 0 && result_.calls >= options_.calls_max);
    if (ended) stopped_ = std::min(stopped_, now);
    return ended;
  }

  absl::Status RunClosed() {
    while (!Ended(absl::Now())) {
      while (!free_.empty() && !Ended(absl::Now())) CLINICD_RETURN_IF_ERROR(Send(absl::Now()));
      CLINICD_RETURN_IF_ERROR(Wait(end_));
    }
    return absl::OkStatus();
  }

  absl::Status RunOpen() {
    Arrivals arrivals(options_.arrivals, *options_.rate, options_.seed);
    absl::Time due = start_ + arrivals.Next();
    while (due < end_ && !Ended(absl::Now())) {
      const absl::Time now = absl::Now();
      if (now >= due && !free_.empty()) {
        CLINICD_RETURN_IF_ERROR(Send(due));
        due = start_ + arrivals.Next();
        continue;
      }
      // Without a free slot the call stays due: how late it is sent is part of its latency.
      CLINICD_RETURN_IF_ERROR(Wait(now >= due ? now + absl::Microseconds(100) : due));
    }
    return absl::OkStatus();
  }

  absl::Status Drain() {
    const absl::Time give_up = absl::Now() + kPatience;
    while (free_.size() < flights_.size()) {
      if (absl::Now() > give_up) return absl::InternalError("an answer never came");
      CLINICD_RETURN_IF_ERROR(Wait(absl::Now() + absl::Milliseconds(10)));
    }
    return absl::OkStatus();
  }

  absl::Status Send(absl::Time due) {
    const std::optional<Operation> operation = source_.Next();
    if (!operation) return absl::OutOfRangeError("nothing is left that could be asked for");
    const std::size_t slot = free_.back();
    free_.pop_back();
    Flight& flight = flights_[slot];
    flight = {.operation = *operation, .due = due, .sent = absl::Now()};
    ++result_.calls;
    if (Measured(flight)) {
      ++result_.sent;
      if (flight.sent - due > kLate) ++result_.late;
    }
    return driver_.Start(slot, *operation);
  }

  bool Measured(const Flight& flight) const {
    return flight.due >= count_from_ && flight.due < end_;
  }

  absl::Status Wait(absl::Time until) {
    done_.clear();
    CLINICD_RETURN_IF_ERROR(driver_.Wait(until, done_));
    for (const Completion& completion : done_) CLINICD_RETURN_IF_ERROR(Count(completion));
    return absl::OkStatus();
  }

  absl::Status Count(const Completion& completion) {
    const Flight& flight = flights_[completion.slot];
    free_.push_back(completion.slot);
    const bool refused = completion.verdict == Verdict::kRefused;
    if (completion.verdict == Verdict::kWrong || (refused && !options_.refusals)) {
      return absl::InternalError(
          absl::StrCat("wrong answer for clinic ", flight.operation.clinic, ": ", completion.note));
    }
    if (completion.verdict == Verdict::kRight) source_.Booked(flight.operation);
    // In a closed loop what counts is what is answered in the measured time.
    const bool counted =
        options_.rate ? Measured(flight) : completion.at >= count_from_ && completion.at < end_;
    if (!counted) return absl::OkStatus();
    if (refused) {
      ++result_.refused;
      ++result_.refusals[completion.note];
      result_.refusal.Add(completion.at - flight.sent);
      return absl::OkStatus();
    }
    ++(completion.verdict == Verdict::kTaken ? result_.taken : result_.right);
    result_.latency.Add(completion.at - flight.due);
    result_.service.Add(completion.at - flight.sent);
    return absl::OkStatus();
  }

  Driver& driver_;
  OperationSource& source_;
  const LoadOptions options_;
  std::vector<Flight> flights_;
  std::vector<std::size_t> free_;
  std::vector<Completion> done_;
  const absl::Time start_;
  const absl::Time count_from_;
  const absl::Time end_;
  absl::Time stopped_ = absl::InfiniteFuture();
  LoadResult result_;
};

}  // namespace

absl::StatusOr<LoadResult> RunLoad(Driver& driver, OperationSource& source,
                                   const LoadOptions& options) {
  return Load(driver, source, options).Run();
}

}  // namespace clinicd::bench
