// audit checkpoint, audit keys, audit receipts verify.
#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "clients/clinicctl/context.h"
#include "clients/clinicctl/output.h"
#include "clients/clinicctl/receipt_file.h"
#include "clients/clinicctl/text.h"
#include "clinicd/audit/v1/audit_log_service.grpc.pb.h"
#include "clinicd/sdk/audit_log.h"
#include "common/base/try.h"

namespace clinicd::clinicctl {
namespace {

using audit::v1::Checkpoint;
using audit::v1::Receipt;

// Events are sealed seconds after they were recorded.
constexpr absl::Duration kSealedAfter = absl::Minutes(1);

struct AuditOptions {
  std::vector<std::string> keys;
  bool trust_anew = false;
  std::string file;
};

void PrintCheckpoint(const Checkpoint& checkpoint, const AuditOptions& options,
                     const std::optional<Checkpoint>& kept) {
  std::cout << Printable(checkpoint.clinic_id()) << ": " << checkpoint.tree_size()
            << " events, root " << absl::BytesToHexString(checkpoint.root_hash()) << "\n";
  if (options.trust_anew || !kept) {
    std::cout << "It is kept; what the server shows from now on has to continue it.\n";
  } else {
    std::cout << "It continues the " << kept->tree_size() << " events that were kept.\n";
  }
  if (options.keys.empty()) {
    std::cout << "Nobody's signature was checked; --key has that done.\n";
  }
}

absl::Status ShowCheckpoint(const AuditOptions& options, Context& context) {
  CLINICD_ASSIGN_OR_RETURN(sdk::Session & session, context.Session());
  CLINICD_ASSIGN_OR_RETURN(sdk::CheckpointStore & store, context.Checkpoints());
  CLINICD_ASSIGN_OR_RETURN(const auto log,
                           sdk::AuditLog::Create(session, store, {.keys = options.keys}));
  if (options.trust_anew) CLINICD_RETURN_IF_ERROR(context.SetCheckpointAside());
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Checkpoint> kept, store.Load());
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Checkpoint> checkpoint, log->Check());
  if (!checkpoint) return absl::NotFoundError("The server has sealed no event of the clinic yet.");
  if (context.json()) {
    PrintJson(*checkpoint);
  } else {
    PrintCheckpoint(*checkpoint, options, kept);
  }
  return absl::OkStatus();
}

absl::Status ShowKeys(Context& context) {
  CLINICD_ASSIGN_OR_RETURN(sdk::Session & session, context.Session());
  const auto stub = audit::v1::AuditLogService::NewStub(session.channel());
  CLINICD_ASSIGN_OR_RETURN(const audit::v1::LogKeys keys,
                           session.Call(*stub, &audit::v1::AuditLogService::Stub::GetLogKeys,
                                        audit::v1::GetLogKeysRequest()));
  if (context.json()) {
    PrintJson(keys);
    return absl::OkStatus();
  }
  std::cout << "origin  " << Printable(keys.origin()) << "\n";
  for (const std::string& key : keys.log_keys()) std::cout << "key     " << Printable(key) << "\n";
  for (const std::string& key : keys.witness_keys()) {
    std::cout << "witness " << Printable(key) << "\n";
  }
  std::cout << (keys.log_keys().empty() ? "The server does not know the log's keys; its operator "
                                          "does.\n"
                                        : "The server says so; compare with what its operator "
                                          "hands out before you trust it.\n");
  return absl::OkStatus();
}

bool IsFresh(const Receipt& receipt) {
  return absl::FromUnixSeconds(receipt.record_time().seconds()) > absl::Now() - kSealedAfter;
}

void PrintReceipts(std::string_view fate, const std::vector<Receipt>& receipts) {
  for (const Receipt& receipt : receipts) {
    const bool is_early = fate == "missing" && IsFresh(receipt);
    const absl::Time time = absl::FromUnixSeconds(receipt.record_time().seconds());
    std::cout << (is_early ? "not sealed yet" : fate) << ": event " << Printable(receipt.event_id())
              << " of " << absl::FormatTime(absl::RFC3339_sec, time, absl::UTCTimeZone()) << "\n";
  }
}

absl::Status VerifyReceipts(const AuditOptions& options, Context& context) {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<Receipt> receipts, ReadReceipts(options.file));
  CLINICD_ASSIGN_OR_RETURN(sdk::Session & session, context.Session());
  CLINICD_ASSIGN_OR_RETURN(sdk::CheckpointStore & store, context.Checkpoints());
  CLINICD_ASSIGN_OR_RETURN(const auto log,
                           sdk::AuditLog::Create(session, store, {.keys = options.keys}));
  CLINICD_ASSIGN_OR_RETURN(const sdk::ReceiptReport report, log->VerifyReceipts(receipts));
  PrintReceipts("missing", report.missing);
  PrintReceipts("changed", report.changed);
  const auto lost = std::count_if(report.missing.begin(), report.missing.end(),
                                  [](const Receipt& receipt) { return !IsFresh(receipt); });
  if (lost == 0 && report.changed.empty()) {
    std::cout << report.proven.size() << " of " << receipts.size() << " events are proven.\n";
    return absl::OkStatus();
  }
  return absl::DataLossError(absl::StrCat(lost, " events are missing and ", report.changed.size(),
                                          " were changed, of ", receipts.size(),
                                          " that there are receipts of."));
}

void AddKeyOption(CLI::App& command, AuditOptions& options) {
  command
      .add_option("--key", options.keys,
                  "Key of the server's log, name+id+base64; default: trusts what it was shown "
                  "first")
      ->allow_extra_args(false);
}

}  // namespace

void AddAuditCommands(CLI::App& program, Context& context) {
  CLI::App* const audit =
      program.add_subcommand("audit", "Checks that the clinic's audit log is whole");
  audit->require_subcommand(1);
  CLI::App* const checkpoint = audit->add_subcommand(
      "checkpoint", "Shows the newest checkpoint, and that the log continues the one of last time");
  const auto options = std::make_shared<AuditOptions>();
  AddKeyOption(*checkpoint, *options);
  checkpoint->add_flag("--trust-anew", options->trust_anew,
                       "Puts the kept checkpoint aside: for a log that had to begin anew");
  checkpoint->callback([options, &context] {
    context.Finish("check the audit log", ShowCheckpoint(*options, context));
  });
  CLI::App* const keys = audit->add_subcommand(
      "keys", "Shows the keys that sign the log, as the server states them, for --key");
  keys->callback([&context] { context.Finish("show the log's keys", ShowKeys(context)); });
  CLI::App* const receipts = audit->add_subcommand("receipts", "Receipts that --receipts kept");
  receipts->require_subcommand(1);
  CLI::App* const verify = receipts->add_subcommand(
      "verify", "Has each event proven; names those that are missing or changed");
  const auto wanted = std::make_shared<AuditOptions>();
  AddKeyOption(*verify, *wanted);
  verify->add_option("file", wanted->file, "File with the receipts")->required();
  verify->callback([wanted, &context] {
    context.Finish("verify the receipts", VerifyReceipts(*wanted, context));
  });
}

}  // namespace clinicd::clinicctl
