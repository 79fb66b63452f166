// A calendar feed as RFC 5545 has it, for the calendars of practitioners' own devices.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace clinicd::appointments {

enum class FeedStatus { kTentative, kConfirmed, kCancelled };

// An appointment as a feed shows it. Texts may hold anything that is UTF-8; what a calendar shows
// of a patient is the caller's decision.
struct FeedEntry {
  // Of the whole world, and the same as long as the appointment exists.
  std::string uid = {};
  // Grows with each change.
  std::int64_t sequence = 0;
  // When the feed is made, or when the appointment was changed last: the same content then makes
  // the same feed.
  absl::Time stamped_at = {};
  absl::Time modified_at = {};
  absl::TimeZone zone = {};
  absl::Time starts_at = {};
  // Exclusive.
  absl::Time ends_at = {};
  FeedStatus status = FeedStatus::kConfirmed;
  std::string summary = {};
};

struct Feed {
  // The name of the calendar.
  std::string practitioner_name = {};
  // That of the clinic.
  absl::TimeZone zone = {};
  // What the feed covers. VTIMEZONE has every change of clocks in it, from the year before on.
  absl::Time begin = {};
  absl::Time end = {};
  // How often devices should ask again; whole minutes.
  absl::Duration refresh = absl::Minutes(15);
  std::vector<FeedEntry> entries = {};
};

// `feed` as text/calendar: lines of 75 bytes at most, which end with CRLF. Starts and ends are
// local times of a VTIMEZONE; those that the clock shows twice, which calendars read differently,
// are in UTC, and so is what is in a zone without an IANA name. Cancelled entries stay, with their
// STATUS. There is no METHOD: a feed is published, nobody is invited.
std::string FormatFeed(const Feed& feed);

// `text` as a value of type TEXT; control characters, which no line may hold, become spaces.
std::string EscapeText(std::string_view text);
// One line of content, with CRLF, cut into lines of 75 bytes at most between characters of UTF-8.
std::string FoldLine(std::string_view line);

}  // namespace clinicd::appointments
