#include "services/server/restore_gate.h"

#include <map>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "services/audit/log/log_store.h"

namespace clinicd::server {
namespace {

using audit::AnchoredHead;
using audit::RememberedHead;

constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr char kBehindUrl[] = "clinicd/log-behind";
// Of one clinic: how many older heads are tried to find out from where on it differs.
constexpr int kHeadsTried = 64;

absl::Status Behind(std::string_view report) {
  absl::Status status = absl::DataLossError(absl::StrCat(
      "The log of audit events does not continue what was signed before.\n", ToAbsl(report),
      "Nothing is served. If this database was restored from a backup, restore a "
      "newer one, or have the loss acknowledged: clinicd audit acknowledge-restore"));
  status.SetPayload(kBehindUrl, absl::Cord());
  return status;
}

std::string ReportOf(const GateFindings& findings) {
  std::string report;
  for (const std::string& sentence : findings.contradictions) {
    absl::StrAppend(&report, "  ", sentence, "\n");
  }
  for (const ClinicLoss& loss : findings.losses) {
    absl::StrAppend(&report, "  clinic ", loss.clinic.ToString(), ": ", loss.ToText(), "\n");
  }
  return report;
}

}  // namespace

std::string ClinicLoss::ToText() const {
  return absl::StrCat("events ", first, " to ", last,
                      replaced ? " are not what they were" : " are missing");
}

bool IsLogBehind(const absl::Status& status) { return status.GetPayload(kBehindUrl).has_value(); }

absl::StatusOr<std::optional<RememberedHead>> RestoreGate::Ask(
    audit::WitnessClient& witness) const {
  const std::string source = absl::StrCat("witness ", witness.endpoint().key.name());
  const auto note = witness.Newest(parts_.reader.parts().log);
  if (!note.ok()) return note.status();
  if (!*note) return std::nullopt;
  // Nobody but the log can say what it signed.
  CLINICD_ASSIGN_OR_RETURN(RememberedHead head, parts_.reader.Open(**note, source));
  return head;
}

absl::Status RestoreGate::Remember(std::vector<RememberedHead>& remembered) const {
  if (parts_.anchor != nullptr) {
    CLINICD_ASSIGN_OR_RETURN(const std::optional<std::string> note, parts_.anchor->ReadNote());
    const std::string source = absl::StrCat("the anchor ", parts_.anchor->directory());
    if (note) {
      absl::StatusOr<RememberedHead> head = parts_.reader.Open(*note, source);
      if (!head.ok()) {
        return absl::DataLossError(absl::StrCat(
            source,
            " holds no checkpoint that the log's keys have signed: ", head.status().message()));
      }
      remembered.push_back(*std::move(head));
    }
  }
  for (audit::WitnessClient& witness : parts_.witnesses) {
    absl::StatusOr<std::optional<RememberedHead>> head = Ask(witness);
    if (!head.ok()) {
      parts_.logger.Warning("audit_witness_not_asked",
                            {{log::kNote, FromAbsl(head.status().message())}});
    } else if (*head) {
      remembered.push_back(**std::move(head));
    }
  }
  return absl::OkStatus();
}

absl::Status RestoreGate::Compare(GateFindings& findings) const {
  const db::TenantScope scope{.deadline = parts_.clock.Now() + kPatience, .read_only = true};
  return parts_.runner.InClinic(scope, [&](db::TenantTx& tx) -> absl::Status {
    findings.contradictions.clear();
    findings.lost.reset();
    CLINICD_ASSIGN_OR_RETURN(findings.stored, parts_.reader.Read(tx));
    for (const RememberedHead& head : findings.remembered) {
      CLINICD_ASSIGN_OR_RETURN(const std::optional<std::string> contradiction,
                               parts_.reader.Contradiction(tx, findings.stored, head));
      if (!contradiction) continue;
      findings.contradictions.push_back(*contradiction);
      const auto rank = [](const RememberedHead& of) { return std::pair(of.epoch, of.head.size); };
      if (!findings.lost || rank(head) > rank(*findings.lost)) findings.lost = head;
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<ClinicLoss>> RestoreGate::LossOf(
    const ClinicId& clinic, const std::vector<AnchoredHead>& heads) const {
  const audit::LogStore store;
  const db::TenantScope scope{
      .clinic = clinic, .deadline = parts_.clock.Now() + kPatience, .read_only = true};
  std::optional<ClinicLoss> loss;
  const absl::Status looked = parts_.runner.InClinic(scope, [&](db::TenantTx& tx) -> absl::Status {
    CLINICD_ASSIGN_OR_RETURN(const std::optional<audit::LogHead> head, store.FindHead(tx));
    const std::uint64_t stored = head ? head->tree_size : 0;
    // Up to where the events are known to be what they were.
    std::uint64_t agreed = 0;
    int tries = 0;
    for (auto old = heads.rbegin(); old != heads.rend() && tries < kHeadsTried; ++old) {
      if (old->tree_size > stored) continue;
      ++tries;
      merkle::ProofPlan plan;
      plan.AddPart(0, old->tree_size);
      CLINICD_ASSIGN_OR_RETURN(const std::vector<merkle::Hash> root,
                               store.Prove(tx, audit::LogTree::kClinic, plan, stored));
      if (root.front() != old->root) continue;
      agreed = old->tree_size;
      break;
    }
    const std::uint64_t sealed = heads.back().tree_size;
    if (agreed == sealed) return absl::OkStatus();
    loss = ClinicLoss{
        .clinic = clinic, .first = agreed, .last = sealed - 1, .replaced = stored > agreed};
    return absl::OkStatus();
  });
  CLINICD_RETURN_IF_ERROR(looked);
  return loss;
}

absl::Status RestoreGate::FindLosses(std::vector<ClinicLoss>& losses) const {
  if (parts_.anchor == nullptr) return absl::OkStatus();
  CLINICD_ASSIGN_OR_RETURN(const std::vector<AnchoredHead> heads, parts_.anchor->ReadHeads());
  std::map<ClinicId, std::vector<AnchoredHead>> by_clinic;
  for (const AnchoredHead& head : heads) by_clinic[head.clinic].push_back(head);
  for (const auto& [clinic, of_clinic] : by_clinic) {
    CLINICD_ASSIGN_OR_RETURN(const std::optional<ClinicLoss> loss, LossOf(clinic, of_clinic));
    if (loss) losses.push_back(*loss);
  }
  return absl::OkStatus();
}

absl::StatusOr<GateFindings> RestoreGate::Examine() const {
  GateFindings findings;
  // First: what is signed meanwhile makes the database newer than what is remembered, not older.
  CLINICD_RETURN_IF_ERROR(Remember(findings.remembered));
  CLINICD_RETURN_IF_ERROR(Compare(findings));
  if (!findings.contradictions.empty()) CLINICD_RETURN_IF_ERROR(FindLosses(findings.losses));
  return findings;
}

absl::Status RestoreGate::Check(std::vector<RememberedHead>& remembered) const {
  absl::StatusOr<GateFindings> findings = Examine();
  if (absl::IsDataLoss(findings.status())) {
    return Behind(absl::StrCat("  ", findings.status().message(), "\n"));
  }
  CLINICD_RETURN_IF_ERROR(findings.status());
  if (!findings->contradictions.empty()) {
    for (const ClinicLoss& loss : findings->losses) {
      parts_.logger.Error("audit_events_lost",
                          {{log::kClinicId, loss.clinic.ToString()}, {log::kNote, loss.ToText()}});
    }
    return Behind(ReportOf(*findings));
  }
  if (findings->remembered.empty()) {
    parts_.logger.Warning("audit_log_not_compared",
                          {{log::kNote, "nobody outside the database remembers the audit log"}});
  }
  remembered = std::move(findings->remembered);
  return absl::OkStatus();
}

}  // namespace clinicd::server
