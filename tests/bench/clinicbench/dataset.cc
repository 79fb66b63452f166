#include "tests/bench/clinicbench/dataset.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace clinicd::bench {

std::string NumberedId(std::int64_t number) {
  return absl::StrFormat("00000000-0000-0000-0000-%012x", number);
}

std::string ClinicIdOf(int clinic) { return NumberedId(kFirstClinic + clinic); }
std::string PatientIdOf(int patient) { return NumberedId(patient); }
std::string PractitionerIdOf(int practitioner) {
  return NumberedId(kFirstPractitioner + practitioner);
}
std::string ArrivalIdOf(std::int64_t arrival) { return NumberedId(kFirstArrival + arrival); }

std::string GivenNameOf(int patient, int clinic) { return absl::StrCat("N", patient, "c", clinic); }

int FamilyOf(int patient) { return (patient - 1) / kFamilySize; }

std::string FamilyNameOf(int family) {
  std::string name = absl::StrFormat("Fam%05d", family);
  // Letters for digits: words that begin with letters are searched for as they are.
  for (std::size_t i = 3; i < name.size(); ++i) name[i] = static_cast<char>(name[i] - '0' + 'a');
  return name;
}

absl::TimeZone ZoneOfClinics() {
  absl::TimeZone zone;
  absl::LoadTimeZone(kTimeZone, &zone);
  return zone;
}

nlohmann::json ToJson(const Dataset& dataset) {
  return {{"clinics", dataset.clinics},
          {"patients", dataset.patients},
          {"practitioners", dataset.practitioners},
          {"days", dataset.days},
          {"first_day", absl::FormatCivilTime(dataset.first_day)},
          {"arrivals", dataset.arrivals},
          {"big_clinic", dataset.big_clinic}};
}

std::optional<Dataset> DatasetFromJson(const nlohmann::json& json) {
  Dataset dataset;
  for (const char* name : {"clinics", "patients", "practitioners", "days", "arrivals"}) {
    if (!json.contains(name) || !json.at(name).is_number_integer()) return std::nullopt;
  }
  if (!json.contains("first_day") || !json.at("first_day").is_string()) return std::nullopt;
  dataset.clinics = json.at("clinics").get<int>();
  dataset.patients = json.at("patients").get<int>();
  dataset.practitioners = json.at("practitioners").get<int>();
  dataset.days = json.at("days").get<int>();
  dataset.arrivals = json.at("arrivals").get<int>();
  dataset.big_clinic = json.value("big_clinic", false);
  if (!absl::ParseCivilTime(json.at("first_day").get<std::string>(), &dataset.first_day)) {
    return std::nullopt;
  }
  return dataset;
}

}  // namespace clinicd::bench
