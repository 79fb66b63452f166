// Practitioners between their structs and the API.
#pragma once

#include "clinicd/identity/v1/practitioner_service.pb.h"
#include "services/identity/practitioner.h"

namespace clinicd::identity {

v1::Practitioner ToProto(const Practitioner& practitioner);

// Everything that clients may set; id, version and time of creation are left out. `proto` has
// passed the declared rules.
Practitioner FromProto(const v1::Practitioner& proto);

}  // namespace clinicd::identity
