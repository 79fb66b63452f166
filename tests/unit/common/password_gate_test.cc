#include <google/rpc/error_details.pb.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <optional>
#include <thread>
#include <vector>

#include "common/auth/work_gate.h"
#include "common/status/error.h"
#include "tests/support/fakes.h"

namespace clinicd::auth {
namespace {

using testing::FakeClock;

const absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

bool SaysWhenToRetry(const absl::Status& status) {
  google::rpc::RetryInfo retry;
  const google::rpc::Status details = status::DetailsOf(status);
  for (const auto& detail : details.details()) {
    if (detail.UnpackTo(&retry)) return retry.retry_delay().seconds() > 0;
  }
  return false;
}

void CheckBusy(const absl::Status& status) {
  CHECK(absl::IsResourceExhausted(status));
  CHECK(status::ReasonOf(status) == status::ErrorReason::SERVER_BUSY);
  CHECK(SaysWhenToRetry(status));
}

// Waits, without a fixed time, until that many wait at the gate.
void AwaitWaiting(const WorkGate& gate, std::size_t count) {
  while (gate.waiting() != count) std::this_thread::yield();
}

TEST_CASE("A gate lets in as many as it should and the next when one leaves", "[auth][unit]") {
  const FakeClock clock(kStart);
  WorkGate gate({.working_max = 2, .waiting_max = 0}, clock);
  std::optional<WorkGate::Ticket> first(*gate.Enter(absl::InfiniteFuture()));
  const auto second = gate.Enter(absl::InfiniteFuture());

  REQUIRE(second.ok());
  CheckBusy(gate.Enter(absl::InfiniteFuture()).status());
  first.reset();
  CHECK(gate.working() == 1);
  CHECK(gate.Enter(absl::InfiniteFuture()).ok());
}

TEST_CASE("A gate refuses at once when too many wait, and serves all who do", "[auth][unit]") {
  const FakeClock clock(kStart);
  WorkGate gate({.working_max = 2, .waiting_max = 16, .wait_max = absl::Minutes(5)}, clock);
  std::vector<WorkGate::Ticket> working;
  for (int i = 0; i < 2; ++i) working.push_back(*gate.Enter(absl::InfiniteFuture()));
  std::atomic<int> served = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      const auto ticket = gate.Enter(absl::InfiniteFuture());
      if (ticket.ok() && gate.working() <= 2) ++served;
    });
  }
  AwaitWaiting(gate, 16);

  CheckBusy(gate.Enter(absl::InfiniteFuture()).status());
  working.clear();
  for (std::thread& thread : threads) thread.join();

  CHECK(served == 16);
  CHECK(gate.working() == 0);
  CHECK(gate.waiting() == 0);
}

TEST_CASE("A gate gives up waiting after its longest wait", "[auth][unit]") {
  const FakeClock clock(kStart);
  WorkGate gate({.working_max = 1, .waiting_max = 1, .wait_max = absl::Milliseconds(5)}, clock);
  const auto working = gate.Enter(absl::InfiniteFuture());

  CheckBusy(gate.Enter(absl::InfiniteFuture()).status());
  CHECK(gate.waiting() == 0);
}

TEST_CASE("A gate gives up waiting at the deadline", "[auth][unit]") {
  const FakeClock clock(kStart);
  WorkGate gate({.working_max = 1, .waiting_max = 1, .wait_max = absl::Hours(1)}, clock);
  const auto working = gate.Enter(absl::InfiniteFuture());

  CheckBusy(gate.Enter(kStart + absl::Milliseconds(5)).status());
}

TEST_CASE("A gate refuses a call whose deadline has passed even when free", "[auth][unit]") {
  const FakeClock clock(kStart);
  WorkGate gate({.working_max = 1}, clock);

  CheckBusy(gate.Enter(kStart).status());
  CheckBusy(gate.Enter(kStart - absl::Seconds(1)).status());
  CHECK(gate.Enter(kStart + absl::Seconds(1)).ok());
}

}  // namespace
}  // namespace clinicd::auth
