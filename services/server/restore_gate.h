// Whether the log in the database continues what was signed before, as others remember it. After a
// restore from a backup it does not: then a server must not go on as if nothing had happened.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/log/logger.h"
#include "db/access/transaction_runner.h"
#include "services/audit/log/anchor.h"
#include "services/audit/log/stored_log.h"
#include "services/audit/log/witness_client.h"

namespace clinicd::server {

// Events of a clinic that were sealed and are not in the database any more.
struct ClinicLoss {
  ClinicId clinic = {};
  // The indexes of the leaves: from the first one that is not known to be what it was, to the last
  // one that was sealed.
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  // Others stand there now; else there are none.
  bool replaced = false;

  // "events 120 to 134 are missing"
  std::string ToText() const;
};

struct GateFindings {
  audit::StoredLog stored = {};
  // Everything that is remembered, whether it is contradicted or not.
  std::vector<audit::RememberedHead> remembered = {};
  // Sentences for the operator; empty: the log may be continued.
  std::vector<std::string> contradictions = {};
  // The largest head that is contradicted, of the newest epoch.
  std::optional<audit::RememberedHead> lost = {};
  // As far as the anchor's journal tells.
  std::vector<ClinicLoss> losses = {};
};

// Whether `status` is that of a server that does not start because of its log.
bool IsLogBehind(const absl::Status& status);

class RestoreGate final {
 public:
  struct Parts {
    // Of clinicd_app.
    db::TransactionRunner& runner;
    const audit::StoredLogReader& reader;
    // Null without.
    const audit::Anchor* anchor = nullptr;
    std::vector<audit::WitnessClient>& witnesses;
    const Clock& clock;
    log::Logger& logger;
  };

  explicit RestoreGate(const Parts& parts) : parts_(parts) {}

  // Asks everybody, then looks. DATA_LOSS, with the cause, where the database's log, or what the
  // anchor holds, is damaged. Other errors: as TransactionRunner::InClinic(), and of the anchor. A
  // witness that cannot be asked is logged.
  absl::StatusOr<GateFindings> Examine() const;

  // OK if the log may be continued: then what is remembered is in `remembered`. Otherwise an error
  // that IsLogBehind() knows, whose message lists what is lost.
  absl::Status Check(std::vector<audit::RememberedHead>& remembered) const;

 private:
  absl::Status Remember(std::vector<audit::RememberedHead>& remembered) const;
  absl::StatusOr<std::optional<audit::RememberedHead>> Ask(audit::WitnessClient& witness) const;
  absl::Status Compare(GateFindings& findings) const;
  absl::Status FindLosses(std::vector<ClinicLoss>& losses) const;
  absl::StatusOr<std::optional<ClinicLoss>> LossOf(
      const ClinicId& clinic, const std::vector<audit::AnchoredHead>& heads) const;

  const Parts parts_;
};

}  // namespace clinicd::server
