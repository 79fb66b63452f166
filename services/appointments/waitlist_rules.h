// What an entry of the waiting list may say, where entries and offers stand, and their order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "clinicd/appointments/v1/waitlist_service.pb.h"
#include "services/appointments/waitlist.h"

namespace clinicd::appointments {

// Of an offer that does not say how long it is open.
inline constexpr absl::Duration kOfferLife = absl::Minutes(15);

// The entry that `form`, at `entry` of a request, describes, without id. Errors: VALIDATION_FAILED
// at every wrong field.
absl::StatusOr<WaitlistEntry> ParseEntry(const v1::WaitlistEntry& form);
// The fields that an update may change.
const std::vector<std::string_view>& UpdatableEntryFields();

// Where an entry stands on that day at the clinic.
EntryState StateOn(const WaitlistEntry& entry, absl::CivilDay today);
// Where an offer stands that is stored as that: an open one has expired from `expires_at` on.
OfferState StateAt(OfferState stored, absl::Time expires_at, absl::Time now);

// When an offer of a time ends that is open for `life` from now: at the start at the latest.
// Nullopt where that is not to come.
std::optional<absl::Time> OfferExpiry(absl::Time now, absl::Duration life, absl::Time starts_at);

// Whether an offer can be accepted or declined. Errors: WAITLIST_OFFER_OVER.
absl::Status CheckOpen(const WaitlistOffer& offer, absl::Time now);
// Whether an entry can be changed or withdrawn in a call that expects `version`. Errors: ABORTED
// (ETAG_MISMATCH), then WAITLIST_ENTRY_OVER. Expired entries can be.
absl::Status CheckChangeable(const WaitlistEntry& entry, std::optional<std::int64_t> version);
// Whether an offer may be made to an entry. Errors: WAITLIST_ENTRY_OVER. To an expired one none
// may.
absl::Status CheckWaiting(const WaitlistEntry& entry, absl::CivilDay today);

// 1 is asked first.
std::int32_t RankOf(Urgency urgency);
WaitPosition PositionOf(const WaitlistEntry& entry);
// For how many whole days the patient has waited.
std::int32_t WaitingDays(const WaitlistEntry& entry, absl::Time now);

// As the database names them. What no such name is is the first one: the database holds no other.
std::string_view NameOf(Urgency urgency);
Urgency UrgencyOf(std::string_view name);
std::string_view NameOf(EntryState state);
EntryState EntryStateOf(std::string_view name);
std::string_view NameOf(OfferState state);
OfferState OfferStateOf(std::string_view name);

// Windows as one text, and back: "12345 540 840,67 600 720".
std::string FormatWindows(const std::vector<ComingWindow>& windows);
std::vector<ComingWindow> ParseWindows(const std::string& text);
// Ranges of whole seconds, "FROM TO" since 1970, with commas between.
std::vector<TimeRange> ParseRanges(const std::string& text);

}  // namespace clinicd::appointments
