// One call of a workload, before it is put into a protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "tests/bench/clinicbench/dataset.h"
#include "tests/bench/clinicbench/picker.h"

namespace clinicd::bench {

enum class Workload {
  // A call that needs no database.
  kEmpty,
  kGetPatient,
  // The forty visits of a day of one practitioner.
  kListDay,
  kSearchPatients,
  // A booking, some of a time that is taken.
  kBook,
  kCheckIn,
  // The first six by their shares of a day.
  kMix,
  // A booking for everybody for whom kBook books, so that clinicd has made their keys.
  kMakeKeys,
  // Bookings at random times of one day of one clinic.
  kHotDay,
  // A day of the big clinic: 12 practitioners, 408 visits.
  kDiary,
  // Four weeks of ten practitioners of the big clinic.
  kFindSlots,
};

// W0 to W8 as in README.md, "keys", "hot_day", "diary", "slots". Nullopt for others, also for W5,
// which waits for billing. W7 is W1: whether a read leaves a row is the server's setting.
std::optional<Workload> WorkloadFromName(std::string_view name);

struct Operation {
  Workload workload = Workload::kEmpty;
  int clinic = 1;
  int patient = 1;
  int practitioner = 1;
  // From the first of the dataset.
  int day = 0;
  // Of kBook and kHotDay.
  absl::Time starts_at = {};
  // Whether the answer must be that the time is taken; nullopt: either is right.
  std::optional<bool> conflict = false;
  // Of kCheckIn.
  std::int64_t arrival = 0;
  // For ids of what is made.
  std::uint64_t random = 0;
};

inline constexpr int kBookingMinutes = 15;

// Decides what is asked for, the same for the same seed as long as answers come in the same order.
// Not thread-safe.
class OperationSource final {
 public:
  struct Options {
    Workload workload = Workload::kGetPatient;
    Spread spread = Spread::kZipf;
    std::uint64_t seed = 42;
    // Only clinics from this one to that one; 0: to the last.
    int first_clinic = 1;
    int last_clinic = 0;
    // Of ids of what is made, which no other run may have; the keys do not depend on it.
    std::uint64_t salt = 0;
    double conflicts = 0.05;
    // Before which nothing is booked.
    absl::CivilDay booking_day = absl::CivilDay(2031, 1, 1);
    // How many visits were checked in before.
    std::int64_t first_arrival = 0;
  };

  OperationSource(const Dataset& dataset, const Options& options);

  // Nullopt when nobody is left who could be checked in.
  std::optional<Operation> Next();
  // How many visits were checked in, those of before included.
  std::int64_t arrivals() const { return arrivals_; }
  // Says that a booking was made, so that another may ask for its time.
  void Booked(const Operation& operation);

 private:
  Operation Book();
  Operation HotDay();
  std::optional<Operation> CheckIn();
  Workload PickFromMix();
  int PickClinic();
  // One of those who walk in.
  int WalkIn(std::int64_t number) const;
  Operation MakeKey();
  // The `number`-th booking of a clinic.
  Operation BookingOf(int clinic, std::int64_t number) const;
  std::uint64_t Random() { return engine_() ^ options_.salt; }
  double Share() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

  const Dataset dataset_;
  const Options options_;
  std::mt19937_64 engine_;
  const Picker clinics_;
  const Picker patients_;
  // How many bookings each clinic was asked for.
  std::vector<std::int64_t> asked_;
  // One that was made in each clinic.
  std::vector<std::optional<Operation>> booked_;
  std::int64_t arrivals_ = 0;
};

}  // namespace clinicd::bench
