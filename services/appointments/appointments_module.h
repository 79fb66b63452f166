// The area of appointments, put together.
#pragma once

#include <vector>

#include "services/appointments/appointment_handlers.h"
#include "services/appointments/appointment_service.h"

namespace clinicd::appointments {

// Owns what serves the RPCs of the area. Outlived by what it is made from; outlives the gRPC
// server.
class AppointmentsModule final {
 public:
  AppointmentsModule(const rpc::Dispatcher& rpc, const auth::PageTokenCodec& page_tokens,
                     db::ChangeFeed& feed)
      : handlers_(page_tokens, feed), service_(rpc, handlers_) {}
  AppointmentsModule(const AppointmentsModule&) = delete;
  AppointmentsModule& operator=(const AppointmentsModule&) = delete;

  std::vector<grpc::Service*> services() { return {&service_}; }

 private:
  AppointmentHandlers handlers_;
  AppointmentService service_;
};

}  // namespace clinicd::appointments
