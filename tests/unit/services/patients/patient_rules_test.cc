#include "services/patients/patient_rules.h"

#include <catch2/catch.hpp>

#include "common/rpc/civil.h"
#include "common/status/error.h"
#include "services/patients/patient_convert.h"
#include "services/patients/patient_errors.h"
#include "tests/unit/services/details.h"

namespace clinicd::patients {
namespace {

using testing::FieldsOf;
using testing::MetadataOf;

constexpr absl::CivilDay kToday(2026, 3, 1);
constexpr char kId[] = "018f0000-0000-7000-8000-000000000001";

v1::Patient ValidForm() {
  v1::Patient form;
  form.set_id(kId);
  form.set_given_name("Ana");
  form.set_family_name("Li");
  *form.mutable_birth_date() = rpc::ToDate(absl::CivilDay(1985, 3, 2));
  form.set_sex(v1::SEX_FEMALE);
  form.set_file_number("A-17");
  form.set_phone("600 123 456");
  form.set_email("ana@example.test");
  form.set_address("1 Calle Mayor\nMadrid");
  form.set_alert("Allergic to latex");
  form.set_external_id("synthea:1");
  form.set_etag("\"3\"");
  return form;
}

TEST_CASE("ParsePatient bounds the birth date", "[patients][unit]") {
  const auto [year, month, day, accepted] = GENERATE(table<int, int, int, bool>({
      {1879, 12, 31, false},
      {1880, 1, 1, true},
      {2026, 3, 1, true},    // born today
      {2026, 3, 2, false},   // tomorrow at the clinic
      {2026, 2, 29, false},  // not a leap year
      {0, 0, 0, false},      // left out
  }));
  CAPTURE(year, month, day);
  v1::Patient form = ValidForm();
  form.mutable_birth_date()->set_year(year);
  form.mutable_birth_date()->set_month(month);
  form.mutable_birth_date()->set_day(day);

  const absl::StatusOr<PatientDetails> details = ParsePatient(form, kToday);

  CHECK(details.ok() == accepted);
  if (!accepted) {
    CHECK(status::ReasonOf(details.status()) == status::ErrorReason::VALIDATION_FAILED);
    CHECK(FieldsOf(details.status()) == std::vector<std::string>{"patient.birth_date"});
  }
}

TEST_CASE("A patient's particulars come back as they were entered", "[patients][unit]") {
  const PatientDetails details = ParsePatient(ValidForm(), kToday).value();
  v1::Patient form = ToProto(Patient{.id = *PatientId::Parse(kId),
                                     .details = details,
                                     .row_version = 3,
                                     .created_at = absl::FromUnixSeconds(1),
                                     .updated_at = absl::FromUnixSeconds(2)});

  CHECK(form.create_time().seconds() == 1);
  CHECK(form.update_time().seconds() == 2);
  form.clear_create_time();
  form.clear_update_time();
  CHECK(form.SerializeAsString() == ValidForm().SerializeAsString());
}

TEST_CASE("Every sex comes back as it was entered", "[patients][unit]") {
  for (int sex = v1::Sex_MIN; sex <= v1::Sex_MAX; ++sex) {
    CHECK(ToProto(FromProto(static_cast<v1::Sex>(sex))) == sex);
  }
}

TEST_CASE("An update names a patient and a version, and reports all that is missing",
          "[patients][unit]") {
  v1::Patient form = ValidForm();
  CHECK(ParseUpdateTarget(form).value() == *PatientId::Parse(kId));

  form.clear_etag();
  CHECK(FieldsOf(ParseUpdateTarget(form).status()) == std::vector<std::string>{"patient.etag"});
  form.set_id("1");
  CHECK(FieldsOf(ParseUpdateTarget(form).status()) ==
        std::vector<std::string>{"patient.id", "patient.etag"});
}

TEST_CASE("An update may change every field but the output-only and immutable ones",
          "[patients][unit]") {
  std::vector<std::string> others;
  const auto* descriptor = v1::Patient::descriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const auto& fields = UpdatableFields();
    const std::string& name = descriptor->field(i)->name();
    if (std::find(fields.begin(), fields.end(), name) == fields.end()) others.push_back(name);
  }

  CHECK(others ==
        std::vector<std::string>{"id", "external_id", "create_time", "update_time", "etag"});
}

TEST_CASE("The errors of patients carry code, reason and what to switch on", "[patients][unit]") {
  const absl::Status taken = ExternalIdTaken(*PatientId::Parse(kId));

  CHECK(absl::IsNotFound(PatientNotFound()));
  CHECK(status::ReasonOf(PatientNotFound()) == status::ErrorReason::PATIENT_NOT_FOUND);
  CHECK(absl::IsAlreadyExists(FileNumberTaken()));
  CHECK(status::ReasonOf(FileNumberTaken()) == status::ErrorReason::PATIENT_FILE_NUMBER_TAKEN);
  CHECK(MetadataOf(FileNumberTaken(), "field") == "patient.file_number");
  CHECK(absl::IsAlreadyExists(taken));
  CHECK(status::ReasonOf(taken) == status::ErrorReason::PATIENT_EXTERNAL_ID_TAKEN);
  CHECK(MetadataOf(taken, "field") == "patient.external_id");
  CHECK(MetadataOf(taken, "id") == kId);
}

}  // namespace
}  // namespace clinicd::patients
