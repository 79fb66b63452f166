// Binds SeriesService.
#pragma once

#include "clinicd/appointments/v1/series_service.grpc.pb.h"
#include "common/rpc/dispatcher.h"
#include "services/appointments/series_handlers.h"

namespace clinicd::appointments {

class SeriesService final : public v1::SeriesService::CallbackService {
 public:
  SeriesService(const rpc::Dispatcher& rpc, const SeriesHandlers& handlers)
      : rpc_(rpc), handlers_(handlers) {}

  grpc::ServerUnaryReactor* PreviewSeries(grpc::CallbackServerContext* context,
                                          const v1::PreviewSeriesRequest* request,
                                          v1::PreviewSeriesResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &SeriesHandlers::PreviewSeries);
  }
  grpc::ServerUnaryReactor* CreateSeries(grpc::CallbackServerContext* context,
                                         const v1::CreateSeriesRequest* request,
                                         v1::CreateSeriesResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &SeriesHandlers::CreateSeries);
  }
  grpc::ServerUnaryReactor* GetSeries(grpc::CallbackServerContext* context,
                                      const v1::GetSeriesRequest* request,
                                      v1::Series* response) override {
    return rpc_.Unary(context, request, response, handlers_, &SeriesHandlers::GetSeries);
  }
  grpc::ServerUnaryReactor* ListSeriesAppointments(
      grpc::CallbackServerContext* context, const v1::ListSeriesAppointmentsRequest* request,
      v1::ListSeriesAppointmentsResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &SeriesHandlers::ListSeriesAppointments);
  }
  grpc::ServerUnaryReactor* UpdateSeries(grpc::CallbackServerContext* context,
                                         const v1::UpdateSeriesRequest* request,
                                         v1::UpdateSeriesResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &SeriesHandlers::UpdateSeries);
  }
  grpc::ServerUnaryReactor* CancelSeries(grpc::CallbackServerContext* context,
                                         const v1::CancelSeriesRequest* request,
                                         v1::CancelSeriesResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &SeriesHandlers::CancelSeries);
  }

 private:
  const rpc::Dispatcher& rpc_;
  const SeriesHandlers& handlers_;
};

}  // namespace clinicd::appointments
