// How a series of appointments recurs: a subset of the recurrence rules of RFC 5545 that a front
// desk needs and that every occurrence of can be booked at once.
//
//   FREQ        DAILY, WEEKLY, MONTHLY
//   INTERVAL    1 to 52
//   BYDAY       weekly: days, MO,WE; monthly: days with 1 to 4 or -1, 1MO,-1FR
//   BYMONTHDAY  monthly, in place of BYDAY: 1 to 31, or -1 for the last day
//   COUNT       1 to 104   } exactly one of the two
//   UNTIL       UTC        }
//   WKST        MO
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace clinicd::appointments {

inline constexpr int kIntervalMax = 52;
inline constexpr int kCountMax = 104;

enum class Frequency { kDaily, kWeekly, kMonthly };

// The first to fourth (1 to 4) or the last (-1) of a weekday in a month.
struct NthWeekday {
  int nth = 1;
  absl::Weekday weekday = absl::Weekday::monday;

  bool operator==(const NthWeekday&) const = default;
};

// Lists are sorted and without repetitions. Where they are empty, the start of the series says on
// which weekday or day of the month it recurs.
struct RecurrenceRule {
  Frequency frequency = Frequency::kDaily;
  // In days, weeks or months.
  int interval = 1;
  // Weekly; from Monday.
  std::vector<absl::Weekday> weekdays = {};
  // Monthly; the last ones last. Not together with `month_days`.
  std::vector<NthWeekday> nth_weekdays = {};
  // Monthly; -1, the last day, last. A month without such a day is left out.
  std::vector<int> month_days = {};
  // Exactly one of the two is set.
  std::optional<int> count = {};
  // Inclusive; whole seconds.
  std::optional<absl::Time> until = {};

  bool operator==(const RecurrenceRule&) const = default;
};

// Reads the value of an RRULE, "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10", in any case and order; `field`
// is the path that errors name.
// Errors: RRULE_UNSUPPORTED for what RFC 5545 allows and the subset above does not;
// VALIDATION_FAILED, with the position, for what is no rule by RFC 5545.
absl::StatusOr<RecurrenceRule> ParseRule(std::string_view text, std::string_view field);

// One text for all rules that are equal; ParseRule() reads it back.
std::string FormatRule(const RecurrenceRule& rule);

}  // namespace clinicd::appointments
