#include "tests/support/lock_waits.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace clinicd::testing {

bool AwaitWaiting(const TestDatabase& database, int count) {
  db::AdminConnection connection = database.Connect();
  const absl::Time end = absl::Now() + absl::Seconds(30);
  while (absl::Now() < end) {
    const auto waiting = connection.QueryValue(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = "
        "current_database() AND wait_event_type = 'Lock'");
    if (waiting.ok() && *waiting == absl::StrCat(count)) return true;
  }
  return false;
}

}  // namespace clinicd::testing
