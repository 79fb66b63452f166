// What PatientService does.
#pragma once

#include "absl/status/statusor.h"
#include "clinicd/patients/v1/patient_service.pb.h"
#include "common/auth/page_token.h"
#include "common/rpc/call.h"
#include "services/patients/patient_store.h"
#include "services/patients/text_folder.h"

namespace clinicd::patients {

// One method per RPC, with the errors that the API names. Thread-safe.
class PatientHandlers final {
 public:
  explicit PatientHandlers(const auth::PageTokenCodec& page_tokens) : page_tokens_(page_tokens) {}

  absl::StatusOr<v1::Patient> GetPatient(const v1::GetPatientRequest& request,
                                         rpc::Call& call) const;
  absl::StatusOr<v1::ListPatientsResponse> ListPatients(const v1::ListPatientsRequest& request,
                                                        rpc::Call& call) const;
  absl::StatusOr<v1::SearchPatientsResponse> SearchPatients(
      const v1::SearchPatientsRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::Patient> CreatePatient(const v1::CreatePatientRequest& request,
                                            rpc::Call& call) const;
  absl::StatusOr<v1::Patient> UpdatePatient(const v1::UpdatePatientRequest& request,
                                            rpc::Call& call) const;

 private:
  const auth::PageTokenCodec& page_tokens_;
  PatientStore store_;
  TextFolder folder_;
};

}  // namespace clinicd::patients
