#include "common/rpc/stream_driver.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "absl/synchronization/notification.h"
#include "common/status/error.h"

namespace clinicd::rpc {
namespace {

using status::ErrorReason;

class CountedStream final : public DrivenStream {
 public:
  void Drive() override {
    ++times;
    if (!driven.HasBeenNotified()) driven.Notify();
  }

  std::atomic<int> times = 0;
  absl::Notification driven;
};

UserId User(char last) {
  return UserId(*Uuid::Parse(std::string("0190b5a2-0000-7000-8000-00000000000") + last));
}

ErrorReason Refusal(StreamDriver& driver, std::optional<UserId> user) {
  return status::ReasonOf(driver.Add(std::make_shared<CountedStream>(), user).status());
}

TEST_CASE("A user has a share of the streams, and others theirs", "[streams][unit]") {
  StreamDriver driver({.streams_max = 100, .streams_of_user_max = 3});
  std::vector<std::uint64_t> numbers;
  for (int i = 0; i < 3; ++i) {
    const auto number = driver.Add(std::make_shared<CountedStream>(), User('1'));
    REQUIRE(number.ok());
    numbers.push_back(*number);
  }

  const absl::Status refused = driver.Add(std::make_shared<CountedStream>(), User('1')).status();
  CHECK(refused.code() == absl::StatusCode::kResourceExhausted);
  CHECK(status::ReasonOf(refused) == ErrorReason::STREAM_LIMIT_REACHED);
  CHECK(driver.Add(std::make_shared<CountedStream>(), User('2')).ok());

  // A place that was given back is there again, once.
  driver.Remove(numbers[1]);
  driver.Remove(numbers[1]);
  CHECK(driver.Add(std::make_shared<CountedStream>(), User('1')).ok());
  CHECK(Refusal(driver, User('1')) == ErrorReason::STREAM_LIMIT_REACHED);
}

TEST_CASE("All streams together have a limit, whoever they belong to", "[streams][unit]") {
  const std::optional<UserId> user = GENERATE(std::optional<UserId>(), User('3'));
  StreamDriver driver({.streams_max = 4, .streams_of_user_max = 3});
  for (int i = 0; i < 2; ++i) {
    REQUIRE(driver.Add(std::make_shared<CountedStream>(), User('1')).ok());
    REQUIRE(driver.Add(std::make_shared<CountedStream>(), std::nullopt).ok());
  }

  CHECK(Refusal(driver, user) == ErrorReason::SERVER_BUSY);
}

TEST_CASE("Nothing is driven once the driver has stopped", "[streams][unit]") {
  StreamDriver driver({});
  const auto stream = std::make_shared<CountedStream>();
  const auto number = driver.Add(stream, std::nullopt);
  REQUIRE(number.ok());
  driver.Wake(*number);
  stream->driven.WaitForNotification();

  driver.Stop();
  const int times = stream->times;
  driver.Wake(*number);
  driver.Drain();
  driver.Remove(*number);
  driver.Stop();

  CHECK(stream->times == times);
  CHECK(stream.use_count() == 1);
}

}  // namespace
}  // namespace clinicd::rpc
