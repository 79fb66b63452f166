// Locations and resources between their structs and the API.
#pragma once

#include "clinicd/appointments/v1/resource_service.pb.h"
#include "services/appointments/resource.h"

namespace clinicd::appointments {

v1::ResourceKind ToProto(ResourceKind kind);
v1::Location ToProto(const Location& location);
v1::Resource ToProto(const Resource& resource);

// Everything that clients may set; id, version and time of creation are left out. The protos have
// passed the declared rules.
ResourceKind FromProto(v1::ResourceKind kind);
Location FromProto(const v1::Location& proto);
Resource FromProto(const v1::Resource& proto);

}  // namespace clinicd::appointments
