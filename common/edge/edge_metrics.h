// The edge's numbers among those of the process.
#pragma once

#include "common/edge/edge_server.h"
#include "common/metrics/metrics.h"

namespace clinicd::edge {

// `server` and `certificates`, which may be null, must live as long as `metrics` is asked.
void AddEdgeMetrics(const EdgeServer& server, const CertificateStore* certificates,
                    metrics::Metrics& metrics);

}  // namespace clinicd::edge
