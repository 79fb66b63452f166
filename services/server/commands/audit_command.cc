// `clinicd audit verify`: judges an export of an audit log, offline. Needs no configuration, no
// database, and no trust in either.
#include <array>
#include <cerrno>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "services/audit/proof/verifier.h"
#include "services/server/commands/command.h"

namespace clinicd::server {
namespace {

using audit::Report;
using audit::VerifyOptions;

struct Options {
  std::string origin;
  std::string clinic;
  std::vector<std::string> keys;
  std::vector<std::string> witnesses;
  // Absent: all of the witnesses.
  std::optional<std::size_t> quorum;
  std::string since;
  std::string head;
  std::string receipts;
  // Strict, because whoever removes an event would rather have it purged.
  std::uint64_t purged_below = 0;
  std::string age_max;
  std::string at;
  bool json = false;
  std::string file;
};

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

constexpr std::size_t kCheckpointBytesMax = 1024 * 1024;
// Of some million changes.
constexpr std::size_t kReceiptsBytesMax = 1024 * 1024 * 1024;

absl::StatusOr<File> Open(const std::string& name) {
  if (name == "-") return File(stdin, [](std::FILE*) { return 0; });
  File file(std::fopen(name.c_str(), "rb"), std::fclose);
  if (file == nullptr) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", name));
  return file;
}

cbor::ByteSource Reading(std::FILE* file, const std::string& name) {
  return [file, name](std::span<char> space) -> absl::StatusOr<std::size_t> {
    const std::size_t got = std::fread(space.data(), 1, space.size(), file);
    if (got == 0 && std::ferror(file) != 0) {
      return absl::UnavailableError(absl::StrCat("cannot read ", name));
    }
    return got;
  };
}

// Text of a file, no more than `size_max` bytes of it; nothing for no name.
absl::StatusOr<std::optional<std::string>> ReadText(const std::string& name, std::size_t size_max) {
  if (name.empty()) return std::nullopt;
  CLINICD_ASSIGN_OR_RETURN(const File file, Open(name));
  std::string text;
  std::array<char, 65536> piece{};
  while (text.size() < size_max) {
    const std::size_t got = std::fread(piece.data(), 1, piece.size(), file.get());
    if (got == 0) break;
    text.append(piece.data(), got);
  }
  if (std::ferror(file.get()) != 0) {
    return absl::UnavailableError(absl::StrCat("cannot read ", name));
  }
  return text;
}

absl::StatusOr<std::vector<merkle::NoteVerifier>> ParseKeys(const std::vector<std::string>& texts) {
  std::vector<merkle::NoteVerifier> keys;
  for (const std::string& text : texts) {
    absl::StatusOr<merkle::NoteVerifier> key = merkle::NoteVerifier::Parse(text);
    if (!key.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("'", text, "': ", key.status().message()));
    }
    for (const merkle::NoteVerifier& other : keys) {
      // Two of a witness's keys are not two witnesses.
      if (other.name() == key->name() || other.public_key() == key->public_key()) {
        return absl::InvalidArgumentError(absl::StrCat("'", text, "' is given twice"));
      }
    }
    keys.push_back(*std::move(key));
  }
  return keys;
}

absl::StatusOr<VerifyOptions> ToVerifyOptions(const Options& options, const Clock& clock) {
  VerifyOptions verify;
  if (options.origin.empty() || options.keys.empty()) {
    return absl::InvalidArgumentError("--origin and --key are needed: whose log is it?");
  }
  verify.policy.origin = options.origin;
  if (!options.clinic.empty()) {
    verify.clinic = ClinicId::Parse(options.clinic);
    if (!verify.clinic) return absl::InvalidArgumentError("--clinic is a clinic's id");
  }
  for (const std::string& text : options.keys) {
    CLINICD_ASSIGN_OR_RETURN(const auto key, ParseKeys({text}));
    if (key.front().kind() != merkle::KeyKind::kEd25519) {
      return absl::InvalidArgumentError(absl::StrCat("'", text, "' is a witness's key"));
    }
    verify.policy.log_keys.push_back(key.front());
  }
  CLINICD_ASSIGN_OR_RETURN(verify.policy.witnesses, ParseKeys(options.witnesses));
  verify.policy.quorum = options.quorum.value_or(options.witnesses.size());
  if (verify.policy.quorum > options.witnesses.size()) {
    return absl::InvalidArgumentError("--quorum asks for more witnesses than there are");
  }
  CLINICD_ASSIGN_OR_RETURN(verify.since, ReadText(options.since, kCheckpointBytesMax));
  CLINICD_ASSIGN_OR_RETURN(verify.head, ReadText(options.head, kCheckpointBytesMax));
  CLINICD_ASSIGN_OR_RETURN(verify.receipts, ReadText(options.receipts, kReceiptsBytesMax));
  verify.purged_below = options.purged_below;
  verify.now = clock.Now();
  std::string error;
  if (!options.at.empty() &&
      !absl::ParseTime(absl::RFC3339_full, options.at, &verify.now, &error)) {
    return absl::InvalidArgumentError(absl::StrCat("--at: ", error));
  }
  absl::Duration age;
  if (!options.age_max.empty()) {
    if (!absl::ParseDuration(options.age_max, &age) || age < absl::ZeroDuration()) {
      return absl::InvalidArgumentError("--max-age is a duration such as 26h");
    }
    verify.age_max = age;
  }
  return verify;
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone());
}

void PrintText(const Report& report) {
  std::cout << audit::NameOf(report.verdict());
  if (report.finding) {
    std::cout << ": " << report.finding->check;
    if (report.finding->index) std::cout << " at event " << *report.finding->index;
    std::cout << ": " << report.finding->message;
  }
  std::cout << "\nclinic " << report.clinic_id.ToString() << "  " << report.events << " events, "
            << report.redacted << " redacted, from index " << report.first_index << ", log of "
            << report.tree_size << "  witnesses " << report.witnessed << "\n";
  for (const audit::UnprovenReceipt& receipt : report.receipts_unproven) {
    std::cout << "receipt " << audit::NameOf(receipt.verdict) << ": event "
              << receipt.event.ToString() << "\n";
  }
  if (report.receipts_proven > 0) std::cout << report.receipts_proven << " receipts proven\n";
  if (report.unproven_snapshots > 0) {
    std::cout << "snapshots beside " << report.unproven_snapshots
              << " events are what somebody decrypted; the file does not prove them\n";
  }
  if (report.alive_at > absl::InfinitePast()) {
    std::cout << "newest sign of life " << TimeText(report.alive_at) << "\n";
  }
}

void PrintJson(const Report& report) {
  nlohmann::ordered_json json{{"verdict", audit::NameOf(report.verdict())},
                              {"clinic_id", report.clinic_id.ToString()},
                              {"events", report.events},
                              {"redacted", report.redacted},
                              {"unproven_snapshots", report.unproven_snapshots},
                              {"first_index", report.first_index},
                              {"tree_size", report.tree_size},
                              {"witnessed", report.witnessed}};
  if (report.alive_at > absl::InfinitePast()) json["alive_at"] = TimeText(report.alive_at);
  if (report.receipts_proven > 0) json["receipts_proven"] = report.receipts_proven;
  for (const audit::UnprovenReceipt& receipt : report.receipts_unproven) {
    json["receipts_unproven"].push_back(
        {{"event_id", receipt.event.ToString()}, {"verdict", audit::NameOf(receipt.verdict)}});
  }
  if (report.finding) {
    json["check"] = report.finding->check;
    json["message"] = report.finding->message;
    if (report.finding->index) json["index"] = *report.finding->index;
  }
  std::cout << json.dump() << "\n";
}

int RefuseUsage(const absl::Status& status) {
  PrintError(status);
  return kExitUsage;
}

int Run(const Options& options, const Clock& clock) {
  absl::StatusOr<VerifyOptions> verify = ToVerifyOptions(options, clock);
  if (!verify.ok()) return RefuseUsage(verify.status());
  const absl::StatusOr<File> file = Open(options.file);
  if (!file.ok()) return RefuseUsage(file.status());
  const absl::StatusOr<Report> report =
      audit::VerifyExport(Reading(file->get(), options.file), *std::move(verify));
  if (!report.ok()) return RefuseUsage(report.status());
  options.json ? PrintJson(*report) : PrintText(*report);
  return static_cast<int>(report->verdict());
}

}  // namespace

void AddAuditCommand(CLI::App& program, Globals& globals, int& exit_code) {
  CLI::App* command = program.add_subcommand("audit", "Seals, exports and checks audit logs");
  command->require_subcommand(1);
  AddAcknowledgeCommand(*command, globals, exit_code);
  CLI::App* verify = command->add_subcommand(
      "verify",
      "Checks an export of an audit log without any server; exits with 0 if all is as it was "
      "signed, 2 if something was tampered with, 3 if something is missing, 4 if it is older than "
      "what is known, 64 if it could not be checked");
  auto options = std::make_shared<Options>();
  verify->add_option("--origin", options->origin, "Name of the log");
  verify->add_option("--clinic", options->clinic, "Id of the clinic; default any");
  verify
      ->add_option("--key", options->keys, "Key of the log, name+id+base64; any of them must sign")
      ->allow_extra_args(false);
  verify->add_option("--witness", options->witnesses, "Key of a witness, name+id+base64")
      ->allow_extra_args(false);
  verify->add_option("--quorum", options->quorum, "How many witnesses must sign; default all");
  verify->add_option("--since", options->since,
                     "Checkpoint that was kept earlier; the log must go on from there");
  verify->add_option("--head", options->head,
                     "Checkpoint that came another way; the export must reach it");
  verify->add_option("--receipts", options->receipts,
                     "Receipts that were kept, one a line; the export must have their events");
  verify->add_option("--purged-below", options->purged_below,
                     "Events below this index may have been purged after their retention; default "
                     "none");
  verify->add_option("--max-age", options->age_max,
                     "How old the newest sign of life may be, such as 26h");
  verify->add_option("--at", options->at, "The time to measure that at (RFC 3339); default now");
  verify->add_flag("--json", options->json, "Prints the report as JSON");
  verify->add_option("FILE", options->file, "The export, - for standard input")->required();
  verify->callback([options, &globals, &exit_code] { exit_code = Run(*options, globals.clock()); });
  AddAuditDigestCommand(*command, globals, exit_code);
  AddAuditExportCommand(*command, globals, exit_code);
  AddAuditSealCommands(*command, globals, exit_code);
}

}  // namespace clinicd::server
