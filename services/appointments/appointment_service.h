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
  grpc::ServerUnaryReactor* OverbookAppointment(grpc::CallbackServerContext* context,
                                                const v1::OverbookAppointmentRequest* request,
                                                v1::Appointment* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &AppointmentHandlers::OverbookAppointment);
  }
  grpc::ServerUnaryReactor* RescheduleAppointment(grpc::CallbackServerContext* context,
                                                  const v1::RescheduleAppointmentRequest* request,
                                                  v1::Appointment* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &AppointmentHandlers::RescheduleAppointment);
  }
  grpc::ServerUnaryReactor* HoldSlot(grpc::CallbackServerContext* context,
                                     const v1::HoldSlotRequest* request,
                                     v1::Hold* response) override {
    return rpc_.Unary(context, request, response, handlers_, &AppointmentHandlers::HoldSlot);
  }
  grpc::ServerUnaryReactor* ReleaseHold(grpc::CallbackServerContext* context,
                                        const v1::ReleaseHoldRequest* request,
                                        v1::ReleaseHoldResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &AppointmentHandlers::ReleaseHold);
  }
  grpc::ServerUnaryReactor* ConfirmAppointment(grpc::CallbackServerContext* context,
                                               const v1::ConfirmAppointmentRequest* request,
                                               v1::Appointment* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &AppointmentHandlers::ConfirmAppointment);
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
  grpc::ServerUnaryReactor* SeatAppointment(grpc::CallbackServerContext* context,
                                            const v1::SeatAppointmentRequest* request,
                                            v1::Appointment* response) override {
    return rpc_.Unary(context, request, response, handlers_, &AppointmentHandlers::SeatAppointment);
  }
  grpc::ServerUnaryReactor* CompleteAppointment(grpc::CallbackServerContext* context,
                                                const v1::CompleteAppointmentRequest* request,
                                                v1::Appointment* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &AppointmentHandlers::CompleteAppointment);
  }
  grpc::ServerUnaryReactor* ReopenAppointment(grpc::CallbackServerContext* context,
                                              const v1::ReopenAppointmentRequest* request,
                                              v1::Appointment* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &AppointmentHandlers::ReopenAppointment);
  }
  grpc::ServerUnaryReactor* MarkAppointmentNoShow(grpc::CallbackServerContext* context,
                                                  const v1::MarkAppointmentNoShowRequest* request,
                                                  v1::Appointment* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &AppointmentHandlers::MarkAppointmentNoShow);
  }
  grpc::ServerUnaryReactor* MarkAppointmentEnteredInError(
      grpc::CallbackServerContext* context, const v1::MarkAppointmentEnteredInErrorRequest* request,
      v1::Appointment* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &AppointmentHandlers::MarkAppointmentEnteredInError);
  }
  grpc::ServerUnaryReactor* SetDiaryLink(grpc::CallbackServerContext* context,
                                         const v1::SetDiaryLinkRequest* request,
                                         v1::SetDiaryLinkResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &AppointmentHandlers::SetDiaryLink);
  }
  grpc::ServerUnaryReactor* ListAppointmentEvents(
      grpc::CallbackServerContext* context, const v1::ListAppointmentEventsRequest* request,
      v1::ListAppointmentEventsResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &AppointmentHandlers::ListAppointmentEvents);
  }
  grpc::ServerUnaryReactor* GetPatientAttendance(grpc::CallbackServerContext* context,
                                                 const v1::GetPatientAttendanceRequest* request,
                                                 v1::PatientAttendance* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &AppointmentHandlers::GetPatientAttendance);
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
