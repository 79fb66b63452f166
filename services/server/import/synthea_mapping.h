// From rows of Synthea's files to what the API takes. Pure.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <variant>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "clinicd/appointments/v1/appointment_service.pb.h"
#include "clinicd/appointments/v1/resource_service.pb.h"
#include "clinicd/identity/v1/practitioner_service.pb.h"
#include "clinicd/patients/v1/patient_service.pb.h"
#include "services/server/import/synthea_table.h"

namespace clinicd::importer {

// The columns that are read, in the order of the enums that index them.
enum class OrganizationColumn : std::size_t { kId, kName };
inline constexpr std::array<ColumnSpec, 2> kOrganizationColumns = {{{"Id"}, {"NAME", false}}};

enum class ProviderColumn : std::size_t { kId, kOrganization, kName, kSpeciality, kSpecialty };
// Both spellings occur.
inline constexpr std::array<ColumnSpec, 5> kProviderColumns = {
    {{"Id"}, {"ORGANIZATION"}, {"NAME"}, {"SPECIALITY", false}, {"SPECIALTY", false}}};

enum class PatientColumn : std::size_t {
  kId,
  kBirthDate,
  kFirst,
  kLast,
  kGender,
  kAddress,
  kCity,
  kState,
  kZip
};
inline constexpr std::array<ColumnSpec, 9> kPatientColumns = {{{"Id"},
                                                               {"BIRTHDATE"},
                                                               {"FIRST"},
                                                               {"LAST"},
                                                               {"GENDER"},
                                                               {"ADDRESS", false},
                                                               {"CITY", false},
                                                               {"STATE", false},
                                                               {"ZIP", false}}};

enum class EncounterColumn : std::size_t { kId, kStart, kStop, kPatient, kProvider, kDescription };
inline constexpr std::array<ColumnSpec, 6> kEncounterColumns = {
    {{"Id"}, {"START"}, {"STOP"}, {"PATIENT"}, {"PROVIDER"}, {"DESCRIPTION", false}}};

struct MappingOptions {
  absl::TimeZone time_zone = {};
  // The clinic's today.
  absl::CivilDay today = {};
  // Keep the digits that Synthea adds to names ("Maynard46").
  bool keep_digits = false;
};

struct MappedOrganization {
  std::string source_id;
  appointments::v1::Location location;
};

struct MappedProvider {
  std::string source_id;
  std::string organization;
  identity::v1::Practitioner practitioner;
};

struct MappedPatient {
  std::string source_id;
  patients::v1::Patient patient;
};

// The appointment lacks the ids of patient and practitioner.
struct MappedEncounter {
  std::string source_id;
  std::string patient;
  std::string provider;
  appointments::v1::Appointment appointment;
};

template <typename T>
using Mapped = std::variant<T, Refusal>;

// A location on the clinic's clock, because Synthea names no zone. One without NAME is called by
// its Id; external id "synthea:" and Id.
Mapped<MappedOrganization> MapOrganization(const SyntheaRow& row, const ColumnPlaces& places,
                                           const MappingOptions& options);

// NAME becomes given name and family name at its last space; external id "synthea:" and Id.
Mapped<MappedProvider> MapProvider(const SyntheaRow& row, const ColumnPlaces& places,
                                   const MappingOptions& options);

// The address becomes street, then city, state and postal code on a second line. SSN, driving
// licence, passport and everything else that the API has no place for is not read.
Mapped<MappedPatient> MapPatient(const SyntheaRow& row, const ColumnPlaces& places,
                                 const MappingOptions& options);

// START becomes the clinic's local time, seconds cut off; STOP less START becomes the duration,
// rounded up to minutes. A start that the clinic's clocks show for the second time, because they
// went back, is refused: the API takes such a time as the first.
Mapped<MappedEncounter> MapEncounter(const SyntheaRow& row, const ColumnPlaces& places,
                                     const MappingOptions& options);

// A refusal that points at a column of a row.
Refusal RefusalAt(std::size_t column, std::string_view field, std::string_view reason,
                  std::string_view message);

}  // namespace clinicd::importer
