#include "services/server/restore_acknowledgement.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/try.h"
#include "common/merkle/checkpoint.h"
#include "common/merkle/epoch.h"
#include "db/queries/audit_log.h"
#include "services/audit/log/acknowledgement.h"

namespace clinicd::server {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

ClinicLoss ReadTree(const db::RowReader& row) {
  return {.clinic = row.Id<ClinicId>("clinic_id"),
          .first = static_cast<std::uint64_t>(row.Int("tree_size")),
          .last = static_cast<std::uint64_t>(row.Int("tree_size"))};
}

// Without a journal any clinic may have lost something: each is told from where on.
absl::StatusOr<std::vector<ClinicLoss>> AllClinics(const AcknowledgeParts& parts) {
  std::vector<ClinicLoss> all;
  const db::TenantScope scope{.deadline = parts.clock.Now() + kPatience, .read_only = true};
  CLINICD_RETURN_IF_ERROR(
      parts.sealer_runner.InClinic(scope, [&](db::TenantTx& tx) -> absl::Status {
        CLINICD_ASSIGN_OR_RETURN(all, tx.Many(sql::kListTreeSizes, {}, ReadTree));
        return absl::OkStatus();
      }));
  return all;
}

absl::Status WriteEvent(const AcknowledgeParts& parts, const ClinicLoss& loss, bool known,
                        const std::string& reason) {
  const absl::Time now = parts.clock.Now();
  const std::string which =
      known ? absl::StrCat(loss.first, "-", loss.last) : absl::StrCat(loss.first, "-");
  return parts.app_runner.InClinic(
      {.clinic = loss.clinic, .purpose = reason, .deadline = now + kPatience},
      [&](db::TenantTx& tx) {
        parts.app_runner.audit().Defer(tx, parts.ids.NewUuid(), now,
                                       {.category = "operation",
                                        .action = "execute",
                                        .method = "clinicd audit acknowledge-restore",
                                        .outcome = "OK",
                                        .entity_type = "audit_leaves",
                                        .changed_fields = which,
                                        .client_address = "local"});
        return absl::OkStatus();
      });
}

// Of the epochs that begin now. Where the database was of an epoch before the one that is
// remembered, those between were acknowledged before, whatever was lost then.
std::vector<audit::Acknowledgement> AcknowledgementsOf(const GateFindings& findings,
                                                       const std::string& log,
                                                       const std::string& reason) {
  const std::uint32_t last = std::max(findings.stored.epoch, findings.lost->epoch) + 1;
  std::vector<audit::Acknowledgement> all;
  for (std::uint32_t epoch = findings.stored.epoch + 1; epoch <= last; ++epoch) {
    merkle::TreeHead lost = findings.lost->head;
    if (findings.lost->epoch != epoch - 1) {
      lost = {.origin = merkle::OriginOf(log, epoch - 1), .size = merkle::kTreeSizeMax, .root = {}};
    }
    all.push_back({.epoch = epoch,
                   .lost = std::move(lost),
                   .kept = {.origin = merkle::OriginOf(log, epoch),
                            .size = findings.stored.size,
                            .root = findings.stored.root},
                   .reason = reason});
  }
  return all;
}

absl::Status StoreEpochs(const AcknowledgeParts& parts,
                         const std::vector<audit::Acknowledgement>& acknowledgements) {
  const absl::Time now = parts.clock.Now();
  std::vector<std::string> notes;
  for (const audit::Acknowledgement& acknowledgement : acknowledgements) {
    CLINICD_ASSIGN_OR_RETURN(notes.emplace_back(),
                             audit::SignAcknowledgement(acknowledgement, parts.signers, now));
  }
  return parts.sealer_runner.InClinic({.deadline = now + kPatience}, [&](db::TenantTx& tx) {
    for (std::size_t i = 0; i < notes.size(); ++i) {
      tx.Defer(sql::kInsertEpoch,
               db::Params()
                   .Set("epoch", static_cast<std::int32_t>(acknowledgements[i].epoch))
                   .Set("note", notes[i]));
    }
    return absl::OkStatus();
  });
}

// The anchor begins anew with what was kept, so that it knows of the new epoch at once.
absl::Status RestartAnchor(const AcknowledgeParts& parts, const merkle::TreeHead& kept) {
  if (parts.anchor == nullptr) return absl::OkStatus();
  std::vector<const merkle::NoteSigner*> signers;
  for (const merkle::NoteSigner& signer : parts.signers) signers.push_back(&signer);
  CLINICD_ASSIGN_OR_RETURN(const std::string note,
                           merkle::SignTreeHead(kept, signers, parts.clock.Now()));
  return parts.anchor->Restart(note, merkle::EpochOf(parts.log, kept.origin).value_or(0));
}

}  // namespace

absl::StatusOr<GateFindings> AcknowledgeRestore(const AcknowledgeParts& parts,
                                                const std::string& reason,
                                                std::uint64_t lost_size) {
  CLINICD_ASSIGN_OR_RETURN(GateFindings findings, parts.gate.Examine());
  if (!findings.lost) {
    return absl::FailedPreconditionError(
        "Nothing is lost: the log continues everything that is remembered of it.");
  }
  if (findings.lost->head.size != lost_size) {
    return absl::FailedPreconditionError(
        absl::StrCat("What is lost does not have the size ", lost_size,
                     "; give the size of the checkpoint that the server's report names."));
  }
  const auto acknowledgements = AcknowledgementsOf(findings, parts.log, reason);
  // Refused before anything is written.
  CLINICD_RETURN_IF_ERROR(
      audit::SignAcknowledgement(acknowledgements.back(), parts.signers, parts.clock.Now())
          .status());
  const bool known = !findings.losses.empty();
  std::vector<ClinicLoss> told = findings.losses;
  if (!known) {
    CLINICD_ASSIGN_OR_RETURN(told, AllClinics(parts));
  }
  for (const ClinicLoss& loss : told) {
    CLINICD_RETURN_IF_ERROR(WriteEvent(parts, loss, known, reason));
  }
  CLINICD_RETURN_IF_ERROR(StoreEpochs(parts, acknowledgements));
  CLINICD_RETURN_IF_ERROR(RestartAnchor(parts, acknowledgements.back().kept));
  return findings;
}

}  // namespace clinicd::server
