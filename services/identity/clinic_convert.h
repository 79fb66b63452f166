// Clinics between their structs and the API.
#pragma once

#include "clinicd/identity/v1/clinic_service.pb.h"
#include "services/identity/clinic.h"

namespace clinicd::identity {

v1::Clinic ToProto(const Clinic& clinic);

}  // namespace clinicd::identity
