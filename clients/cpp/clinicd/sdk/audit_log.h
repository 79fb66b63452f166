// Watches over a clinic's audit log, so that the server cannot take back what it has shown.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clinicd/audit/v1/audit_log_service.pb.h"
#include "clinicd/sdk/session.h"

namespace clinicd::sdk {

enum class AuditAlarmKind {
  // The log is shorter than it was; events are gone.
  kRollback,
  // The log does not continue the kept checkpoint; events were changed.
  kFork,
  // It is another log, or one that began anew behind a restored backup.
  kOrigin,
  // Nobody who is known signed it, or somebody falsely.
  kSignature,
  // The clinic's head is not in what was signed.
  kMetaInclusion,
  // It is another clinic's.
  kClinic,
  // It is no checkpoint.
  kFormat,
  // The server does not prove that its log continues the kept one.
  kRefused,
  // What was kept cannot be believed any more.
  kKept,
};

// Lower-case name, words joined by "_".
std::string_view NameOf(AuditAlarmKind kind);

// The audit log cannot be believed. Both checkpoints are evidence: keep them.
struct AuditAlarm {
  AuditAlarmKind kind = AuditAlarmKind::kFormat;
  // What was kept; nullopt if nothing was.
  std::optional<audit::v1::Checkpoint> kept = {};
  // What the server shows now; nullopt if it shows nothing.
  std::optional<audit::v1::Checkpoint> shown = {};
};

// The alarm that is the cause of an error of this file's functions, which is DATA_LOSS then.
std::optional<AuditAlarm> AlarmOf(const absl::Status& status);

// Keeps the last checkpoint of one clinic. What it loses is trusted anew.
class CheckpointStore {
 public:
  virtual ~CheckpointStore() = default;

  // nullopt if none is kept.
  virtual absl::StatusOr<std::optional<audit::v1::Checkpoint>> Load() = 0;
  virtual absl::Status Save(const audit::v1::Checkpoint& checkpoint) = 0;
};

// In memory, for a watch that ends with its process.
class MemoryCheckpointStore final : public CheckpointStore {
 public:
  absl::StatusOr<std::optional<audit::v1::Checkpoint>> Load() override { return kept_; }
  absl::Status Save(const audit::v1::Checkpoint& checkpoint) override {
    kept_ = checkpoint;
    return absl::OkStatus();
  }

 private:
  std::optional<audit::v1::Checkpoint> kept_;
};

struct AuditLogOptions {
  // Keys of the server's log, as its operator hands them out: "name+id+base64". Signatures are
  // checked with these. Without any, the first checkpoint is trusted, and what follows has to
  // continue it.
  std::vector<std::string> keys = {};
  // The clinic whose log it must be; empty: the one that the server says the session is in.
  std::string clinic_id = {};
};

// What became of receipts.
struct ReceiptReport {
  std::vector<audit::v1::Receipt> proven = {};
  // The server knows no such event, or has not sealed it: after a minute that is a loss.
  std::vector<audit::v1::Receipt> missing = {};
  // The event is another than the receipt says.
  std::vector<audit::v1::Receipt> changed = {};
};

// Keeps the last checkpoint of the clinic's audit log, and believes only those that continue it.
// What is refused is never kept. Not thread-safe.
//
// The functions return an alarm (see AlarmOf()) for a log that cannot be believed; other errors are
// the server's or the store's.
class AuditLog final {
 public:
  // INVALID_ARGUMENT for a key that is none. Session and store must outlive it.
  static absl::StatusOr<std::unique_ptr<AuditLog>> Create(Session& session, CheckpointStore& store,
                                                          const AuditLogOptions& options = {});
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;
  AuditLog(AuditLog&&) = delete;
  AuditLog& operator=(AuditLog&&) = delete;
  ~AuditLog();

  // Gets the newest checkpoint and keeps it if it continues the kept one. nullopt while the server
  // has sealed nothing yet.
  absl::StatusOr<std::optional<audit::v1::Checkpoint>> Check();

  // Forgets the kept checkpoint and trusts what the server shows now, as at the first use: for
  // somebody who knows why the log began anew.
  absl::StatusOr<audit::v1::Checkpoint> TrustAnew();

  // Asks for the proofs of receipts, which needs the permission audit.event.read, and says which
  // hold. Give those that are a minute old: events are sealed seconds after they were recorded.
  absl::StatusOr<ReceiptReport> VerifyReceipts(std::span<const audit::v1::Receipt> receipts);

 private:
  class Impl;
  explicit AuditLog(std::unique_ptr<Impl> impl);

  const std::unique_ptr<Impl> impl_;
};

}  // namespace clinicd::sdk
