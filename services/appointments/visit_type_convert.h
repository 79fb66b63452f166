// Visit types between their structs and the API.
#pragma once

#include "clinicd/appointments/v1/visit_type_service.pb.h"
#include "services/appointments/visit_type.h"

namespace clinicd::appointments {

v1::VisitType ToProto(const VisitType& visit_type);

// Everything that clients may set; id, version and time of creation are left out. `proto` has
// passed the declared rules.
VisitType FromProto(const v1::VisitType& proto);

}  // namespace clinicd::appointments
