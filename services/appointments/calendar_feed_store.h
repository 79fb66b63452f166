// Calendar feeds in the database.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "db/access/tenant_tx.h"
#include "services/appointments/calendar_feed.h"

namespace clinicd::appointments {

// Stateless; errors as for TenantTx.
class CalendarFeedStore final {
 public:
  // Stores a new feed, of the secret its hash only. Errors: NOT_FOUND (PRACTITIONER_NOT_FOUND).
  absl::StatusOr<CalendarFeed> Insert(db::TenantTx& tx, const CalendarFeed& feed,
                                      const crypto::SecretBytes& secret, UserId created_by) const;

  absl::StatusOr<std::optional<CalendarFeed>> Find(db::TenantTx& tx, CalendarFeedId id) const;

  struct Listing {
    // Of all where there is none.
    std::optional<PractitionerId> practitioner = {};
    bool show_revoked = false;
    CalendarFeedId after = {};
    std::int32_t count_max = 0;
  };
  // By id.
  absl::StatusOr<std::vector<CalendarFeed>> List(db::TenantTx& tx, const Listing& listing) const;

  // Nullopt where there is no such feed that can be read.
  absl::StatusOr<std::optional<CalendarFeed>> Revoke(db::TenantTx& tx, CalendarFeedId id,
                                                     UserId revoked_by, absl::Time now) const;

  // What is in the feed of `secret`; nullopt where there is none that can be read.
  absl::StatusOr<std::optional<FeedContents>> Read(db::TenantTx& tx,
                                                   const crypto::SecretBytes& secret,
                                                   const FeedWindow& window) const;
};

}  // namespace clinicd::appointments
