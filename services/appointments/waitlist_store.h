// The waiting list in the database.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "db/access/tenant_tx.h"
#include "services/appointments/waitlist.h"

namespace clinicd::appointments {

// Reads and writes entries and offers. Stateless; errors as for TenantTx.
class WaitlistStore final {
 public:
  // Errors: NOT_FOUND (PATIENT_NOT_FOUND, VISIT_TYPE_NOT_FOUND, PRACTITIONER_NOT_FOUND,
  // LOCATION_NOT_FOUND).
  absl::StatusOr<WaitlistEntry> InsertEntry(db::TenantTx& tx, const WaitlistEntry& entry,
                                            UserId created_by) const;
  absl::StatusOr<std::optional<WaitlistEntry>> FindEntry(db::TenantTx& tx,
                                                         WaitlistEntryId id) const;
  // Nullopt where it has another version, or waits no longer. Errors: as for InsertEntry().
  absl::StatusOr<std::optional<WaitlistEntry>> UpdateEntry(db::TenantTx& tx,
                                                           const WaitlistEntry& entry) const;

  struct Listing {
    EntryState state = EntryState::kWaiting;
    // At the clinic, which tells those that wait from those that have expired.
    absl::CivilDay today = {};
    // All where there is none.
    std::optional<PractitionerId> practitioner = {};
    std::optional<VisitTypeId> visit_type = {};
    std::optional<PatientId> patient = {};
    WaitPosition after = {};
    std::int32_t limit = 0;
  };
  // In the order of asking.
  absl::StatusOr<std::vector<WaitlistEntry>> ListEntries(db::TenantTx& tx,
                                                         const Listing& listing) const;

  struct Search {
    // The time that is free.
    Plan plan = {};
    WaitPosition after = {};
    std::int32_t limit = 0;
  };
  // Those who wait and may fit, in the order of asking. FitOf() decides.
  absl::StatusOr<std::vector<WaitingPerson>> FindPeople(db::TenantTx& tx,
                                                        const Search& search) const;

  // Makes the transaction the only one that changes offers, or whether entries wait, from its next
  // statement on. To be called before any of what follows.
  void Lock(db::TenantTx& tx) const;
  // Lets no other transaction edit the entry from its next statement on. To be called after Lock().
  void LockEntry(db::TenantTx& tx, WaitlistEntryId id) const;

  absl::StatusOr<std::optional<WaitlistOffer>> FindOffer(db::TenantTx& tx,
                                                         WaitlistOfferId id) const;
  // The hold that keeps exactly the time of `plan` free for other offers, until `expires_at` at
  // least from now on; nullopt where no offer does.
  absl::StatusOr<std::optional<HoldId>> ShareHold(db::TenantTx& tx, const Plan& plan,
                                                  absl::Time expires_at, absl::Time now) const;
  // Errors: ALREADY_EXISTS (WAITLIST_OFFER_EXISTS).
  absl::Status InsertOffer(db::TenantTx& tx, const WaitlistOffer& offer, UserId created_by) const;
  // Frees the time of an offer for what is to be booked.
  void FreeHold(db::TenantTx& tx, const WaitlistOffer& offer) const;

  // Who ends something, and when.
  struct Closing {
    UserId closed_by = {};
    absl::Time now = {};
  };
  // Notes that `offer` was accepted with `appointment`: its entry is booked, other offers of the
  // time and of the entry end, and times that nobody is offered any more are free. Errors:
  // FAILED_PRECONDITION (WAITLIST_OFFER_OVER) where another was accepted; nothing of the
  // transaction may be kept then.
  absl::Status Accept(db::TenantTx& tx, const WaitlistOffer& offer, AppointmentId appointment,
                      const Closing& closing) const;
  // Notes that `offer` was declined.
  absl::Status Decline(db::TenantTx& tx, const WaitlistOffer& offer, const Closing& closing) const;
  // Takes an entry that waits off the list, with its offers.
  absl::Status Withdraw(db::TenantTx& tx, WaitlistEntryId id, const Closing& closing) const;
};

}  // namespace clinicd::appointments
