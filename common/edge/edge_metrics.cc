#include "common/edge/edge_metrics.h"

#include <string>

namespace clinicd::edge {

void AddEdgeMetrics(const EdgeServer& server, const CertificateStore* certificates,
                    metrics::Metrics& metrics) {
  metrics.AddSampled("clinicd_edge_connections", "Connections of clients.",
                     [&server] { return static_cast<double>(server.connections()); });
  metrics.AddSampled("clinicd_edge_in_flight_bytes",
                     "Bytes of requests not used up and of answers not sent.",
                     [&server] { return static_cast<double>(server.bytes_in_flight()); });
  metrics.AddSampledCounter(
      {.name = "clinicd_edge_requests_total", .help = "Requests that arrived."},
      [&server] { return static_cast<double>(server.counters().requests()); });
  for (std::size_t i = 0; i < static_cast<std::size_t>(Cut::kCount); ++i) {
    const auto cut = static_cast<Cut>(i);
    metrics.AddSampledCounter(
        {.name = "clinicd_edge_cuts_total",
         .help = "Connections and requests that the edge refused or ended, by reason.",
         .labels = {{"reason", std::string(NameOf(cut))}}},
        [&server, cut] { return static_cast<double>(server.counters().cuts(cut)); });
  }
  if (certificates == nullptr) return;
  metrics.AddSampled("clinicd_tls_certificate_expiry_timestamp",
                     "When the certificate in use expires, in Unix time.", [certificates] {
                       return absl::ToDoubleSeconds(certificates->expires_at() - absl::UnixEpoch());
                     });
  metrics.AddSampledCounter(
      {.name = "clinicd_tls_reload_failures_total",
       .help = "Certificates that were not good enough to replace the one in use."},
      [certificates] { return static_cast<double>(certificates->reload_failures()); });
}

}  // namespace clinicd::edge
