#include "db/access/pool.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
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
    absl::Notification started;
    Pool::Job job;
    job.run = [&](const absl::StatusOr<Worker*>&, const std::shared_ptr<Canceller>&) {
      started.Notify();
      let_go_.WaitForNotification();
    };
    const bool taken = pool_->TrySubmit(std::move(job));
    REQUIRE(taken);
    started.WaitForNotification();
  }

  bool Submit(const ClinicId& clinic, const std::string& name) {
    Pool::Job job;
    job.clinic = clinic;
    job.run = [this, name](const absl::StatusOr<Worker*>&, const std::shared_ptr<Canceller>&) {
      order_.push_back(name);
    };
    return pool_->TrySubmit(std::move(job));
  }
  void Advance(absl::Duration duration) { clock_.Advance(duration); }

  // The names of what waited, in the order in which it was run.
  std::vector<std::string> Order() {
    let_go_.Notify();
    pool_.reset();
    return order_;
  }

 private:
  testing::FakeClock clock_;
  absl::Notification let_go_;
  // Written by the one worker, read when it has ended.
  std::vector<std::string> order_;
  std::unique_ptr<Pool> pool_;
};

TEST_CASE("Clinics that wait take turns, and each one's calls keep their order", "[db]") {
  BusyPool pool;
  for (const char* name : {"n1", "n2", "n3"}) REQUIRE(pool.Submit(kNoisy, name));
  for (const char* name : {"q1", "q2"}) REQUIRE(pool.Submit(kQuiet, name));

  CHECK(pool.Order() == std::vector<std::string>{"n1", "q1", "n2", "q2", "n3"});
}

TEST_CASE("The newest call comes first once the oldest has waited too long", "[db]") {
  BusyPool pool;
  for (const char* name : {"1", "2", "3"}) REQUIRE(pool.Submit(kNoisy, name));
  const auto [waited, order] = GENERATE(table<absl::Duration, std::vector<std::string>>(
      {{absl::Milliseconds(500), {"1", "2", "3"}}, {absl::Milliseconds(501), {"3", "2", "1"}}}));

  pool.Advance(waited);

  CHECK(pool.Order() == order);
}

TEST_CASE("What is beyond the bound of the queue is refused, whosever it is", "[db]") {
  BusyPool pool(2);
  REQUIRE(pool.Submit(kNoisy, "1"));
  REQUIRE(pool.Submit(kNoisy, "2"));

  CHECK_FALSE(pool.Submit(kQuiet, "3"));
  CHECK(pool.Order() == std::vector<std::string>{"1", "2"});
}

}  // namespace
}  // namespace clinicd::db
