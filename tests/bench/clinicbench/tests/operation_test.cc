#include "tests/bench/clinicbench/operation.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <tuple>

namespace clinicd::bench {
namespace {

constexpr Dataset kDataset{
    .clinics = 4, .patients = 40, .practitioners = 5, .days = 2, .arrivals = 3};

}  // namespace

TEST_CASE("An operation source repeats itself with the same seed, but for ids of what is made",
          "[bench][unit]") {
  OperationSource one(kDataset, {.workload = Workload::kMix, .seed = 5, .salt = 1});
  OperationSource same(kDataset, {.workload = Workload::kMix, .seed = 5, .salt = 2});

  for (int i = 0; i < 20; ++i) {
    const auto first = one.Next();
    const auto second = same.Next();
    REQUIRE(first.has_value() == second.has_value());
    if (!first) break;
    CHECK(first->workload == second->workload);
    CHECK(std::tuple(first->clinic, first->patient, first->practitioner) ==
          std::tuple(second->clinic, second->patient, second->practitioner));
    if (first->workload != Workload::kCheckIn) CHECK(first->random != second->random);
  }
}

TEST_CASE("Bookings ask for a time once, and each patient is in one place at a time",
          "[bench][unit]") {
  OperationSource source(kDataset, {.workload = Workload::kBook, .conflicts = 0});
  std::set<std::tuple<int, int, absl::Time>> practitioners;
  std::set<std::tuple<int, int, absl::Time>> patients;

  for (int i = 0; i < 5000; ++i) {
    const auto booking = source.Next();
    REQUIRE(booking);
    CHECK(practitioners.emplace(booking->clinic, booking->practitioner, booking->starts_at).second);
    CHECK(patients.emplace(booking->clinic, booking->patient, booking->starts_at).second);
    CHECK(booking->conflict == false);
  }
}

TEST_CASE("Conflicts ask for what was booked, in their share", "[bench][unit]") {
  OperationSource source(kDataset, {.workload = Workload::kBook, .conflicts = 0.05});
  std::set<std::tuple<int, int, absl::Time>> booked;
  int conflicts = 0;

  for (int i = 0; i < 10'000; ++i) {
    const auto booking = source.Next();
    const std::tuple slot(booking->clinic, booking->practitioner, booking->starts_at);
    if (booking->conflict == true) {
      ++conflicts;
      CHECK(booked.contains(slot));
    } else {
      booked.insert(slot);
      source.Booked(*booking);
    }
  }

  CHECK(conflicts / 10'000.0 == Approx(0.05).margin(0.011));
}

TEST_CASE("Everybody who arrives is checked in once, then nobody is left", "[bench][unit]") {
  OperationSource source(kDataset, {.workload = Workload::kCheckIn, .first_arrival = 2});
  std::set<std::pair<int, std::int64_t>> arrived;

  while (const auto arrival = source.Next()) {
    CHECK(arrived.emplace(arrival->clinic, arrival->arrival).second);
  }

  CHECK(arrived.size() == 4 * 3 - 2);
}

TEST_CASE("The mix has its shares", "[bench][unit]") {
  Dataset dataset = kDataset;
  dataset.arrivals = 1'000'000;
  OperationSource source(dataset, {.workload = Workload::kMix});
  std::map<Workload, int> counts;

  for (int i = 0; i < 20'000; ++i) ++counts[source.Next()->workload];

  CHECK(counts[Workload::kGetPatient] / 20'000.0 == Approx(0.64).margin(0.017));
  CHECK(counts[Workload::kListDay] / 20'000.0 == Approx(0.20).margin(0.015));
  CHECK(counts[Workload::kSearchPatients] / 20'000.0 == Approx(0.08).margin(0.01));
  CHECK(counts[Workload::kBook] / 20'000.0 == Approx(0.04).margin(0.007));
  CHECK(counts[Workload::kCheckIn] / 20'000.0 == Approx(0.04).margin(0.007));
}

TEST_CASE("W5 is no workload yet", "[bench][unit]") {
  CHECK(WorkloadFromName("W7") == Workload::kGetPatient);
  CHECK_FALSE(WorkloadFromName("W5"));
}

}  // namespace clinicd::bench
