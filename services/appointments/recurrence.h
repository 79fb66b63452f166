// A series of appointments: what occurs when, and how it is cut in two.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/appointments/local_time.h"
#include "services/appointments/recurrence_rule.h"

namespace clinicd::appointments {

// No occurrence is on a later day than this long after the start.
inline constexpr int kHorizonMonths = 24;

struct Series {
  // As ParseRule() gives it.
  RecurrenceRule rule = {};
  // The first occurrence; one of those of the rule. May be one that clocks jump over.
  absl::CivilMinute local_start = {};
  absl::TimeZone zone = {};
  // EXDATE: occurrences that the rule has and the series does not. They count for COUNT. What is
  // no occurrence is ignored, as RFC 5545 has it. In any order.
  std::vector<absl::CivilMinute> excluded = {};
};

struct Occurrence {
  // Its number among those of the rule, from 1, whether they are excluded or not; so that it stays
  // the same when another one is excluded.
  int ordinal = 0;
  // By the rule: always the time of day of the series. What identifies the occurrence.
  absl::CivilMinute local_start = {};
  OccurrenceTime time = {};
};

// The paths by which errors name parts of a series.
struct SeriesFields {
  std::string_view rule = "series.rule";
  std::string_view local_start = "series.local_start";
};

// The occurrences of `series` in their order, 732 at most; none if all are excluded.
// Errors: RRULE_UNSUPPORTED if the rule goes on after the horizon; VALIDATION_FAILED at the start
// if the rule does not have it (metadata `suggestion`, the first time after it that it has), at the
// rule if that ends before the start.
absl::StatusOr<std::vector<Occurrence>> Expand(const Series& series,
                                               const SeriesFields& fields = {});

// A series cut before one of its occurrences, for edits of "this and following" ones. Both parts
// together have the occurrences of the whole, at the same times; ordinals begin anew.
struct SplitSeries {
  // None where the cut is before the first occurrence.
  std::optional<Series> head = {};
  Series tail = {};
};

// Cuts `series`, which Expand() takes, before the occurrence of the rule that starts at
// `local_start`; nullopt if there is none.
std::optional<SplitSeries> SplitAt(const Series& series, absl::CivilMinute local_start);

}  // namespace clinicd::appointments
