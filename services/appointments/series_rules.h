// What a series of appointments is made of, and which of them a change is about: pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "clinicd/appointments/v1/series_service.pb.h"
#include "services/appointments/series.h"

namespace clinicd::appointments {

// The series that `form`, which has passed the declared rules, asks to book in a clinic of `zone`.
// Its id is nil. Errors: VALIDATION_FAILED, RRULE_UNSUPPORTED.
absl::StatusOr<BookedSeries> ParseSeries(const v1::Series& form, absl::TimeZone zone);

// The times of a series that was parsed, without those that it leaves out; at least one. Errors:
// VALIDATION_FAILED, RRULE_UNSUPPORTED.
absl::StatusOr<std::vector<Occurrence>> TimesOf(const BookedSeries& series);

// The appointment of `series` at `occurrence`.
Plan PlanAt(const BookedSeries& series, const Occurrence& occurrence);

// The appointments of a series that a change is about.
struct Selection {
  // In the order of the rule; never empty.
  std::vector<Appointment> chosen = {};
  // Of the first one of them.
  int first_ordinal = 1;
  // Exceptions after that one, which the change leaves alone.
  std::vector<Appointment> left_alone = {};
};
struct SelectionRule {
  SeriesScope scope = SeriesScope::kAllFuture;
  // Of kThisAndFollowing.
  AppointmentId from = {};
  // Whether exceptions are chosen, too.
  bool with_exceptions = false;
  absl::Time now = {};
};
// Chooses from all appointments of a series. Errors: APPOINTMENT_NOT_FOUND, SERIES_OVER.
absl::StatusOr<Selection> Select(const std::vector<Appointment>& all, const SelectionRule& rule);

// A series in two parts; both have the id of the whole.
struct CutSeries {
  // None where the cut is before the first time.
  std::optional<BookedSeries> head = {};
  // Its ordinals begin anew.
  BookedSeries tail = {};
};
// Cuts `series` before the time of that number. The head is the whole where it ends before that.
absl::StatusOr<CutSeries> CutBefore(const BookedSeries& series, int ordinal);

// `series` as `form`, which has passed the declared rules, asks to change it. The days stay.
// Errors: VALIDATION_FAILED.
absl::StatusOr<BookedSeries> ParseEdit(const v1::UpdateSeriesRequest& form,
                                       const BookedSeries& series);

// Those of `visits`, whose ordinals count from `first_ordinal`, that the rule of `series` has, at its
// times.
absl::StatusOr<std::vector<SeriesVisit>> VisitsOf(const BookedSeries& series,
                                                  const std::vector<Appointment>& visits,
                                                  int first_ordinal);

// Local starts, with spaces between, and back. Errors: what is no local start.
std::string FormatStarts(const std::vector<absl::CivilMinute>& starts);
std::optional<std::vector<absl::CivilMinute>> ParseStarts(std::string_view text);

}  // namespace clinicd::appointments
