// The second verifier, verify.py, as a process that is asked many times.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "common/merkle/checkpoint.h"

namespace clinicd::audit {

// Python, started once. Not thread-safe; several work side by side.
class OtherVerifier final {
 public:
  // Ends the test run with a message if it cannot be started.
  explicit OtherVerifier(const merkle::TrustPolicy& policy);
  ~OtherVerifier();
  OtherVerifier(const OtherVerifier&) = delete;
  OtherVerifier& operator=(const OtherVerifier&) = delete;
  OtherVerifier(OtherVerifier&&) = delete;
  OtherVerifier& operator=(OtherVerifier&&) = delete;

  // What it says of cases, each an object as verify.py reads them with --cases. Fewer answers than
  // cases: it broke off, and says why on standard error.
  std::vector<nlohmann::json> Judge(const std::vector<nlohmann::json>& cases);

  // Tells it that nothing follows; whether it came to its end as it should.
  bool Finish();

 private:
  bool Send(const std::vector<nlohmann::json>& cases) const;
  std::optional<nlohmann::json> ReadAnswer();

  pid_t pid_ = 0;
  int socket_ = -1;
  // The same, for reading.
  std::FILE* answers_ = nullptr;
};

}  // namespace clinicd::audit
