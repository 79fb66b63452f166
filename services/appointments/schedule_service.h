// Binds ScheduleService.
#pragma once

#include "clinicd/appointments/v1/schedule_service.grpc.pb.h"
#include "common/rpc/dispatcher.h"
#include "services/appointments/schedule_handlers.h"

namespace clinicd::appointments {

class ScheduleService final : public v1::ScheduleService::CallbackService {
 public:
  ScheduleService(const rpc::Dispatcher& rpc, const ScheduleHandlers& handlers)
      : rpc_(rpc), handlers_(handlers) {}

  grpc::ServerUnaryReactor* GetWorkingHours(grpc::CallbackServerContext* context,
                                            const v1::GetWorkingHoursRequest* request,
                                            v1::WorkingHours* response) override {
    return rpc_.Unary(context, request, response, handlers_, &ScheduleHandlers::GetWorkingHours);
  }
  grpc::ServerUnaryReactor* SetWorkingHours(grpc::CallbackServerContext* context,
                                            const v1::SetWorkingHoursRequest* request,
                                            v1::WorkingHours* response) override {
    return rpc_.Unary(context, request, response, handlers_, &ScheduleHandlers::SetWorkingHours);
  }
  grpc::ServerUnaryReactor* ListScheduleExceptions(
      grpc::CallbackServerContext* context, const v1::ListScheduleExceptionsRequest* request,
      v1::ListScheduleExceptionsResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &ScheduleHandlers::ListScheduleExceptions);
  }
  grpc::ServerUnaryReactor* CreateScheduleException(
      grpc::CallbackServerContext* context, const v1::CreateScheduleExceptionRequest* request,
      v1::ScheduleException* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &ScheduleHandlers::CreateScheduleException);
  }
  grpc::ServerUnaryReactor* DeleteScheduleException(
      grpc::CallbackServerContext* context, const v1::DeleteScheduleExceptionRequest* request,
      v1::DeleteScheduleExceptionResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &ScheduleHandlers::DeleteScheduleException);
  }
  grpc::ServerUnaryReactor* FindSlots(grpc::CallbackServerContext* context,
                                      const v1::FindSlotsRequest* request,
                                      v1::FindSlotsResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &ScheduleHandlers::FindSlots);
  }

 private:
  const rpc::Dispatcher& rpc_;
  const ScheduleHandlers& handlers_;
};

}  // namespace clinicd::appointments
