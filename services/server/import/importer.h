// Brings the files of a Synthea export into a clinic, through the API.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/progress.h"
#include "services/server/import/import_report.h"
#include "services/server/import/import_target.h"

namespace clinicd::importer {

struct ImportOptions {
  // Holds patients.csv, providers.csv, organizations.csv and encounters.csv.
  std::string directory = {};
  // Checks every row as far as this program can, and sends nothing.
  bool dry_run = false;
  // Keep the digits that Synthea adds to names.
  bool keep_digits = false;
  // Calls under way at the same time.
  int in_flight = 8;
};

struct ImportResult {
  // Not OK if the import could not start or run to its end: a file cannot be read or lacks a
  // column, or the server is not there or does not let the caller. What the report counts is done
  // nevertheless.
  absl::Status status = absl::OkStatus();
  ImportReport report = {};
};

// Creates providers as practitioners, patients, and encounters as appointments, in this order, each
// with the external id "synthea:" and its Id; organizations only serve to check the providers. All
// files are opened and their headers checked before anything is sent.
//
// May be repeated: what is there is counted as existing and not changed, and a row that was refused
// for what it says is refused again. Encounters of one provider are sent in the order of the file,
// so that it does not depend on chance which of two that overlap is refused.
ImportResult ImportSynthea(const ImportOptions& options, ImportTarget& target, const Clock& clock,
                           Progress& progress);

}  // namespace clinicd::importer
