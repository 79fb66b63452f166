#include "services/appointments/series_rules.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/status/error.h"
#include "services/appointments/appointment_convert.h"
#include "services/appointments/appointment_errors.h"
#include "services/appointments/appointment_rules.h"
#include "services/appointments/local_time.h"
#include "services/appointments/recurrence_rule.h"
#include "services/appointments/series_errors.h"

namespace clinicd::appointments {
namespace {

constexpr SeriesFields kFields = {.rule = "series.rule",
                                  .local_start = "series.appointment.local_start"};
constexpr std::string_view kStartRule = "must be a real date and time such as 2026-11-23T09:30";

absl::StatusOr<std::vector<absl::CivilMinute>> ParseExcluded(const v1::Series& form) {
  std::vector<absl::CivilMinute> excluded;
  status::ErrorBuilder wrong = status::Invalid();
  for (int i = 0; i < form.excluded_starts_size(); ++i) {
    const auto start = ParseLocal(form.excluded_starts(i));
    if (!start) wrong.Field(absl::StrCat("series.excluded_starts[", i, "]"), kStartRule);
    excluded.push_back(start.value_or(absl::CivilMinute()));
  }
  if (wrong.has_fields()) return wrong.ToStatus();
  return excluded;
}

// All times of the rule, whether the series leaves them out or not.
absl::StatusOr<std::vector<Occurrence>> AllTimesOf(const BookedSeries& series) {
  Series whole = series.recurrence;
  whole.excluded.clear();
  return Expand(whole, kFields);
}

absl::CivilMinute AtTimeOfDay(absl::CivilMinute start, absl::CivilMinute time_of_day) {
  return absl::CivilMinute(start.year(), start.month(), start.day(), time_of_day.hour(),
                           time_of_day.minute());
}

// The recurrence at another time of the same days.
absl::StatusOr<Series> AtOtherTime(const BookedSeries& series, absl::CivilMinute time_of_day) {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<Occurrence> all, AllTimesOf(series));
  Series changed = series.recurrence;
  changed.local_start = AtTimeOfDay(changed.local_start, time_of_day);
  for (absl::CivilMinute& excluded : changed.excluded) {
    excluded = AtTimeOfDay(excluded, time_of_day);
  }
  // UNTIL is an instant: as it was, it could leave out the last day, or take in another one.
  if (changed.rule.until) {
    const absl::CivilMinute last = AtTimeOfDay(all.back().local_start, time_of_day);
    changed.rule.until = OccurrenceAt(last, changed.zone).starts_at;
  }
  return changed;
}

bool CanChange(const Appointment& visit, absl::Time now) {
  const State state = visit.progress.state;
  return visit.booking.plan.slot.starts_at > now &&
         (state == State::kBooked || state == State::kConfirmed);
}

bool ChangesAnything(const v1::UpdateSeriesRequest& form) {
  return !form.local_time().empty() || form.duration_minutes() != 0 ||
         !form.practitioner_id().empty() || form.has_allocations();
}

}  // namespace

absl::StatusOr<BookedSeries> ParseSeries(const v1::Series& form, absl::TimeZone zone) {
  CLINICD_ASSIGN_OR_RETURN(RecurrenceRule rule, ParseRule(form.rule(), kFields.rule));
  CLINICD_ASSIGN_OR_RETURN(std::vector<absl::CivilMinute> excluded, ParseExcluded(form));
  // Nobody is asked about a time that clocks jump over.
  v1::Appointment first = form.appointment();
  const std::optional<absl::CivilMinute> start = ParseLocal(first.local_start());
  if (start) first.set_local_start(FormatLocal(OccurrenceAt(*start, zone).clock_start));
  CLINICD_ASSIGN_OR_RETURN(Booking booking, ParseBooking(first, zone, "series.appointment"));
  return BookedSeries{.patient_id = booking.patient_id,
                      .visit_type = booking.visit_type,
                      .recurrence = {.rule = std::move(rule),
                                     .local_start = *start,
                                     .zone = zone,
                                     .excluded = std::move(excluded)},
                      .plan = std::move(booking.plan),
                      .reason = std::move(booking.reason)};
}

absl::StatusOr<std::vector<Occurrence>> TimesOf(const BookedSeries& series) {
  CLINICD_ASSIGN_OR_RETURN(std::vector<Occurrence> times, Expand(series.recurrence, kFields));
  if (times.empty()) {
    return status::InvalidField("series.excluded_starts", "must leave a time of the series");
  }
  return times;
}

Plan PlanAt(const BookedSeries& series, const Occurrence& occurrence) {
  Plan plan = series.plan;
  plan.slot.local_start = occurrence.time.clock_start;
  plan.slot.time_zone = series.recurrence.zone.name();
  plan.slot.starts_at = occurrence.time.starts_at;
  plan.slot.ends_at = plan.slot.starts_at + absl::Minutes(plan.slot.duration_minutes);
  return plan;
}

absl::StatusOr<Selection> Select(const std::vector<Appointment>& all, const SelectionRule& rule) {
  int from = 1;
  if (rule.scope == SeriesScope::kThisAndFollowing) {
    const auto named = std::ranges::find(all, rule.from, &Appointment::id);
    if (named == all.end()) return AppointmentNotFound();
    from = named->place.ordinal;
  }
  Selection selection;
  for (const Appointment& visit : all) {
    if (visit.place.ordinal < from || !CanChange(visit, rule.now)) continue;
    if (visit.place.exception && !rule.with_exceptions) {
      // One in front of all that change stays where it is, by the rule, too.
      if (!selection.chosen.empty()) selection.left_alone.push_back(visit);
    } else {
      selection.chosen.push_back(visit);
    }
  }
  if (selection.chosen.empty()) return SeriesOver();
  selection.first_ordinal = selection.chosen.front().place.ordinal;
  return selection;
}

absl::StatusOr<CutSeries> CutBefore(const BookedSeries& series, int ordinal) {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<Occurrence> all, AllTimesOf(series));
  const auto first = std::ranges::find(all, ordinal, &Occurrence::ordinal);
  // It was cut earlier, and one of those that were over then is to come again.
  if (first == all.end()) return CutSeries{.head = series, .tail = series};
  std::optional<SplitSeries> split = SplitAt(series.recurrence, first->local_start);
  if (!split) return status::Defect("a series cannot be cut at one of its times");
  CutSeries cut{.tail = series};
  cut.tail.recurrence = std::move(split->tail);
  if (split->head) {
    cut.head = series;
    cut.head->recurrence = *std::move(split->head);
  }
  return cut;
}

absl::StatusOr<BookedSeries> ParseEdit(const v1::UpdateSeriesRequest& form,
                                       const BookedSeries& series) {
  if (!ChangesAnything(form)) {
    return status::InvalidField("local_time", "must be given, or something else to change");
  }
  v1::RescheduleAppointmentRequest move;
  move.set_duration_minutes(form.duration_minutes());
  move.set_practitioner_id(form.practitioner_id());
  if (form.has_allocations()) *move.mutable_allocations() = form.allocations();
  BookedSeries changed = series;
  CLINICD_ASSIGN_OR_RETURN(changed.plan, ParseMove(move, series.plan, series.recurrence.zone));
  if (form.local_time().empty()) return changed;
  // Any day will do.
  const auto time_of_day = ParseLocal(absl::StrCat("2000-01-01T", form.local_time()));
  if (!time_of_day) return status::InvalidField("local_time", "must be a real time such as 09:30");
  CLINICD_ASSIGN_OR_RETURN(changed.recurrence, AtOtherTime(series, *time_of_day));
  return changed;
}

absl::StatusOr<std::vector<SeriesVisit>> VisitsOf(const BookedSeries& series,
                                                  const std::vector<Appointment>& visits,
                                                  int first_ordinal) {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<Occurrence> all, AllTimesOf(series));
  std::vector<SeriesVisit> found;
  for (const Appointment& visit : visits) {
    const int ordinal = visit.place.ordinal - first_ordinal + 1;
    const auto occurrence = std::ranges::find(all, ordinal, &Occurrence::ordinal);
    if (occurrence == all.end()) continue;
    found.push_back({.id = visit.id, .row_version = visit.row_version, .occurrence = *occurrence});
  }
  return found;
}

std::string FormatStarts(const std::vector<absl::CivilMinute>& starts) {
  return absl::StrJoin(starts, " ", [](std::string* out, absl::CivilMinute start) {
    out->append(FormatLocal(start));
  });
}

std::optional<std::vector<absl::CivilMinute>> ParseStarts(std::string_view text) {
  std::vector<absl::CivilMinute> starts;
  for (const auto& part : absl::StrSplit(ToAbsl(text), ' ', absl::SkipEmpty())) {
    const auto start = ParseLocal({part.data(), part.size()});
    if (!start) return std::nullopt;
    starts.push_back(*start);
  }
  return starts;
}

}  // namespace clinicd::appointments
