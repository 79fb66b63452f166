// What the clinic knows of a patient.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace clinicd::patients {

// Administrative sex, as in HL7 FHIR AdministrativeGender; kUnspecified: not asked.
enum class Sex { kUnspecified, kFemale, kMale, kOther, kUnknown };

// What the clinic enters. Texts are empty where the patient has none.
struct PatientDetails {
  std::string given_name = {};
  std::string family_name = {};
  absl::CivilDay birth_date = {};
  Sex sex = Sex::kUnspecified;
  std::string file_number = {};
  std::string phone = {};
  std::string email = {};
  std::string address = {};
  // Every access is looked at.
  bool vip = false;
  // What whoever meets the patient must know first, in one line.
  std::string alert = {};
  // Id in the system the patient was imported from. Never changes.
  std::string external_id = {};
};

struct Patient {
  PatientId id = {};
  PatientDetails details = {};
  std::int64_t row_version = 0;
  absl::Time created_at = {};
  absl::Time updated_at = {};
};

}  // namespace clinicd::patients
