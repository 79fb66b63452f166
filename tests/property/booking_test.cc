#include <rapidcheck/catch.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <ostream>
#include <vector>

#include "common/status/error.h"
#include "services/appointments/appointment_store.h"
#include "tests/support/scratch_clinics.h"

namespace clinicd::appointments {
namespace {

using status::ErrorReason;
using testing::ScratchClinics;

constexpr std::size_t kPractitioners = 2;

// Minutes after the start of the day that everything happens on.
struct Interval {
  std::size_t practitioner;
  int start;
  int duration;

  bool Overlaps(const Interval& other) const {
    return practitioner == other.practitioner && start < other.start + other.duration &&
           other.start < start + duration;
  }
};

// Books, or cancels what was booked before.
struct Step {
  bool books;
  Interval interval;
  std::size_t cancels;
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
  if (!step.books) return out << "cancel " << step.cancels;
  return out << "book " << step.interval.practitioner << " at " << step.interval.start << " for "
             << step.interval.duration;
}

rc::Gen<Step> AnyStep() {
  const auto interval = rc::gen::build<Interval>(
      rc::gen::set(&Interval::practitioner, rc::gen::inRange<std::size_t>(0, kPractitioners)),
      rc::gen::set(&Interval::start, rc::gen::inRange(0, 90)),
      rc::gen::set(&Interval::duration, rc::gen::inRange(1, 40)));
  return rc::gen::build<Step>(
      rc::gen::set(&Step::books, rc::gen::weightedElement<bool>({{3, true}, {1, false}})),
      rc::gen::set(&Step::interval, interval),
      rc::gen::set(&Step::cancels, rc::gen::inRange<std::size_t>(0, 20)));
}

// A day of a new clinic, and what it should look like.
class Day final {
 public:
  explicit Day(ScratchClinics& clinics)
      : clinics_(clinics), clinic_(clinics.AddClinic()), patient_(clinics.AddPatient(clinic_)) {
    for (std::size_t i = 0; i < kPractitioners; ++i) {
      practitioners_.push_back(clinics.AddPractitioner(clinic_));
    }
  }

  void Take(const Step& step) {
    if (step.books) {
      Book(step.interval);
    } else if (!rows_.empty()) {
      Cancel(rows_[step.cancels % rows_.size()]);
    }
  }

  // The day in the database is the day in the model, and nobody is booked twice.
  void Check() const {
    db::TenantTx tx = clinics_.Transaction(clinic_);
    const auto listed = store_.List(tx, {.after = {.starts_at = kBegin - absl::Hours(1)},
                                         .before = absl::InfiniteFuture(),
                                         .limit = 1000});
    RC_ASSERT(listed.ok());
    std::vector<AppointmentId> found;
    for (const Appointment& appointment : *listed) found.push_back(appointment.id);
    std::vector<AppointmentId> expected;
    for (const Row& row : rows_) {
      if (row.active) expected.push_back(row.id);
    }
    std::sort(found.begin(), found.end());
    std::sort(expected.begin(), expected.end());
    RC_ASSERT(found == expected);
    for (std::size_t i = 0; i < listed->size(); ++i) {
      for (std::size_t j = i + 1; j < listed->size(); ++j) {
        const Booking& a = (*listed)[i].booking;
        const Booking& b = (*listed)[j].booking;
        RC_ASSERT(a.practitioner_id != b.practitioner_id || a.slot.ends_at <= b.slot.starts_at);
      }
    }
  }

 private:
  struct Row {
    AppointmentId id;
    Interval interval;
    bool active;
  };

  static constexpr absl::Time kBegin = absl::FromUnixSeconds(1'800'000'000);

  void Book(const Interval& interval) {
    Booking booking;
    booking.patient_id = patient_;
    booking.practitioner_id = practitioners_[interval.practitioner];
    booking.slot.starts_at = kBegin + absl::Minutes(interval.start);
    booking.slot.ends_at = booking.slot.starts_at + absl::Minutes(interval.duration);
    booking.slot.duration_minutes = interval.duration;
    booking.slot.local_start = absl::ToCivilMinute(booking.slot.starts_at, absl::UTCTimeZone());
    booking.slot.time_zone = "UTC";
    const bool is_free = std::none_of(rows_.begin(), rows_.end(), [&](const Row& row) {
      return row.active && row.interval.Overlaps(interval);
    });

    db::TenantTx tx = clinics_.Transaction(clinic_);
    const auto booked =
        store_.Insert(tx, clinics_.ids().New<AppointmentId>(), booking, UserId(), kBegin);

    RC_ASSERT(booked.ok() == is_free);
    if (!is_free) {
      RC_ASSERT(status::ReasonOf(booked.status()) == ErrorReason::APPOINTMENT_SLOT_TAKEN);
      return;
    }
    RC_ASSERT(tx.Commit().ok());
    rows_.push_back({booked->id, interval, true});
  }

  void Cancel(Row& row) {
    db::TenantTx tx = clinics_.Transaction(clinic_);
    const auto cancelled = store_.Cancel(tx, row.id, std::nullopt, {.time = kBegin, .reason = "-"});

    RC_ASSERT(cancelled.ok());
    RC_ASSERT(cancelled->has_value() == row.active);
    RC_ASSERT(tx.Commit().ok());
    row.active = false;
  }

  ScratchClinics& clinics_;
  ClinicId clinic_;
  PatientId patient_;
  std::vector<PractitionerId> practitioners_;
  AppointmentStore store_;
  std::vector<Row> rows_;
};

TEST_CASE("No sequence of bookings and cancellations books a practitioner twice",
          "[appointments][property]") {
  ScratchClinics clinics;

  rc::prop("a slot is given out if and only if it is free", [&] {
    const auto steps = *rc::gen::container<std::vector<Step>>(AnyStep());
    Day day(clinics);
    for (const Step& step : steps) day.Take(step);
    day.Check();
  });
}

}  // namespace
}  // namespace clinicd::appointments
