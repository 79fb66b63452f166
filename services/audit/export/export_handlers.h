// What AuditService.ExportEvents does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clinicd/audit/v1/audit_service.pb.h"
#include "common/auth/paging.h"
#include "common/rpc/call.h"
#include "services/audit/event_store.h"
#include "services/audit/export/export_store.h"
#include "services/audit/log/log_store.h"

namespace clinicd::audit {

// Thread-safe.
class ExportHandlers final {
 public:
  ExportHandlers(const auth::PageTokenCodec& page_tokens, db::FieldSealer& sealer)
      : page_tokens_(page_tokens), events_(sealer) {}

  absl::StatusOr<v1::ExportEventsResponse> ExportEvents(const v1::ExportEventsRequest& request,
                                                        rpc::Call& call) const;

 private:
  // Where a file is, between two pages.
  struct Position {
    // The next leaf to look at.
    std::uint64_t next = 0;
    // Of the checkpoint that the file refers to: how much of the log it is about.
    std::uint64_t tree_size = 0;
    // How many events are in the file.
    std::uint64_t written = 0;
  };

  // The position before the first event; appends the head of the file to `data`.
  absl::StatusOr<Position> Begin(const v1::ExportEventsRequest& request, rpc::Call& call,
                                 std::string& data) const;
  static absl::StatusOr<Position> ParsePosition(const auth::PageKey& key);

  // Appends the lines of `leaves`.
  absl::Status Write(const v1::ExportEventsRequest& request, rpc::Call& call,
                     const Position& position, const std::vector<ExportedLeaf>& leaves,
                     std::string& data) const;
  absl::Status WriteProven(rpc::Call& call, const Position& position,
                           const std::vector<ExportedLeaf>& leaves, std::string& data) const;

  const auth::PageTokenCodec& page_tokens_;
  const EventStore events_;
  ExportStore store_;
  LogStore log_;
};

}  // namespace clinicd::audit
