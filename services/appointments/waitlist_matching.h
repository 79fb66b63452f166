// Which time an appointment gave up, and who of those who wait could come then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/appointments/schedule.h"
#include "services/appointments/waitlist.h"

namespace clinicd::appointments {

// Who is not on the short-call list is told this long before a visit.
inline constexpr absl::Duration kUsualNotice = absl::Hours(24);
// Somebody who cannot come at the start of a time may come so much later, or a multiple of it.
inline constexpr absl::Duration kMatchGrid = absl::Minutes(5);

// The time that an appointment had and has no more: all of it where it was called off, else what it
// had before it was moved last and does not have now, the longest part. Nullopt where it has given
// up none. `events` are those of the appointment, oldest first.
std::optional<Plan> TimeFreedBy(const Appointment& appointment,
                                const std::vector<AppointmentEvent>& events);

// Whether `part` is of the same practitioner as `whole`, and within its time.
bool LiesIn(const Plan& part, const Plan& whole);

// A time that people are matched with.
struct FreeTime {
  Plan plan = {};
  // Where it may be.
  std::vector<Site> sites = {};
  // The clinic's, in which it is booked.
  absl::TimeZone zone = {};
};

// How somebody fits a time.
struct Fit {
  // The earliest that is possible.
  absl::Time start = {};
  // On the clock of the clinic.
  absl::CivilMinute local_start = {};
  // It is too soon for whoever is not on the short-call list.
  bool short_call = false;
};

// Nullopt for somebody who does not fit: whose visit is longer; who wants another practitioner or
// site; or who, with notice from `now` on, cannot come at any part of the time that is long enough,
// because of the days and windows that they named or of other visits.
std::optional<Fit> FitOf(const WaitingPerson& person, const FreeTime& time, absl::Time now);

// Somebody who fits.
struct WaitlistMatch {
  WaitingPerson person = {};
  Fit fit = {};
  // Among all who fit, from 1.
  std::int32_t rank = 0;
};

// Those of `people`, who come in the order of asking, who fit, with ranks from `first_rank` on; at
// most `count_max`.
std::vector<WaitlistMatch> MatchesAmong(const std::vector<WaitingPerson>& people,
                                        const FreeTime& time, absl::Time now,
                                        std::int32_t first_rank, std::size_t count_max);

}  // namespace clinicd::appointments
