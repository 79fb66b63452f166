#include "db/access/listener.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "db/access/db_errors.h"
#include "db/backend/flush_result.h"

namespace clinicd::db {
namespace {

constexpr absl::Duration kAnswerMax = absl::Seconds(2);

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Open(const std::string& conninfo,
                                                         std::string_view channel) {
  ConnectionOptions options;
  options.conninfo = conninfo;
  CLINICD_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Connection::Open(options));
  if (!channel.empty()) {
    const std::string listen = absl::StrCat("LISTEN ", ToAbsl(channel));
    CLINICD_RETURN_IF_ERROR(connection->QueueText(listen).status());
    const backend::FlushResult flush = connection->Flush(absl::Now() + kAnswerMax);
    if (flush.broken || flush.error != nullptr) return DatabaseUnavailable();
  }
  return std::unique_ptr<Listener>(new Listener(std::move(connection)));
}

absl::Status Listener::Wait(absl::Duration timeout) {
  return connection_->WaitForNotification(absl::Now() + timeout) ? absl::OkStatus()
                                                                 : DatabaseUnavailable();
}

TenantScope Listener::ScopeOfRead() {
  return {.deadline = absl::Now() + kAnswerMax, .read_only = true};
}

}  // namespace clinicd::db
