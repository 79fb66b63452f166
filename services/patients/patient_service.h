// Binds PatientService.
#pragma once

#include "clinicd/patients/v1/patient_service.grpc.pb.h"
#include "common/rpc/dispatcher.h"
#include "services/patients/patient_handlers.h"

namespace clinicd::patients {

class PatientService final : public v1::PatientService::CallbackService {
 public:
  PatientService(const rpc::Dispatcher& rpc, const PatientHandlers& handlers)
      : rpc_(rpc), handlers_(handlers) {}

  grpc::ServerUnaryReactor* GetPatient(grpc::CallbackServerContext* context,
                                       const v1::GetPatientRequest* request,
                                       v1::Patient* response) override {
    return rpc_.Unary(context, request, response, handlers_, &PatientHandlers::GetPatient);
  }
  grpc::ServerUnaryReactor* ListPatients(grpc::CallbackServerContext* context,
                                         const v1::ListPatientsRequest* request,
                                         v1::ListPatientsResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &PatientHandlers::ListPatients);
  }
  grpc::ServerUnaryReactor* SearchPatients(grpc::CallbackServerContext* context,
                                           const v1::SearchPatientsRequest* request,
                                           v1::SearchPatientsResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &PatientHandlers::SearchPatients);
  }
  grpc::ServerUnaryReactor* CreatePatient(grpc::CallbackServerContext* context,
                                          const v1::CreatePatientRequest* request,
                                          v1::Patient* response) override {
    return rpc_.Unary(context, request, response, handlers_, &PatientHandlers::CreatePatient);
  }
  grpc::ServerUnaryReactor* UpdatePatient(grpc::CallbackServerContext* context,
                                          const v1::UpdatePatientRequest* request,
                                          v1::Patient* response) override {
    return rpc_.Unary(context, request, response, handlers_, &PatientHandlers::UpdatePatient);
  }

 private:
  const rpc::Dispatcher& rpc_;
  const PatientHandlers& handlers_;
};

}  // namespace clinicd::patients
