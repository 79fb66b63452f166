#include "services/appointments/waitlist_errors.h"

#include "common/status/error.h"
#include "services/appointments/waitlist_convert.h"

namespace clinicd::appointments {
namespace {

using status::ErrorReason;

}  // namespace

absl::Status WaitlistEntryNotFound() {
  return status::Error(absl::StatusCode::kNotFound, ErrorReason::WAITLIST_ENTRY_NOT_FOUND,
                       "The clinic has no such entry of its waiting list.");
}

absl::Status WaitlistOfferNotFound() {
  return status::Error(absl::StatusCode::kNotFound, ErrorReason::WAITLIST_OFFER_NOT_FOUND,
                       "The clinic has no such offer.");
}

absl::Status WaitlistOfferOver(OfferState state) {
  return status::Error(absl::StatusCode::kFailedPrecondition, ErrorReason::WAITLIST_OFFER_OVER,
                       "The offer is no longer open; offer another time.")
      .With("state", v1::WaitlistOffer::State_Name(ToProto(state)));
}

absl::Status WaitlistTimeTaken() { return WaitlistOfferOver(OfferState::kTaken); }

absl::Status WaitlistEntryBooked() { return WaitlistOfferOver(OfferState::kWithdrawn); }

absl::Status WaitlistEntryOver(EntryState state) {
  return status::Error(absl::StatusCode::kFailedPrecondition, ErrorReason::WAITLIST_ENTRY_OVER,
                       "The patient does not wait any longer; add another entry.")
      .With("state", v1::WaitlistEntry::State_Name(ToProto(state)));
}

absl::Status WaitlistTimePast() {
  return status::Error(absl::StatusCode::kFailedPrecondition, ErrorReason::WAITLIST_TIME_PAST,
                       "The time has begun or is over; choose another.");
}

absl::Status WaitlistTimeNotFreed() {
  return status::Error(absl::StatusCode::kFailedPrecondition, ErrorReason::WAITLIST_TIME_NOT_FREED,
                       "The appointment has given up no time.");
}

absl::Status WaitlistOfferExists(WaitlistOfferId existing) {
  return status::Error(absl::StatusCode::kAlreadyExists, ErrorReason::WAITLIST_OFFER_EXISTS,
                       "The patient has an open offer of that time.")
      .With("id", existing.ToString());
}

}  // namespace clinicd::appointments
