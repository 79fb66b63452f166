#include "db/access/pool.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/status/error.h"
#include "tests/support/fakes.h"

namespace clinicd::db {
namespace {

const ClinicId kNoisy(*Uuid::Parse("018f0000-0000-7000-8000-00000000000a"));
const ClinicId kQuiet(*Uuid::Parse("018f0000-0000-7000-8000-00000000000b"));

// A pool of one worker, which is busy until it is let go; what waits meanwhile is run afterwards.
class BusyPool {
 public:
  explicit BusyPool(std::size_t queue_max = 256)
      : clock_(absl::FromUnixSeconds(1'800'000'000)),
        pool_(std::make_unique<Pool>(
            Pool::Options{.connection = {}, .workers = 1, .queue_max = queue_max}, clock_)) {
    Submit(kNoisy, "");
    AwaitBusy(1);
  }
  ~BusyPool() { LetGo(kAll); }

  bool Submit(const ClinicId& clinic, const std::string& name,
              absl::Duration left = absl::InfiniteDuration()) {
    Pool::Job job;
    job.clinic = clinic;
    job.deadline = clock_.Now() + left;
    job.run = [this, name](const absl::StatusOr<Worker*>& worker,
                           const std::shared_ptr<Canceller>&) {
      if (worker.ok()) return Run(name);
      CHECK(status::ReasonOf(worker.status()) == status::ErrorReason::SERVER_BUSY);
      refused_.push_back(name);
    };
    return pool_->TrySubmit(std::move(job));
  }
  void Advance(absl::Duration duration) { clock_.Advance(duration); }
  // Ends what the worker does, and has it take the next, which must be there.
  void RunOne() {
    LetGo(1);
    AwaitBusy(++awaited_);
  }
  Pool::Stats stats() const { return pool_->stats(); }
  // What lost its place, in the thread that submitted.
  const std::vector<std::string>& refused() const { return refused_; }

  // The names of what waited, in the order in which it was run.
  std::vector<std::string> Order() {
    LetGo(kAll);
    pool_.reset();
    const absl::MutexLock lock(&mutex_);
    return {order_.begin() + 1, order_.end()};
  }

 private:
  static constexpr int kAll = 1'000'000;

  void Run(const std::string& name) {
    const absl::MutexLock lock(&mutex_);
    order_.push_back(name);
    const auto let_go = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return let_go_ > 0; };
    mutex_.Await(absl::Condition(&let_go));
    --let_go_;
  }
  void LetGo(int jobs) {
    const absl::MutexLock lock(&mutex_);
    let_go_ += jobs;
  }
  void AwaitBusy(std::size_t jobs) {
    const absl::MutexLock lock(&mutex_);
    const auto begun = [this, jobs]()
                           ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return order_.size() == jobs; };
    mutex_.Await(absl::Condition(&begun));
  }

  testing::FakeClock clock_;
  absl::Mutex mutex_;
  // How many jobs may still end.
  int let_go_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> order_ ABSL_GUARDED_BY(mutex_);
  std::size_t awaited_ = 1;
  std::vector<std::string> refused_;
  std::unique_ptr<Pool> pool_;
};

TEST_CASE("Clinics that wait take turns, and each one's calls keep their order", "[db]") {
  BusyPool pool;
  for (const char* name : {"n1", "n2", "n3"}) REQUIRE(pool.Submit(kNoisy, name));
  for (const char* name : {"q1", "q2"}) REQUIRE(pool.Submit(kQuiet, name));
  CHECK(pool.stats().queued == 5);
  CHECK(pool.stats().running == 1);

  CHECK(pool.Order() == std::vector<std::string>{"n1", "q1", "n2", "q2", "n3"});
}

// Until the line ahead of the next call of kNoisy is so long, at a pace of 10 ms.
void KeepBusy(BusyPool& pool, int waiting) {
  constexpr int kTaken = 400;
  for (int i = 0; i < kTaken + waiting; ++i) REQUIRE(pool.Submit(kNoisy, "n"));
  for (int i = 0; i < kTaken; ++i) {
    pool.Advance(absl::Milliseconds(10));
    pool.RunOne();
  }
}

TEST_CASE("A call is refused that would wait too long at the pace of its clinic", "[db]") {
  BusyPool pool(1000);
  struct Case {
    int waiting;
    absl::Duration left;
    bool taken;
  };
  const auto [waiting, left, taken] = GENERATE(values<Case>({
      {49, absl::InfiniteDuration(), true},
      {51, absl::InfiniteDuration(), false},
      {9, absl::Milliseconds(200), true},
      {11, absl::Milliseconds(200), false},
      // One waits for the one worker: whatever time it takes, nothing is gained by refusing.
      {1, absl::Milliseconds(1), true},
      {2, absl::Milliseconds(1), false},
  }));
  KeepBusy(pool, waiting);

  CHECK(pool.Submit(kNoisy, "late", left) == taken);
  CHECK(pool.Submit(kQuiet, "q", left));

  const std::vector<std::string> order = pool.Order();
  CHECK(std::count(order.begin(), order.end(), "late") == (taken ? 1 : 0));
  CHECK(std::count(order.begin(), order.end(), "q") == 1);
}

TEST_CASE("Calls that come while all workers stand still are not refused", "[db]") {
  BusyPool pool;
  for (int i = 0; i < 100; ++i) REQUIRE(pool.Submit(kNoisy, "n"));
  pool.RunOne();
  pool.Advance(absl::Seconds(5));
  CHECK(pool.Submit(kNoisy, "n"));

  // The stall counts once it is over, until others were taken without one.
  pool.RunOne();
  CHECK_FALSE(pool.Submit(kNoisy, "n"));
  for (int i = 0; i < 80; ++i) pool.RunOne();
  CHECK(pool.Submit(kNoisy, "n"));
}

TEST_CASE("A full queue makes room for a quiet clinic at the cost of the busiest one's newest call",
          "[db]") {
  BusyPool pool(3);
  for (const char* name : {"n1", "n2", "n3"}) REQUIRE(pool.Submit(kNoisy, name));

  CHECK_FALSE(pool.Submit(kNoisy, "n4"));
  CHECK(pool.Submit(kQuiet, "q1"));
  // Two wait of the one, one of the other: a further exchange would only turn that round.
  CHECK_FALSE(pool.Submit(kQuiet, "q2"));

  CHECK(pool.refused() == std::vector<std::string>{"n3"});
  CHECK(pool.Order() == std::vector<std::string>{"n1", "q1", "n2"});
}

}  // namespace
}  // namespace clinicd::db
