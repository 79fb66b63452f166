// Reads a calendar feed for whoever has its address.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "db/access/transaction_runner.h"
#include "services/appointments/calendar_feed_store.h"

namespace clinicd::appointments {

// Thread-safe. Nobody is signed in: the address says in which clinic to look, and that clinic's
// transaction finds the secret or nothing.
class CalendarFeedReader final {
 public:
  // `strict`: the access row waits for the disk.
  CalendarFeedReader(db::TransactionRunner& runner, const Clock& clock, const IdSource& ids,
                     bool strict)
      : runner_(runner), clock_(clock), ids_(ids), strict_(strict) {}

  // Who asks, for the access row. Printable text.
  struct Reader {
    std::string_view client_address = {};
    std::string_view user_agent = {};
  };
  // The feed at `path` as text/calendar, with an access row of which it is the actor; nullopt where
  // there is none, whatever the reason. Waits for its answer, so it must not be called on a worker
  // of the pool. Errors: as for TenantTx, and RESOURCE_EXHAUSTED (SERVER_BUSY).
  absl::StatusOr<std::optional<std::string>> Read(std::string_view path,
                                                  const Reader& reader) const;

 private:
  db::TransactionRunner& runner_;
  const Clock& clock_;
  const IdSource& ids_;
  const bool strict_;
  CalendarFeedStore store_;
};

}  // namespace clinicd::appointments
