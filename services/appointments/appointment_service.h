// Binds AppointmentService.
#pragma once

#include "clinicd/appointments/v1/appointment_service.grpc.pb.h"
#include "common/rpc/dispatcher.h"
#include "services/appointments/appointment_handlers.h"

namespace clinicd::appointments {

class AppointmentService final : public v1::AppointmentService::CallbackService {
 public:
  AppointmentService(const rpc::Dispatcher& rpc, const AppointmentHandlers& handlers)
      : rpc_(rpc), handlers_(handlers) {}

  grpc::ServerUnaryReactor* GetAppointment(grpc::CallbackServerContext* context,
                                           const v1::GetAppointmentRequest* request,
                                           v1::Appointment* response) override {
    return rpc_.Unary(context, request, response, handlers_, &AppointmentHandlers::GetAppointment);
  }
  grpc::ServerUnaryReactor* ListAppointments(grpc::CallbackServerContext* context,
                                             const v1::ListAppointmentsRequest* request,
                                             v1::ListAppointmentsResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &AppointmentHandlers::ListAppointments);
  }
  grpc::ServerUnaryReactor* CreateAppointment(grpc::CallbackServerContext* context,
                                              const v1::CreateAppointmentRequest* request,
                                              v1::Appointment* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &AppointmentHandlers::CreateAppointment);
  }
  grpc::ServerUnaryReactor* CancelAppointment(grpc::CallbackServerContext* context,
                                              const v1::CancelAppointmentRequest* request,
                                              v1::Appointment* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &AppointmentHandlers::CancelAppointment);
  }
  grpc::ServerUnaryReactor* CheckInAppointment(grpc::CallbackServerContext* context,
                                               const v1::CheckInAppointmentRequest* request,
                                               v1::Appointment* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &AppointmentHandlers::CheckInAppointment);
  }
  grpc::ServerWriteReactor<v1::WatchDayEvent>* WatchDay(
      grpc::CallbackServerContext* context, const v1::WatchDayRequest* request) override {
    return rpc_.ServerStreaming(context, request, handlers_, &AppointmentHandlers::WatchDay);
  }

 private:
  const rpc::Dispatcher& rpc_;
  const AppointmentHandlers& handlers_;
};

}  // namespace clinicd::appointments
