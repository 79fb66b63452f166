// The area of appointments, put together.
#pragma once

#include <vector>

#include "services/appointments/appointment_handlers.h"
#include "services/appointments/appointment_service.h"
#include "services/appointments/calendar_feed_handlers.h"
#include "services/appointments/calendar_feed_service.h"
#include "services/appointments/diary_handlers.h"
#include "services/appointments/diary_service.h"
#include "services/appointments/resource_handlers.h"
#include "services/appointments/resource_service.h"
#include "services/appointments/schedule_handlers.h"
#include "services/appointments/schedule_service.h"
#include "services/appointments/series_handlers.h"
#include "services/appointments/series_service.h"
#include "services/appointments/visit_type_handlers.h"
#include "services/appointments/visit_type_service.h"
#include "services/appointments/waitlist_handlers.h"
#include "services/appointments/waitlist_service.h"

namespace clinicd::appointments {

// Owns what serves the RPCs of the area. Outlived by what it is made from; outlives the gRPC
// server.
class AppointmentsModule final {
 public:
  AppointmentsModule(const rpc::Dispatcher& rpc, const auth::PageTokenCodec& page_tokens,
                     const crypto::SealingKeys& keys, db::ChangeFeed& feed, Random& random)
      : handlers_(page_tokens, feed, LinkCodes(keys, random)),
        service_(rpc, handlers_),
        calendar_feed_handlers_(page_tokens, random),
        calendar_feed_service_(rpc, calendar_feed_handlers_),
        diary_service_(rpc, diary_handlers_),
        resource_handlers_(page_tokens),
        resource_service_(rpc, resource_handlers_),
        schedule_handlers_(page_tokens),
        schedule_service_(rpc, schedule_handlers_),
        series_handlers_(page_tokens),
        series_service_(rpc, series_handlers_),
        visit_type_handlers_(page_tokens),
        visit_type_service_(rpc, visit_type_handlers_),
        waitlist_handlers_(page_tokens),
        waitlist_service_(rpc, waitlist_handlers_) {}
  AppointmentsModule(const AppointmentsModule&) = delete;
  AppointmentsModule& operator=(const AppointmentsModule&) = delete;

  std::vector<grpc::Service*> services() {
    return {&service_,        &calendar_feed_service_, &diary_service_,      &resource_service_,
            &series_service_, &schedule_service_,      &visit_type_service_, &waitlist_service_};
  }

 private:
  AppointmentHandlers handlers_;
  AppointmentService service_;
  CalendarFeedHandlers calendar_feed_handlers_;
  CalendarFeedService calendar_feed_service_;
  DiaryHandlers diary_handlers_;
  DiaryService diary_service_;
  ResourceHandlers resource_handlers_;
  ResourceService resource_service_;
  ScheduleHandlers schedule_handlers_;
  ScheduleService schedule_service_;
  SeriesHandlers series_handlers_;
  SeriesService series_service_;
  VisitTypeHandlers visit_type_handlers_;
  VisitTypeService visit_type_service_;
  WaitlistHandlers waitlist_handlers_;
  WaitlistService waitlist_service_;
};

}  // namespace clinicd::appointments
