// What AuditLogService does.
#pragma once

#include <utility>

#include "absl/status/statusor.h"
#include "clinicd/audit/v1/audit_log_service.pb.h"
#include "common/rpc/call.h"
#include "services/audit/log/log_keys.h"
#include "services/audit/log/log_store.h"

namespace clinicd::audit {

// One method per RPC, with the errors that the API names. Thread-safe.
class LogHandlers final {
 public:
  explicit LogHandlers(LogVerifiers verifiers) : verifiers_(std::move(verifiers)) {}

  absl::StatusOr<v1::Checkpoint> GetCheckpoint(const v1::GetCheckpointRequest& request,
                                               rpc::Call& call) const;
  absl::StatusOr<v1::LogKeys> GetLogKeys(const v1::GetLogKeysRequest& request,
                                         rpc::Call& call) const;
  absl::StatusOr<v1::InclusionProof> GetInclusionProof(const v1::GetInclusionProofRequest& request,
                                                       rpc::Call& call) const;
  absl::StatusOr<v1::ConsistencyProof> GetConsistencyProof(
      const v1::GetConsistencyProofRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::ListLeavesResponse> ListLeaves(const v1::ListLeavesRequest& request,
                                                    rpc::Call& call) const;

 private:
  // The head, and the checkpoint that states it.
  absl::StatusOr<LogHead> FindHead(rpc::Call& call, v1::Checkpoint& checkpoint) const;

  const LogVerifiers verifiers_;
  LogStore store_;
};

}  // namespace clinicd::audit
