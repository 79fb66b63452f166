// Calls over HTTP/1.1, for peers that speak JSON.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/clinicbench/driver.h"
#include "tests/bench/clinicbench/rpc.h"

namespace clinicd::bench {

// With {patient}, {practitioner}, {begin}, {end}, {query}, {local_start}, {duration_minutes},
// {request_id} and {appointment} for what differs.
struct HttpTemplate {
  std::string method = "GET";
  std::string path;
  // JSON; empty: none.
  std::string body = {};
};

struct HttpOptions {
  // As "http://127.0.0.1:3000".
  std::string target;
  // By workload.
  std::map<Workload, HttpTemplate> templates;
  // At the number of a clinic.
  std::vector<std::string> tokens;
  // Connections that are kept; each has one call at a time.
  int slots = 8;
};

// The request line, the headers and the body of an operation.
std::string HttpRequest(const HttpTemplate& form, const std::string& host, const std::string& token,
                        const Operation& operation, const Dataset& dataset);

// Looks at names and ids in a body without parsing it, so that JSON costs the client little.
Judgement JudgeHttp(const Operation& operation, int status, std::string_view body);

// OK once all are connected.
absl::StatusOr<std::unique_ptr<Driver>> ConnectHttp(const HttpOptions& options,
                                                    const Dataset& dataset);

}  // namespace clinicd::bench
