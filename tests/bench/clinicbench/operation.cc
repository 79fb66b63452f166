#include "tests/bench/clinicbench/operation.h"

#include <algorithm>
#include <array>
#include <utility>

namespace clinicd::bench {
namespace {

constexpr std::array<std::pair<std::string_view, Workload>, 12> kNames = {{
    {"W0", Workload::kEmpty},
    {"W1", Workload::kGetPatient},
    {"W2", Workload::kListDay},
    {"W3", Workload::kSearchPatients},
    {"W4", Workload::kBook},
    {"W6", Workload::kCheckIn},
    {"W7", Workload::kGetPatient},
    {"W8", Workload::kMix},
    {"keys", Workload::kMakeKeys},
    {"hot_day", Workload::kHotDay},
    {"diary", Workload::kDiary},
    {"slots", Workload::kFindSlots},
}};

// From 06:00 to 22:00 UTC, where no clock is changed.
constexpr int kFirstBookingHour = 6;
constexpr int kBookingsOfDay = 64;
constexpr int kBigSearched = 10;

absl::Time AtUtc(absl::CivilDay day, int hour, std::int64_t minutes) {
  return absl::FromCivil(day, absl::UTCTimeZone()) + absl::Hours(hour) + absl::Minutes(minutes);
}

int ClinicsAsked(const Dataset& dataset, const OperationSource::Options& options) {
  return (options.last_clinic > 0 ? options.last_clinic : dataset.clinics) - options.first_clinic +
         1;
}

}  // namespace

std::optional<Workload> WorkloadFromName(std::string_view name) {
  const auto* const found =
      std::ranges::find(kNames, name, &std::pair<std::string_view, Workload>::first);
  return found == kNames.end() ? std::nullopt : std::optional(found->second);
}

OperationSource::OperationSource(const Dataset& dataset, const Options& options)
    : dataset_(dataset),
      options_(options),
      engine_(options.seed),
      clinics_(options.spread, ClinicsAsked(dataset, options)),
      patients_(options.spread, dataset.patients),
      asked_(static_cast<std::size_t>(dataset.clinics) + 1),
      booked_(static_cast<std::size_t>(dataset.clinics) + 1),
      arrivals_(options.first_arrival) {}

int OperationSource::PickClinic() { return options_.first_clinic - 1 + clinics_.Pick(engine_); }

Workload OperationSource::PickFromMix() {
  // The share of invoices goes to reads of patients until there are invoices.
  constexpr std::array<std::pair<double, Workload>, 5> kShares = {
      {{0.64, Workload::kGetPatient},
       {0.84, Workload::kListDay},
       {0.92, Workload::kSearchPatients},
       {0.96, Workload::kBook},
       {1.00, Workload::kCheckIn}}};
  const double share = Share();
  return std::ranges::find_if(kShares, [&](const auto& each) { return share < each.first; })
      ->second;
}

std::optional<Operation> OperationSource::Next() {
  Workload workload = options_.workload;
  if (workload == Workload::kMix) workload = PickFromMix();
  if (workload == Workload::kBook) return Book();
  if (workload == Workload::kMakeKeys) return MakeKey();
  if (workload == Workload::kHotDay) return HotDay();
  if (workload == Workload::kCheckIn) return CheckIn();
  Operation operation{.workload = workload, .random = Random()};
  if (workload == Workload::kDiary || workload == Workload::kFindSlots) {
    operation.clinic = dataset_.clinics + 1;
    operation.practitioner = kBigSearched;
    operation.day = static_cast<int>(engine_() % kBigDays);
    return operation;
  }
  operation.clinic = PickClinic();
  operation.patient = patients_.Pick(engine_);
  operation.practitioner =
      1 + static_cast<int>(engine_() % static_cast<std::uint64_t>(dataset_.practitioners));
  operation.day = static_cast<int>(engine_() % static_cast<std::uint64_t>(dataset_.days));
  return operation;
}

int OperationSource::WalkIn(std::int64_t number) const {
  return dataset_.patients + 1 + static_cast<int>(number % kWalkInPatients);
}

Operation OperationSource::Book() {
  const int clinic = PickClinic();
  const auto index = static_cast<std::size_t>(clinic);
  if (booked_[index] && Share() < options_.conflicts) {
    Operation again = *booked_[index];
    again.conflict = true;
    again.random = Random();
    return again;
  }
  Operation booking = BookingOf(clinic, asked_[index]++);
  booking.random = Random();
  return booking;
}

Operation OperationSource::BookingOf(int clinic, std::int64_t number) const {
  // All practitioners at one time, then the next time: each patient is in one place at a time.
  const std::int64_t slot = number / dataset_.practitioners;
  return {.workload = Workload::kBook,
          .clinic = clinic,
          .patient = WalkIn(number),
          .practitioner = 1 + static_cast<int>(number % dataset_.practitioners),
          .starts_at = AtUtc(options_.booking_day + slot / kBookingsOfDay, kFirstBookingHour,
                             kBookingMinutes * (slot % kBookingsOfDay))};
}

Operation OperationSource::MakeKey() {
  const std::int64_t number = asked_[0]++;
  Operation booking =
      BookingOf(1 + static_cast<int>(number % dataset_.clinics), number / dataset_.clinics);
  booking.random = Random();
  return booking;
}

void OperationSource::Booked(const Operation& operation) {
  if (operation.workload == Workload::kBook) {
    booked_[static_cast<std::size_t>(operation.clinic)] = operation;
  }
}

Operation OperationSource::HotDay() {
  // So many for a day that little of it is left.
  constexpr std::int64_t kAttemptsOfDay = 2000;
  const std::int64_t number = asked_[1]++;
  const auto practitioners = static_cast<std::uint64_t>(dataset_.practitioners);
  return {.workload = Workload::kHotDay,
          .clinic = 1,
          .patient = WalkIn(static_cast<std::int64_t>(engine_() % kWalkInPatients)),
          .practitioner = 1 + static_cast<int>(engine_() % practitioners),
          .starts_at = AtUtc(options_.booking_day + number / kAttemptsOfDay, kFirstBookingHour,
                             5 * static_cast<std::int64_t>(engine_() % (3 * kBookingsOfDay - 3))),
          .conflict = std::nullopt,
          .random = Random()};
}

std::optional<Operation> OperationSource::CheckIn() {
  const std::int64_t number = arrivals_++;
  const std::int64_t arrival = number / dataset_.clinics;
  if (arrival >= dataset_.arrivals) return std::nullopt;
  return Operation{.workload = Workload::kCheckIn,
                   .clinic = 1 + static_cast<int>(number % dataset_.clinics),
                   .patient = WalkIn(arrival),
                   .practitioner = dataset_.practitioners + 1 +
                                   static_cast<int>(arrival % dataset_.practitioners),
                   .arrival = arrival + 1,
                   .random = Random()};
}

}  // namespace clinicd::bench
