// Every error that the waiting list can cause, by name.
#pragma once

#include "absl/status/status.h"
#include "common/base/uuid.h"
#include "services/appointments/waitlist.h"

namespace clinicd::appointments {

// NOT_FOUND: WAITLIST_ENTRY_NOT_FOUND, WAITLIST_OFFER_NOT_FOUND.
absl::Status WaitlistEntryNotFound();
absl::Status WaitlistOfferNotFound();
// FAILED_PRECONDITION, WAITLIST_OFFER_OVER, with where the offer stands.
absl::Status WaitlistOfferOver(OfferState state);
// The same for an offer of a time that somebody else has accepted, and for one of an entry that has
// got another time.
absl::Status WaitlistTimeTaken();
absl::Status WaitlistEntryBooked();
// FAILED_PRECONDITION, WAITLIST_ENTRY_OVER, with where the entry stands.
absl::Status WaitlistEntryOver(EntryState state);
// FAILED_PRECONDITION: WAITLIST_TIME_PAST, WAITLIST_TIME_NOT_FREED.
absl::Status WaitlistTimePast();
absl::Status WaitlistTimeNotFreed();
// ALREADY_EXISTS, WAITLIST_OFFER_EXISTS, naming the offer.
absl::Status WaitlistOfferExists(WaitlistOfferId existing);

}  // namespace clinicd::appointments
