// Sessions between their structs and the API.
#pragma once

#include "clinicd/identity/v1/session_service.pb.h"
#include "services/identity/session.h"

namespace clinicd::identity {

// `current` is the session of the call.
v1::Session ToProto(const Session& session, SessionId current);

}  // namespace clinicd::identity
