#include "services/patients/patient_convert.h"

#include "common/rpc/civil.h"
#include "common/rpc/etag.h"

namespace clinicd::patients {

v1::Sex ToProto(Sex sex) {
  switch (sex) {
    case Sex::kUnspecified:
      return v1::SEX_UNSPECIFIED;
    case Sex::kFemale:
      return v1::SEX_FEMALE;
    case Sex::kMale:
      return v1::SEX_MALE;
    case Sex::kOther:
      return v1::SEX_OTHER;
    case Sex::kUnknown:
      return v1::SEX_UNKNOWN;
  }
  return v1::SEX_UNSPECIFIED;
}

Sex FromProto(v1::Sex sex) {
  switch (sex) {
    case v1::SEX_FEMALE:
      return Sex::kFemale;
    case v1::SEX_MALE:
      return Sex::kMale;
    case v1::SEX_OTHER:
      return Sex::kOther;
    case v1::SEX_UNKNOWN:
      return Sex::kUnknown;
    default:
      return Sex::kUnspecified;
  }
}

v1::Patient ToProto(const Patient& patient) {
  const PatientDetails& details = patient.details;
  v1::Patient proto;
  proto.set_id(patient.id.ToString());
  proto.set_given_name(details.given_name);
  proto.set_family_name(details.family_name);
  *proto.mutable_birth_date() = rpc::ToDate(details.birth_date);
  proto.set_sex(ToProto(details.sex));
  proto.set_file_number(details.file_number);
  proto.set_phone(details.phone);
  proto.set_email(details.email);
  proto.set_address(details.address);
  proto.set_vip(details.vip);
  proto.set_alert(details.alert);
  proto.set_external_id(details.external_id);
  *proto.mutable_create_time() = rpc::ToTimestamp(patient.created_at);
  *proto.mutable_update_time() = rpc::ToTimestamp(patient.updated_at);
  proto.set_etag(rpc::Etag(patient.row_version));
  return proto;
}

}  // namespace clinicd::patients
