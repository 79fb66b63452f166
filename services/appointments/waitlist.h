// Who waits for a time, and what they were offered.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/appointments/appointment.h"
#include "services/appointments/clock_hours.h"
#include "services/appointments/time_set.h"

namespace clinicd::appointments {

// In the order of asking.
enum class Urgency { kUrgent, kSoon, kRoutine };

// kExpired is never stored: it follows from the last day. See StateOn().
enum class EntryState { kWaiting, kBooked, kWithdrawn, kExpired };

// An open offer that is past its expiry has expired, whatever is stored. See StateAt().
enum class OfferState { kOpen, kAccepted, kDeclined, kExpired, kWithdrawn, kTaken };

// Part of a week in which a patient can come, on the clock of the site.
struct ComingWindow {
  // ISO 8601, sorted, each once, at least one.
  std::vector<std::int32_t> weekdays = {};
  ClockSpan span = {};
};

struct WaitlistEntry {
  WaitlistEntryId id = {};
  PatientId patient_id = {};
  // Either this or `duration_minutes`.
  std::optional<VisitTypeId> visit_type = {};
  std::optional<std::int32_t> duration_minutes = {};
  // Any where there is none.
  std::optional<PractitionerId> practitioner = {};
  std::optional<LocationId> location = {};
  // At the main site only; not with `location`.
  bool main_site = false;
  Urgency urgency = Urgency::kRoutine;
  // None: not on the short-call list.
  std::optional<std::int32_t> short_notice_minutes = {};
  // Both included.
  std::optional<absl::CivilDay> earliest_day = {};
  std::optional<absl::CivilDay> latest_day = {};
  // None: always.
  std::vector<ComingWindow> windows = {};
  std::string note = {};
  // As it is stored.
  EntryState state = EntryState::kWaiting;
  std::optional<AppointmentId> appointment = {};
  // At the time of reading.
  std::string patient_given_name = {};
  std::string patient_family_name = {};
  std::int64_t row_version = 0;
  absl::Time created_at = {};
};

struct WaitlistOffer {
  WaitlistOfferId id = {};
  WaitlistEntryId entry = {};
  // Of the entry.
  PatientId patient_id = {};
  // Of the entry, unless it takes no bookings any more.
  std::optional<VisitTypeId> visit_type = {};
  // What keeps the time free, with all other offers of it.
  HoldId hold = {};
  Plan plan = {};
  absl::Time expires_at = {};
  // As it is stored.
  OfferState state = OfferState::kOpen;
  std::optional<AppointmentId> appointment = {};
  absl::Time created_at = {};
  std::optional<absl::Time> closed_at = {};
};

// A place in the order in which people are asked. The default is before all.
struct WaitPosition {
  std::int32_t urgency_rank = 0;
  absl::Time created_at = {};
  Uuid id = {};

  friend auto operator<=>(const WaitPosition& a, const WaitPosition& b) {
    if (const auto order = a.urgency_rank <=> b.urgency_rank; order != 0) return order;
    if (a.created_at != b.created_at) {
      return a.created_at < b.created_at ? std::strong_ordering::less
                                         : std::strong_ordering::greater;
    }
    return a.id <=> b.id;
  }
  friend bool operator==(const WaitPosition&, const WaitPosition&) = default;
};

// Somebody who may fit a time, with all that decides it.
struct WaitingPerson {
  WaitlistEntry entry = {};
  std::string phone = {};
  // How long their visit takes; 0 where its type takes no time, which none does.
  std::int32_t needed_minutes = 0;
  // When they have other visits.
  std::vector<TimeRange> busy = {};

  struct MadeOffer {
    WaitlistOfferId id = {};
    OfferState state = OfferState::kOpen;
    absl::Time expires_at = {};
  };
  // The latest that starts within the time.
  std::optional<MadeOffer> offer = {};
};

}  // namespace clinicd::appointments
