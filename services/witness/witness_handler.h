// A witness behind HTTP.
#pragma once

#include "common/edge/http.h"
#include "common/log/logger.h"
#include "services/witness/witness.h"

namespace clinicd::witness {

// POST /add-checkpoint and GET /newest-checkpoint/<base64url of the log's name>. `witness` and
// `logger` outlive what uses the router.
edge::Router MakeRouter(Witness& witness, log::Logger& logger);

}  // namespace clinicd::witness
