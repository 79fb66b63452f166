// Calendar feeds of practitioners: their addresses, and what is in them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/crypto/secret.h"
#include "services/appointments/appointment.h"
#include "services/appointments/icalendar.h"
#include "services/appointments/time_set.h"

namespace clinicd::appointments {

using CalendarFeedId = Id<struct CalendarFeedTag>;

struct CalendarFeed {
  CalendarFeedId id = {};
  PractitionerId practitioner = {};
  bool show_patient_names = false;
  absl::Time created_at = {};
  // None: it can be read.
  std::optional<absl::Time> revoked_at = {};
};

// What the address of a feed says: a claim, until the secret is found in that clinic.
struct FeedAddress {
  ClinicId clinic = {};
  // 32 bytes, which only those who have the address know.
  crypto::SecretBytes secret;
};

// Where feeds are below the server's address.
inline constexpr std::string_view kFeedPathPrefix = "/calendar/";

// "/calendar/", 64 letters of base64url, ".ics"; and that text and nothing else read again.
std::string FormatFeedPath(const FeedAddress& address);
std::optional<FeedAddress> ParseFeedPath(std::string_view path);

// What is in a feed that is read at `now`. Whole days in UTC, so that it is the same feed for all
// of a day unless visits change.
struct FeedWindow {
  TimeRange range = {};
  // What was cancelled earlier is left out.
  absl::Time cancelled_since = {};
};
FeedWindow WindowAt(absl::Time now);

// A visit of a practitioner, as far as a feed shows it.
struct FeedVisit {
  AppointmentId id = {};
  TimeRange range = {};
  absl::TimeZone zone = {};
  State state = State::kBooked;
  std::int64_t row_version = 0;
  absl::Time updated_at = {};
  // Empty where the feed has no names.
  std::string patient_name = {};
};

struct FeedContents {
  CalendarFeedId id = {};
  std::string practitioner_name = {};
  // The clinic's.
  absl::TimeZone zone = {};
  // By start and id.
  std::vector<FeedVisit> visits = {};
};

// As a calendar shows it. Those to which the patient did not come take no time, and are shown as
// cancelled.
Feed ToFeed(const FeedContents& contents, const FeedWindow& window);

}  // namespace clinicd::appointments
