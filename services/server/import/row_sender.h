// Sends rows to the server and keeps what became of them.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/base/progress.h"
#include "services/server/client/lanes.h"
#include "services/server/import/import_report.h"

namespace clinicd::importer {

// Ids of the source and, once a row has been taken, of the server. Thread-safe.
class IdTable final {
 public:
  // False if the id was claimed before: the file has it twice.
  bool Claim(const std::string& source_id);
  void Resolve(const std::string& source_id, std::string server_id);
  // Empty unless resolved.
  std::string Find(const std::string& source_id) const;

 private:
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::string> ids_ ABSL_GUARDED_BY(mutex_);
};

// What an answer of the server means for a row.
enum class RowFate {
  kCreated,
  kExisting,
  // For what the row says; others may pass.
  kRefused,
  // For a reason that has nothing to do with the row: there is no use in sending others.
  kStopped,
};

RowFate FateOf(const absl::Status& status);

// The reason and message of an error of the server, field violations included; of no column.
Refusal RefusalOf(const absl::Status& status);

// Sends rows, several at a time. Thread-safe.
class RowSender final {
 public:
  using Send = std::function<absl::StatusOr<std::string>()>;

  struct Row {
    SyntheaFile file = SyntheaFile::kPatients;
    std::int64_t line = 0;
    std::string source_id = {};
    // Rows of one lane are sent in order.
    std::size_t lane = 0;
    // The column, from 1, and the name of the field that says when; 0 if there is none. What the
    // server says about the time is reported there.
    std::size_t time_column = 0;
    std::string time_field = {};
  };

  // The arguments must outlive it.
  RowSender(int in_flight, ReportCollector& report, Progress& progress)
      : report_(report), progress_(progress), lanes_(static_cast<std::size_t>(in_flight)) {}

  // Has `send` called on another thread. `ids` gets the row's server id if it was created or
  // exists.
  void Submit(Row row, IdTable& ids, Send send);
  // Waits for what was submitted. The error with which the server ended the import, if it did.
  absl::Status Drain();
  // True once the server has ended the import: what is submitted from then on is not sent.
  bool stopped() const { return stopped_; }

 private:
  void Run(const Row& row, IdTable& ids, const Send& send);

  ReportCollector& report_;
  Progress& progress_;
  std::atomic<bool> stopped_ = false;
  absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  // Last: its threads use the others.
  client::Lanes lanes_;
};

}  // namespace clinicd::importer
