// What a peer says of itself when it is ready: the line of JSON of peers/start.sh.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/clinicbench/http_driver.h"

namespace clinicd::bench {

struct Peer {
  bool http = false;
  std::string target;
  // At the number of a clinic.
  std::vector<std::string> tokens = {};
  // Only of http.
  std::map<Workload, HttpTemplate> templates = {};
};

// Reads the file. `access_rows`: of reads, those templates that leave an audit row.
absl::StatusOr<Peer> ReadPeer(const std::string& path, const Dataset& dataset, bool access_rows);

}  // namespace clinicd::bench
