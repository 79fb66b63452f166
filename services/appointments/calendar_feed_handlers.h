// What CalendarFeedService does.
#pragma once

#include "absl/status/statusor.h"
#include "clinicd/appointments/v1/calendar_feed_service.pb.h"
#include "common/auth/page_token.h"
#include "common/base/random.h"
#include "common/rpc/call.h"
#include "services/appointments/calendar_feed_store.h"

namespace clinicd::appointments {

// One method per RPC, with the errors that the API names. Thread-safe.
class CalendarFeedHandlers final {
 public:
  CalendarFeedHandlers(const auth::PageTokenCodec& page_tokens, Random& random)
      : page_tokens_(page_tokens), random_(random) {}

  absl::StatusOr<v1::CreateCalendarFeedResponse> CreateCalendarFeed(
      const v1::CreateCalendarFeedRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::ListCalendarFeedsResponse> ListCalendarFeeds(
      const v1::ListCalendarFeedsRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::CalendarFeed> RevokeCalendarFeed(const v1::RevokeCalendarFeedRequest& request,
                                                      rpc::Call& call) const;

 private:
  const auth::PageTokenCodec& page_tokens_;
  Random& random_;
  CalendarFeedStore store_;
};

}  // namespace clinicd::appointments
