// Between the structs of the area and the messages of the API.
#pragma once

#include "clinicd/patients/v1/patient_service.pb.h"
#include "services/patients/patient.h"

namespace clinicd::patients {

v1::Sex ToProto(Sex sex);
// A value that this server does not know is kUnspecified.
Sex FromProto(v1::Sex sex);

v1::Patient ToProto(const Patient& patient);

}  // namespace clinicd::patients
