#include "services/server/client/lanes.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <vector>

#include "absl/synchronization/notification.h"

namespace clinicd::client {
namespace {

TEST_CASE("Lanes keeps the order of the jobs of one key", "[client][unit]") {
  std::vector<std::vector<int>> seen(8);
  Lanes lanes(4);

  for (int i = 0; i < 1000; ++i) {
    for (std::size_t key = 0; key < seen.size(); ++key) {
      lanes.Submit(key, [&seen, key, i] { seen[key].push_back(i); });
    }
  }
  lanes.Drain();

  for (const std::vector<int>& one : seen) {
    REQUIRE(one.size() == 1000);
    CHECK(std::is_sorted(one.begin(), one.end()));
  }
}

TEST_CASE("Lanes runs jobs of different keys at the same time", "[client][unit]") {
  absl::Notification first;
  absl::Notification second;
  Lanes lanes(2);

  // Each can only end if the other runs as well.
  lanes.Submit(0, [&] {
    first.Notify();
    second.WaitForNotification();
  });
  lanes.Submit(1, [&] {
    second.Notify();
    first.WaitForNotification();
  });
  lanes.Drain();

  CHECK(first.HasBeenNotified());
}

TEST_CASE("Lanes runs what was submitted before it ends", "[client][unit]") {
  std::atomic<int> done = 0;
  {
    Lanes lanes(3);
    for (std::size_t i = 0; i < 100; ++i) lanes.Submit(i, [&done] { ++done; });
  }

  CHECK(done == 100);
}

}  // namespace
}  // namespace clinicd::client
