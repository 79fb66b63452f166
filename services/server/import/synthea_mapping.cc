#include "services/server/import/synthea_mapping.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/text.h"
#include "services/server/import/row_values.h"

namespace clinicd::importer {
namespace {

// "synthea:" and the id are to fit into 200 characters.
constexpr std::size_t kSourceIdLengthMax = 192;
constexpr std::size_t kNameLengthMax = 100;
constexpr std::size_t kTextLengthMax = kCsvFieldBytesMax;
constexpr std::size_t kAddressLengthMax = 500;
constexpr std::size_t kReasonLengthMax = 200;
constexpr absl::Duration kDurationMax = absl::Minutes(1440);
constexpr absl::CivilDay kBirthDateMin(1880, 1, 1);

std::string ExternalId(std::string_view source_id) {
  return absl::StrCat("synthea:", ToAbsl(source_id));
}

// Takes the digits off the end of each word that has something else in it: "Maynard46" is
// "Maynard".
std::string WithoutDigits(std::string_view name) {
  std::vector<std::string> words = absl::StrSplit(ToAbsl(name), ' ');
  for (std::string& word : words) {
    const std::size_t last = word.find_last_not_of("0123456789");
    if (last != std::string::npos) word.resize(last + 1);
  }
  return absl::StrJoin(words, " ");
}

std::string NameOf(std::string_view name, const MappingOptions& options) {
  return options.keep_digits ? std::string(name) : WithoutDigits(name);
}

std::string CodePointPrefix(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  while (end < text.size()) {
    const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
    if (starts && count == 0) break;
    if (starts) --count;
    ++end;
  }
  return std::string(text.substr(0, end));
}

void SetDate(absl::CivilDay date, google::type::Date& proto) {
  proto.set_year(static_cast<std::int32_t>(date.year()));
  proto.set_month(date.month());
  proto.set_day(date.day());
}

patients::v1::Sex SexOf(RowValues& values) {
  const std::string text =
      absl::AsciiStrToUpper(values.Text(PatientColumn::kGender, kTextLengthMax));
  if (text.empty()) return patients::v1::SEX_UNSPECIFIED;
  if (text == "F" || text == "FEMALE") return patients::v1::SEX_FEMALE;
  if (text == "M" || text == "MALE") return patients::v1::SEX_MALE;
  if (text == "O" || text == "OTHER") return patients::v1::SEX_OTHER;
  if (text == "U" || text == "UNKNOWN") return patients::v1::SEX_UNKNOWN;
  values.Refuse(PatientColumn::kGender, "VALUE_UNKNOWN",
                "The field is not one of F, M, O, U or empty.");
  return patients::v1::SEX_UNSPECIFIED;
}

std::string AddressOf(RowValues& values) {
  std::string address = values.Text(PatientColumn::kAddress, kTextLengthMax);
  const std::string city = values.Text(PatientColumn::kCity, kTextLengthMax);
  const std::string state = values.Text(PatientColumn::kState, kTextLengthMax);
  const std::string zip = values.Text(PatientColumn::kZip, kTextLengthMax);
  std::string place = city;
  if (!state.empty()) absl::StrAppend(&place, place.empty() ? "" : ", ", state);
  if (!zip.empty()) absl::StrAppend(&place, place.empty() ? "" : " ", zip);
  if (!place.empty()) absl::StrAppend(&address, address.empty() ? "" : "\n", place);
  if (CodePoints(address) > kAddressLengthMax) {
    values.Refuse(PatientColumn::kAddress, "VALUE_TOO_LONG",
                  "Street, city, state and postal code have more than 500 characters.");
  }
  return address;
}

void SetTimes(RowValues& values, const MappingOptions& options,
              appointments::v1::Appointment& appointment) {
  const absl::Time start = values.Instant(EncounterColumn::kStart);
  const absl::Time stop = values.Instant(EncounterColumn::kStop);
  if (values.refusal()) return;
  const absl::Duration duration = absl::Ceil(stop - start, absl::Minutes(1));
  if (duration < absl::Minutes(1) || duration > kDurationMax) {
    values.Refuse(EncounterColumn::kStop, "DURATION_OUT_OF_RANGE",
                  "STOP is not 1 to 1,440 minutes after START.");
  }
  const absl::CivilMinute local(absl::ToCivilSecond(start, options.time_zone));
  const absl::TimeZone::TimeInfo info = options.time_zone.At(absl::CivilSecond(local));
  if (info.kind == absl::TimeZone::TimeInfo::REPEATED && start >= info.trans) {
    values.Refuse(EncounterColumn::kStart, "LOCAL_TIME_AMBIGUOUS",
                  "The clinic's clocks show this time twice, and this is the second.");
  }
  appointment.set_local_start(absl::FormatCivilTime(local));
  appointment.set_duration_minutes(static_cast<std::int32_t>(absl::ToInt64Minutes(duration)));
}

}  // namespace

Refusal RefusalAt(std::size_t column, std::string_view field, std::string_view reason,
                  std::string_view message) {
  return {.column = column,
          .field = std::string(field),
          .reason = std::string(reason),
          .message = std::string(message)};
}

Mapped<MappedOrganization> MapOrganization(const SyntheaRow& row, const ColumnPlaces& places,
                                           const MappingOptions& options) {
  RowValues values(row, places, kOrganizationColumns);
  MappedOrganization mapped;
  mapped.source_id = values.RequiredText(OrganizationColumn::kId, kSourceIdLengthMax);
  const std::string name = values.Text(OrganizationColumn::kName, kTextLengthMax);
  mapped.location.set_name(CodePointPrefix(name.empty() ? mapped.source_id : name, kNameLengthMax));
  mapped.location.set_time_zone(options.time_zone.name());
  mapped.location.set_active(true);
  mapped.location.set_external_id(ExternalId(mapped.source_id));
  if (values.refusal()) return *values.refusal();
  return mapped;
}

Mapped<MappedProvider> MapProvider(const SyntheaRow& row, const ColumnPlaces& places,
                                   const MappingOptions& options) {
  RowValues values(row, places, kProviderColumns);
  MappedProvider provider;
  provider.source_id = values.RequiredText(ProviderColumn::kId, kSourceIdLengthMax);
  provider.organization = values.Text(ProviderColumn::kOrganization, kTextLengthMax);
  const std::string name =
      NameOf(values.RequiredText(ProviderColumn::kName, kTextLengthMax), options);
  const std::size_t space = name.rfind(' ');
  if (space == std::string::npos) {
    values.Refuse(ProviderColumn::kName, "NAME_INCOMPLETE",
                  "The name is not a given name, a space and a family name.");
  } else {
    provider.practitioner.set_given_name(name.substr(0, space));
    provider.practitioner.set_family_name(name.substr(space + 1));
  }
  if (CodePoints(provider.practitioner.given_name()) > kNameLengthMax ||
      CodePoints(provider.practitioner.family_name()) > kNameLengthMax) {
    values.Refuse(ProviderColumn::kName, "VALUE_TOO_LONG",
                  "Given name or family name has more than 100 characters.");
  }
  std::string speciality = values.Text(ProviderColumn::kSpeciality, kNameLengthMax);
  if (speciality.empty()) speciality = values.Text(ProviderColumn::kSpecialty, kNameLengthMax);
  provider.practitioner.set_speciality(speciality);
  provider.practitioner.set_active(true);
  provider.practitioner.set_external_id(ExternalId(provider.source_id));
  if (values.refusal()) return *values.refusal();
  return provider;
}

Mapped<MappedPatient> MapPatient(const SyntheaRow& row, const ColumnPlaces& places,
                                 const MappingOptions& options) {
  RowValues values(row, places, kPatientColumns);
  MappedPatient mapped;
  patients::v1::Patient& patient = mapped.patient;
  mapped.source_id = values.RequiredText(PatientColumn::kId, kSourceIdLengthMax);
  patient.set_given_name(
      NameOf(values.RequiredText(PatientColumn::kFirst, kNameLengthMax), options));
  patient.set_family_name(
      NameOf(values.RequiredText(PatientColumn::kLast, kNameLengthMax), options));
  const absl::CivilDay born = values.Date(PatientColumn::kBirthDate);
  if (born < kBirthDateMin || born > options.today) {
    values.Refuse(PatientColumn::kBirthDate, "DATE_OUT_OF_RANGE",
                  "The birth date is not from 1880-01-01 to today.");
  }
  SetDate(born, *patient.mutable_birth_date());
  patient.set_sex(SexOf(values));
  patient.set_address(AddressOf(values));
  patient.set_external_id(ExternalId(mapped.source_id));
  if (values.refusal()) return *values.refusal();
  return mapped;
}

Mapped<MappedEncounter> MapEncounter(const SyntheaRow& row, const ColumnPlaces& places,
                                     const MappingOptions& options) {
  RowValues values(row, places, kEncounterColumns);
  MappedEncounter mapped;
  mapped.source_id = values.RequiredText(EncounterColumn::kId, kSourceIdLengthMax);
  mapped.patient = values.RequiredText(EncounterColumn::kPatient, kSourceIdLengthMax);
  mapped.provider = values.RequiredText(EncounterColumn::kProvider, kSourceIdLengthMax);
  SetTimes(values, options, mapped.appointment);
  mapped.appointment.set_reason(CodePointPrefix(
      values.Text(EncounterColumn::kDescription, kTextLengthMax), kReasonLengthMax));
  mapped.appointment.set_external_id(ExternalId(mapped.source_id));
  if (values.refusal()) return *values.refusal();
  return mapped;
}

}  // namespace clinicd::importer
