#include "services/appointments/calendar_feed_reader.h"

#include "common/base/try.h"
#include "services/appointments/icalendar.h"

namespace clinicd::appointments {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);

}  // namespace

absl::StatusOr<std::optional<std::string>> CalendarFeedReader::Read(std::string_view path,
                                                                    const Reader& reader) const {
  const std::optional<FeedAddress> address = ParseFeedPath(path);
  if (!address) return std::nullopt;
  const absl::Time now = clock_.Now();
  const FeedWindow window = WindowAt(now);
  std::optional<FeedContents> contents;
  const absl::Status status = runner_.InClinic(
      {.clinic = address->clinic,
       .deadline = now + kPatience,
       .durability = strict_ ? db::Durability::kDisk : db::Durability::kRelaxed},
      [&](db::TenantTx& tx) -> absl::Status {
        CLINICD_ASSIGN_OR_RETURN(contents, store_.Read(tx, address->secret, window));
        if (!contents) return absl::OkStatus();
        runner_.audit().Defer(tx, ids_.NewUuid(), now,
                              {.action = "read",
                               .method = "GET /calendar",
                               .outcome = "OK",
                               .actor = UserId(contents->id.uuid()),
                               .actor_roles = "calendar_feed",
                               .entity_type = "calendar_feed",
                               .entity_id = contents->id.uuid(),
                               .client_address = reader.client_address,
                               .user_agent = reader.user_agent});
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  if (!contents) return std::nullopt;
  return FormatFeed(ToFeed(*contents, window));
}

}  // namespace clinicd::appointments
