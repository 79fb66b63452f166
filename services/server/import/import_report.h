// What an import did, row by row where something was refused.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace clinicd::importer {

enum class SyntheaFile { kOrganizations, kProviders, kPatients, kEncounters };

// In the order in which they are imported.
inline constexpr std::array kSyntheaFiles = {SyntheaFile::kOrganizations, SyntheaFile::kProviders,
                                             SyntheaFile::kPatients, SyntheaFile::kEncounters};

// "patients", the file's name without ".csv".
std::string_view NameOf(SyntheaFile file);

// Why a row was refused. Holds nothing of what the row says: reports travel further than records.
struct Refusal {
  // Field of the row, from 1, and its name in the header; 0 and empty if it is the row as a whole.
  std::size_t column = 0;
  std::string field = {};
  // Upper-case name that does not change: one of the server's error reasons, or one of those that
  // README.md lists.
  std::string reason = {};
  std::string message = {};
};

struct RefusedRow {
  SyntheaFile file = SyntheaFile::kPatients;
  std::int64_t line = 0;
  Refusal refusal = {};
};

struct FileCounts {
  std::int64_t read = 0;
  std::int64_t created = 0;
  std::int64_t existing = 0;
  std::int64_t refused = 0;
  // In a dry run: rows that would have been sent.
  std::int64_t valid = 0;
};

struct ImportReport {
  bool dry_run = false;
  // Indexed by SyntheaFile.
  std::array<FileCounts, kSyntheaFiles.size()> counts = {};
  // By file, line and column; the first kRefusedRowsListed to be refused.
  std::vector<RefusedRow> refused = {};
  std::vector<std::string> notes = {};

  const FileCounts& CountsOf(SyntheaFile file) const {
    return counts.at(static_cast<std::size_t>(file));
  }
  std::int64_t RefusedTotal() const;
};

// The list stops here, the counts do not: a file of another kind may have millions of lines.
inline constexpr std::size_t kRefusedRowsListed = 100'000;

// Exit codes of the command.
inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitRowsRefused = 2;

// kExitFailed if the import did not run to its end, kExitRowsRefused if it did and refused rows.
int ExitCodeOf(const absl::Status& status, const ImportReport& report);

// For people: a line for each refused row, "patients.csv:17:2: DATE_INVALID: ...", then counts.
std::string ToText(const ImportReport& report);

// One JSON object: dry_run, files {patients: {read, created, existing, refused, valid}, ...},
// refused [{file, line, column, field, reason, message}], refused_unlisted, notes, and error, the
// message of `status`, or null.
std::string ToJson(const ImportReport& report, const absl::Status& status);

// Collects a report from several threads.
class ReportCollector final {
 public:
  explicit ReportCollector(bool dry_run) { report_.dry_run = dry_run; }

  void CountRead(SyntheaFile file);
  void CountCreated(SyntheaFile file);
  void CountExisting(SyntheaFile file);
  void CountValid(SyntheaFile file);
  void Refuse(SyntheaFile file, std::int64_t line, Refusal refusal);
  // Something about a file as a whole that keeps the import from starting.
  void RefuseFile(SyntheaFile file, Refusal refusal);
  void Note(std::string text);

  // The report so far.
  ImportReport Report() const;

 private:
  FileCounts& Counts(SyntheaFile file) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return report_.counts.at(static_cast<std::size_t>(file));
  }

  mutable absl::Mutex mutex_;
  ImportReport report_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace clinicd::importer
