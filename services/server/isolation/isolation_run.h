// A probe, and the certificate of it for every clinic.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/base/clock.h"
#include "common/base/uuid.h"
#include "services/audit/certificate/certificate.h"
#include "services/audit/certificate/certificate_issuer.h"
#include "services/server/isolation/isolation_probe.h"

namespace clinicd::isolation {

// Calls wait for the database, so they must not come from its workers. Thread-safe.
class IsolationRun final {
 public:
  struct Parts {
    const IsolationProbe& probe;
    const audit::CertificateIssuer& issuer;
    const Clock& clock;
    // All active clinics.
    std::function<absl::StatusOr<std::vector<ClinicId>>()> list_clinics;
    std::string release;
    std::string node;
  };
  explicit IsolationRun(Parts parts);

  struct Report {
    audit::Certificate certificate;
    // Clinics that got the certificate now.
    std::int64_t issued = 0;
  };

  // Probes, and gives each clinic a certificate that has not the same one of today already. The
  // canaries are the first and the last to get it: the first keeps what was found, and the last
  // says that everybody has it. Errors: as IsolationProbe::Run() and CertificateIssuer::Issue();
  // whoever was given one keeps it then.
  absl::StatusOr<Report> Run(const MethodProbe::Looked& looked) const;

  // The same once for `night`: goes on where another run ended early, and does nothing where one
  // was finished; nullopt then.
  absl::StatusOr<std::optional<Report>> RunOnce(absl::CivilDay night,
                                                const MethodProbe::Looked& looked) const;

 private:
  absl::StatusOr<Report> RunFor(absl::CivilDay day, const MethodProbe::Looked& looked) const;
  absl::StatusOr<std::int64_t> IssueToAll(const audit::Certificate& certificate) const;

  const Parts parts_;
};

}  // namespace clinicd::isolation
