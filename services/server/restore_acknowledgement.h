// Going on although sealed events are lost: an operator's decision, which leaves traces.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/merkle/note_key.h"
#include "db/access/transaction_runner.h"
#include "services/audit/log/anchor.h"
#include "services/server/restore_gate.h"

namespace clinicd::server {

struct AcknowledgeParts {
  const RestoreGate& gate;
  // Of clinicd_app, with what audit events need, and of clinicd_sealer.
  db::TransactionRunner& app_runner;
  db::TransactionRunner& sealer_runner;
  // Null without.
  const audit::Anchor* anchor = nullptr;
  // Names the log; its keys.
  std::string log;
  std::vector<merkle::NoteSigner> signers;
  const Clock& clock;
  const IdSource& ids;
};

// Writes an event in each clinic that lost something, with the reason as its purpose; then the
// acknowledgement, with which another epoch of the log begins; then makes the anchor one of that
// epoch, and keeps there what it held. Interrupted, it can be run again. `lost_size` repeats the
// size of the tree of heads that is lost, so that nobody does this by habit.
//
// FAILED_PRECONDITION, with the cause in words, where nothing is lost, or not with that size.
absl::StatusOr<GateFindings> AcknowledgeRestore(const AcknowledgeParts& parts,
                                                const std::string& reason, std::uint64_t lost_size);

}  // namespace clinicd::server
