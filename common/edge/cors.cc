#include "common/edge/cors.h"

#include "common/base/text.h"

namespace clinicd::edge {
namespace {

constexpr char kRequestHeaders[] =
    "content-type, connect-protocol-version, connect-timeout-ms, x-grpc-web, x-user-agent, "
    "grpc-timeout, authorization, x-request-id, traceparent, clinicd-audit-receipt";
constexpr char kExposedHeaders[] =
    "grpc-status, grpc-message, grpc-status-details-bin, trailer-clinicd-audit-receipt-bin";
// As long as browsers remember it at most, in seconds.
constexpr char kMaxAge[] = "7200";

}  // namespace

Cors::Cors(const std::vector<std::string>& origins) : origins_(origins.begin(), origins.end()) {}

bool Cors::Allows(std::string_view origin) const { return origins_.contains(ToAbsl(origin)); }

Headers Cors::AnswerHeaders(const RequestHead& request) const {
  if (origins_.empty()) return {};
  // Also without the header: a cache must not give one origin's answer to another.
  Headers headers = {{"vary", "Origin"}};
  const std::string_view origin = request.Find("origin");
  if (!Allows(origin)) return headers;
  headers.push_back({"access-control-allow-origin", std::string(origin)});
  headers.push_back({"access-control-expose-headers", kExposedHeaders});
  return headers;
}

bool Cors::IsPreflight(const RequestHead& request) const {
  return request.method == "OPTIONS" && Allows(request.Find("origin")) &&
         !request.Find("access-control-request-method").empty();
}

Headers Cors::PreflightHeaders() {
  return {{"access-control-allow-methods", "POST"},
          {"access-control-allow-headers", kRequestHeaders},
          {"access-control-max-age", kMaxAge}};
}

}  // namespace clinicd::edge
