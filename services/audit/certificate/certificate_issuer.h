// Gives clinics their certificates.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/uuid.h"
#include "db/access/transaction_runner.h"
#include "services/audit/certificate/certificate_store.h"

namespace clinicd::audit {

// Calls wait for the database, so they must not come from its workers. Thread-safe.
class CertificateIssuer final {
 public:
  struct Parts {
    db::TransactionRunner& runner;
    const Clock& clock;
    const IdSource& ids;
  };
  explicit CertificateIssuer(const Parts& parts) : parts_(parts) {}

  // Gives the certificate to the clinic, under an id of its own, with the event that seals it in
  // the clinic's log; both or neither. False where the clinic has the same result of that day.
  // Errors: as TransactionRunner::InClinic().
  absl::StatusOr<bool> Issue(ClinicId clinic, const Certificate& certificate) const;

  // What the clinic was told last of `day`. Errors: as Issue().
  absl::StatusOr<std::optional<Certificate>> Newest(ClinicId clinic, absl::CivilDay day) const;

 private:
  const Parts parts_;
  CertificateStore store_;
};

}  // namespace clinicd::audit
