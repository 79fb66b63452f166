// Binds CalendarFeedService.
#pragma once

#include "clinicd/appointments/v1/calendar_feed_service.grpc.pb.h"
#include "common/rpc/dispatcher.h"
#include "services/appointments/calendar_feed_handlers.h"

namespace clinicd::appointments {

class CalendarFeedService final : public v1::CalendarFeedService::CallbackService {
 public:
  CalendarFeedService(const rpc::Dispatcher& rpc, const CalendarFeedHandlers& handlers)
      : rpc_(rpc), handlers_(handlers) {}

  grpc::ServerUnaryReactor* CreateCalendarFeed(grpc::CallbackServerContext* context,
                                               const v1::CreateCalendarFeedRequest* request,
                                               v1::CreateCalendarFeedResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &CalendarFeedHandlers::CreateCalendarFeed);
  }
  grpc::ServerUnaryReactor* ListCalendarFeeds(grpc::CallbackServerContext* context,
                                              const v1::ListCalendarFeedsRequest* request,
                                              v1::ListCalendarFeedsResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &CalendarFeedHandlers::ListCalendarFeeds);
  }
  grpc::ServerUnaryReactor* RevokeCalendarFeed(grpc::CallbackServerContext* context,
                                               const v1::RevokeCalendarFeedRequest* request,
                                               v1::CalendarFeed* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &CalendarFeedHandlers::RevokeCalendarFeed);
  }

 private:
  const rpc::Dispatcher& rpc_;
  const CalendarFeedHandlers& handlers_;
};

}  // namespace clinicd::appointments
