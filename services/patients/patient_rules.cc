#include "services/patients/patient_rules.h"

#include <optional>

#include "common/rpc/civil.h"
#include "common/status/error.h"
#include "services/patients/patient_convert.h"

namespace clinicd::patients {
namespace {

// Older than anyone alive; a date before it is a slip of the keyboard.
constexpr absl::CivilDay kEarliestBirth(1880, 1, 1);

}  // namespace

const std::vector<std::string_view>& UpdatableFields() {
  static const std::vector<std::string_view> fields = {
      "given_name", "family_name", "birth_date", "sex", "file_number",
      "phone",      "email",       "address",    "vip", "alert"};
  return fields;
}

absl::StatusOr<PatientDetails> ParsePatient(const v1::Patient& form, absl::CivilDay today) {
  const std::optional<absl::CivilDay> birth_date = rpc::FromDate(form.birth_date());
  if (!birth_date || *birth_date < kEarliestBirth || *birth_date > today) {
    return status::InvalidField("patient.birth_date",
                                "must be a real date between 1880-01-01 and today");
  }
  return PatientDetails{.given_name = form.given_name(),
                        .family_name = form.family_name(),
                        .birth_date = *birth_date,
                        .sex = FromProto(form.sex()),
                        .file_number = form.file_number(),
                        .phone = form.phone(),
                        .email = form.email(),
                        .address = form.address(),
                        .vip = form.vip(),
                        .alert = form.alert(),
                        .external_id = form.external_id()};
}

absl::StatusOr<PatientId> ParseUpdateTarget(const v1::Patient& form) {
  const std::optional<PatientId> id = PatientId::Parse(form.id());
  status::ErrorBuilder error = status::Invalid();
  if (!id) error.Field("patient.id", "must be a UUID");
  if (form.etag().empty()) error.Field("patient.etag", "must be the etag that was read");
  if (error.has_fields()) return error.ToStatus();
  return *id;
}

}  // namespace clinicd::patients
