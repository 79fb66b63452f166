// Handlers that tests of the edge talk to.
#pragma once

#include "common/edge/http.h"

namespace clinicd::edge {

// GET /hello: "hello". POST /echo: the body, as it comes. POST /length: its length in decimal.
// GET /zeros/N: N bytes. GET /head: the request's own head. GET /trailers: a body and a trailer.
// POST /hold: no answer, and no body used up. All else: 404.
Router SimpleRouter();

}  // namespace clinicd::edge
