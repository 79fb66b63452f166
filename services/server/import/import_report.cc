#include "services/server/import/import_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/text.h"

namespace clinicd::importer {
namespace {

std::string FileNameOf(SyntheaFile file) { return std::string(NameOf(file)) + ".csv"; }

std::int64_t Unlisted(const ImportReport& report) {
  const auto listed = std::count_if(report.refused.begin(), report.refused.end(),
                                    [](const RefusedRow& row) { return row.line > 0; });
  return report.RefusedTotal() - listed;
}

std::string Line(const RefusedRow& row) {
  std::string text = FileNameOf(row.file);
  if (row.line > 0) absl::StrAppend(&text, ":", row.line);
  if (row.refusal.column > 0) absl::StrAppend(&text, ":", row.refusal.column);
  absl::StrAppend(&text, ": ");
  if (!row.refusal.field.empty()) absl::StrAppend(&text, row.refusal.field, ": ");
  absl::StrAppend(&text, row.refusal.reason, ": ", row.refusal.message, "\n");
  return text;
}

}  // namespace

std::string_view NameOf(SyntheaFile file) {
  switch (file) {
    case SyntheaFile::kOrganizations:
      return "organizations";
    case SyntheaFile::kProviders:
      return "providers";
    case SyntheaFile::kPatients:
      return "patients";
    case SyntheaFile::kEncounters:
      return "encounters";
  }
  return "";
}

std::int64_t ImportReport::RefusedTotal() const {
  std::int64_t total = 0;
  for (const FileCounts& file : counts) total += file.refused;
  return total;
}

int ExitCodeOf(const absl::Status& status, const ImportReport& report) {
  if (!status.ok()) return kExitFailed;
  return report.RefusedTotal() > 0 ? kExitRowsRefused : kExitDone;
}

std::string ToText(const ImportReport& report) {
  std::string text;
  for (const RefusedRow& row : report.refused) text += Line(row);
  if (const std::int64_t unlisted = Unlisted(report); unlisted > 0) {
    absl::StrAppend(&text, unlisted, " more refused rows are not listed.\n");
  }
  for (const std::string& note : report.notes) absl::StrAppend(&text, "Note: ", note, "\n");
  absl::StrAppend(&text,
                  absl::StrFormat("%-18s %9s %9s %9s %9s\n", "file", "rows",
                                  report.dry_run ? "valid" : "created", "existing", "refused"));
  for (const SyntheaFile file : kSyntheaFiles) {
    const FileCounts& counts = report.CountsOf(file);
    absl::StrAppend(&text, absl::StrFormat("%-18s %9d %9d %9d %9d\n", FileNameOf(file), counts.read,
                                           report.dry_run ? counts.valid : counts.created,
                                           counts.existing, counts.refused));
  }
  return text;
}

std::string ToJson(const ImportReport& report, const absl::Status& status) {
  nlohmann::ordered_json json;
  json["dry_run"] = report.dry_run;
  for (const SyntheaFile file : kSyntheaFiles) {
    const FileCounts& counts = report.CountsOf(file);
    json["files"][std::string(NameOf(file))] = {{"read", counts.read},
                                                {"created", counts.created},
                                                {"existing", counts.existing},
                                                {"refused", counts.refused},
                                                {"valid", counts.valid}};
  }
  json["refused"] = nlohmann::ordered_json::array();
  for (const RefusedRow& row : report.refused) {
    json["refused"].push_back({{"file", FileNameOf(row.file)},
                               {"line", row.line},
                               {"column", row.refusal.column},
                               {"field", row.refusal.field},
                               {"reason", row.refusal.reason},
                               {"message", row.refusal.message}});
  }
  json["refused_unlisted"] = Unlisted(report);
  json["notes"] = report.notes;
  json["error"] = nullptr;
  if (!status.ok()) json["error"] = std::string(FromAbsl(status.message()));
  // Messages of a server may hold anything; a report is always written.
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void ReportCollector::CountRead(SyntheaFile file) {
  const absl::MutexLock lock(&mutex_);
  ++Counts(file).read;
}

void ReportCollector::CountCreated(SyntheaFile file) {
  const absl::MutexLock lock(&mutex_);
  ++Counts(file).created;
}

void ReportCollector::CountExisting(SyntheaFile file) {
  const absl::MutexLock lock(&mutex_);
  ++Counts(file).existing;
}

void ReportCollector::CountValid(SyntheaFile file) {
  const absl::MutexLock lock(&mutex_);
  ++Counts(file).valid;
}

void ReportCollector::Refuse(SyntheaFile file, std::int64_t line, Refusal refusal) {
  const absl::MutexLock lock(&mutex_);
  ++Counts(file).refused;
  if (report_.refused.size() >= kRefusedRowsListed) return;
  report_.refused.push_back({.file = file, .line = line, .refusal = std::move(refusal)});
}

void ReportCollector::RefuseFile(SyntheaFile file, Refusal refusal) {
  const absl::MutexLock lock(&mutex_);
  report_.refused.push_back({.file = file, .refusal = std::move(refusal)});
}

void ReportCollector::Note(std::string text) {
  const absl::MutexLock lock(&mutex_);
  report_.notes.push_back(std::move(text));
}

ImportReport ReportCollector::Report() const {
  const absl::MutexLock lock(&mutex_);
  ImportReport report = report_;
  std::stable_sort(report.refused.begin(), report.refused.end(),
                   [](const RefusedRow& a, const RefusedRow& b) {
                     return std::tie(a.file, a.line, a.refusal.column) <
                            std::tie(b.file, b.line, b.refusal.column);
                   });
  return report;
}

}  // namespace clinicd::importer
