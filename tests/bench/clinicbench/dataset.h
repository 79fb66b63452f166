// What the clinics under measurement hold. Everything can be computed from numbers, so that the
// generator knows what each answer must be without asking the database.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace clinicd::bench {

// Numbers count from 1. Patients and practitioners of all clinics have the same ids, so that an
// answer from another clinic cannot be told by its id; but names hold the number of the clinic.
struct Dataset {
  int clinics = 1;
  // Of each clinic; a multiple of kFamilySize.
  int patients = 500;
  int practitioners = 5;
  // Full days of every practitioner, half of them in the past when they were loaded.
  int days = 25;
  absl::CivilDay first_day = {};
  // Visits of each clinic that can be checked in now.
  int arrivals = 0;
  // Whether there is one more clinic, the last, with 12 practitioners and some 100,000 visits.
  bool big_clinic = false;

  friend bool operator==(const Dataset&, const Dataset&) = default;
};

inline constexpr int kVisitsOfDay = 40;
// Patients of one family name, which fills one page of a search.
inline constexpr int kFamilySize = 20;
// Come on top of the patients of a clinic, have no visits of the dataset, and can be checked in and
// booked for. As many practitioners as have visits take only those who can be checked in.
inline constexpr int kWalkInPatients = 40;
inline constexpr char kTimeZone[] = "Europe/Madrid";
// Signed in at every clinic.
inline constexpr char kUser[] = "018f0000-0000-7000-8000-0000000000e1";
inline constexpr char kSession[] = "018f0000-0000-7000-8000-0000000000f1";
// Before the number of what it names.
inline constexpr std::int64_t kFirstPractitioner = 0x1000000;
inline constexpr std::int64_t kFirstClinic = 0x3000000;
inline constexpr std::int64_t kFirstVisit = 0x100000000;
inline constexpr std::int64_t kFirstArrival = 0x200000000;

// The big clinic: 34 visits a day of each practitioner, 408 of all.
inline constexpr int kBigPractitioners = 12;
inline constexpr int kBigPatients = 5000;
inline constexpr int kBigVisitsOfDay = 34;
inline constexpr int kBigDays = 246;

// `number` as a UUID.
std::string NumberedId(std::int64_t number);
std::string ClinicIdOf(int clinic);
std::string PatientIdOf(int patient);
std::string PractitionerIdOf(int practitioner);
std::string ArrivalIdOf(std::int64_t arrival);

// "N17c3": patient 17 of clinic 3.
std::string GivenNameOf(int patient, int clinic);
// The patients of a family have numbers one after the other.
int FamilyOf(int patient);
std::string FamilyNameOf(int family);

// The zone of all clinics, which every machine that runs clinicd knows.
absl::TimeZone ZoneOfClinics();

// As a server tells a generator.
nlohmann::json ToJson(const Dataset& dataset);
std::optional<Dataset> DatasetFromJson(const nlohmann::json& json);

}  // namespace clinicd::bench
