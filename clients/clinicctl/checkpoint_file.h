// The checkpoint of a clinic's audit log that clinicctl keeps between its runs.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clinicd/sdk/audit_log.h"

namespace clinicd::clinicctl {

// A file with the checkpoint's proto3 JSON, which `clinicd audit verify --since` takes. Runs at the
// same time may replace each other's checkpoint, but none by an older one that they know of.
class CheckpointFile final : public sdk::CheckpointStore {
 public:
  // For the clinic `slug` of the server at `url`, in the directory of the session's file.
  CheckpointFile(const std::string& session_path, const std::string& url, const std::string& slug);

  absl::StatusOr<std::optional<audit::v1::Checkpoint>> Load() override;
  absl::Status Save(const audit::v1::Checkpoint& checkpoint) override;

  // Puts what the server showed beside the kept checkpoint; the name of the file.
  absl::StatusOr<std::string> KeepRefused(const audit::v1::Checkpoint& checkpoint) const;
  // Puts the kept checkpoint aside, as somebody trusts the log anew; nothing if there is none.
  absl::Status SetAside() const;

  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

}  // namespace clinicd::clinicctl
