// The area of patients, put together.
#pragma once

#include <vector>

#include "services/patients/patient_handlers.h"
#include "services/patients/patient_service.h"

namespace clinicd::patients {

// Owns what serves the RPCs of the area. Outlived by what it is made from; outlives the gRPC
// server.
class PatientsModule final {
 public:
  PatientsModule(const rpc::Dispatcher& rpc, const auth::PageTokenCodec& page_tokens)
      : handlers_(page_tokens), service_(rpc, handlers_) {}
  PatientsModule(const PatientsModule&) = delete;
  PatientsModule& operator=(const PatientsModule&) = delete;

  std::vector<grpc::Service*> services() { return {&service_}; }

 private:
  PatientHandlers handlers_;
  PatientService service_;
};

}  // namespace clinicd::patients
