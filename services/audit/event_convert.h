// Between the structs of the area and the messages of the API.
#pragma once

#include "clinicd/audit/v1/audit_service.pb.h"
#include "services/audit/event.h"

namespace clinicd::audit {

// Without `snapshots` it is the basic view.
v1::Event ToProto(const Event& event, const OpenedSnapshots& snapshots = {});

v1::PatientAccessReport::Access ToProto(const PatientAccess& access);

}  // namespace clinicd::audit
