// That who follows the change table misses nothing, whatever the order of commits.
#include "db/access/change_feed.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/support/test_database.h"

namespace clinicd::db {
namespace {

using testing::TestDatabase;

constexpr char kClinic[] = "018f0000-0000-7000-8000-000000000001";
constexpr char kOther[] = "018f0000-0000-7000-8000-000000000002";
constexpr absl::CivilDay kDay(2027, 3, 29);

std::string Thing(int number) { return absl::StrFormat("018f0000-0000-7000-9000-%012d", number); }

// The statement that a change of the thing runs.
std::string Changed(int number, const std::string& day = "2027-03-29",
                    const std::string& clinic = kClinic) {
  return absl::StrCat(
      "INSERT INTO clinicd.changes (clinic_id, id, entity_type, entity_id, row_version, is_on) "
      "VALUES ('",
      clinic, "', gen_random_uuid(), 'appointment', '", Thing(number), "', 1, '", day, "')");
}

void Must(AdminConnection& connection, const std::string& sql) {
  const absl::Status status = connection.Execute(sql);
  INFO(status);
  REQUIRE(status.ok());
}

// One who listens to the day of a clinic.
class Listening final {
 public:
  explicit Listening(ChangeFeed& feed)
      : subscription_(feed.Subscribe({.clinic = *ClinicId::Parse(kClinic),
                                      .entity_type = "appointment",
                                      .first_on = kDay,
                                      .last_on = kDay},
                                     [this] {
                                       const absl::MutexLock lock(&mutex_);
                                       woken_ = true;
                                     })) {}

  // Takes news until `count` things were told in all, or half a minute has passed.
  const std::multiset<std::string>& AwaitThings(std::size_t count) {
    const absl::Time give_up = absl::Now() + absl::Seconds(30);
    while (things_.size() < count && !everything_ && absl::Now() < give_up) {
      {
        const absl::MutexLock lock(&mutex_);
        mutex_.AwaitWithDeadline(absl::Condition(&woken_), give_up);
        woken_ = false;
      }
      const ChangeNews news = subscription_->Take();
      position_ = news.position;
      everything_ |= news.everything;
      for (const Uuid& entity : news.entities) things_.insert(entity.ToString());
    }
    return things_;
  }
  bool everything() const { return everything_; }
  std::int64_t position() const { return position_; }

 private:
  absl::Mutex mutex_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  std::multiset<std::string> things_;
  bool everything_ = false;
  std::int64_t position_ = 0;
  std::unique_ptr<ChangeSubscription> subscription_;
};

struct Followed {
  explicit Followed(std::size_t pending_max = 500)
      : feed({.conninfo = database.auth(), .pending_max = pending_max}, clock) {
    REQUIRE(feed.Start().ok());
  }

  TestDatabase database;
  const MonotonicClock clock;
  ChangeFeed feed;
};

TEST_CASE("A change is told once, to those of its clinic and day", "[feed][integration]") {
  Followed followed;
  Listening listening(followed.feed);
  AdminConnection writer = followed.database.Connect();

  Must(writer, Changed(1, "2027-03-30"));
  Must(writer, Changed(2, "2027-03-29", kOther));
  Must(writer, Changed(3));
  Must(writer, Changed(4));

  CHECK(listening.AwaitThings(2) == std::multiset<std::string>{Thing(3), Thing(4)});
}

TEST_CASE("A transaction that commits late is not lost, and holds up nobody",
          "[feed][integration]") {
  Followed followed;
  Listening listening(followed.feed);
  AdminConnection late = followed.database.Connect();
  AdminConnection early = followed.database.Connect();

  Must(late, "BEGIN");
  Must(late, Changed(1));
  Must(early, Changed(2));
  CHECK(listening.AwaitThings(1) == std::multiset<std::string>{Thing(2)});
  Must(early, Changed(3));
  CHECK(listening.AwaitThings(2) == std::multiset<std::string>{Thing(2), Thing(3)});
  // Who goes on from here has not been told of the transaction that is open.
  std::int64_t open = 0;
  const auto number = late.QueryValue("SELECT pg_current_xact_id()");
  REQUIRE(number.ok());
  REQUIRE(absl::SimpleAtoi(*number, &open));
  CHECK(listening.position() <= open);
  Must(late, "COMMIT");

  CHECK(listening.AwaitThings(3) == std::multiset<std::string>{Thing(1), Thing(2), Thing(3)});
}

TEST_CASE("What is rolled back is not told", "[feed][integration]") {
  Followed followed;
  Listening listening(followed.feed);
  AdminConnection writer = followed.database.Connect();

  Must(writer, "BEGIN");
  Must(writer, Changed(1));
  Must(writer, "ROLLBACK");
  Must(writer, Changed(2));

  CHECK(listening.AwaitThings(1) == std::multiset<std::string>{Thing(2)});
}

TEST_CASE("Of many writers at once every change is told exactly once", "[feed][integration]") {
  constexpr int kWriters = 8;
  constexpr int kEach = 50;
  Followed followed;
  Listening listening(followed.feed);
  std::vector<std::thread> writers;
  std::atomic<int> failed = 0;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      AdminConnection connection = followed.database.Connect();
      for (int i = 0; i < kEach; ++i) {
        // Every third transaction does something else between its change and its commit.
        const std::string pause = i % 3 == 0 ? "; SELECT count(*) FROM generate_series(1, 20000)" : "";
        const std::string sql =
            absl::StrCat("BEGIN; ", Changed(writer * kEach + i), pause, "; COMMIT");
        if (!connection.Execute(sql).ok()) ++failed;
      }
    });
  }

  const std::multiset<std::string> things = listening.AwaitThings(kWriters * kEach);
  for (std::thread& writer : writers) writer.join();

  CHECK(failed == 0);
  CHECK(things.size() == kWriters * kEach);
  CHECK(std::set<std::string>(things.begin(), things.end()).size() == kWriters * kEach);
}

TEST_CASE("More changes than a listener remembers become everything", "[feed][integration]") {
  Followed followed(/*pending_max=*/10);
  Listening listening(followed.feed);
  AdminConnection writer = followed.database.Connect();

  std::string sql = "BEGIN";
  for (int i = 0; i < 11; ++i) absl::StrAppend(&sql, "; ", Changed(i));
  Must(writer, absl::StrCat(sql, "; COMMIT"));

  CHECK(listening.AwaitThings(11).empty());
  CHECK(listening.everything());
}

TEST_CASE("What changes while the follower has no connection is told afterwards",
          "[feed][integration]") {
  Followed followed;
  Listening listening(followed.feed);
  AdminConnection superuser = followed.database.Connect();
  Must(superuser, Changed(1));
  REQUIRE(listening.AwaitThings(1).size() == 1);

  Must(superuser, absl::StrCat("BEGIN; SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                               "WHERE usename = 'clinicd_auth' AND datname = current_database(); ",
                               Changed(2), "; COMMIT"));

  CHECK(listening.AwaitThings(2) == std::multiset<std::string>{Thing(1), Thing(2)});
}

}  // namespace
}  // namespace clinicd::db
