// The settings of the caller's clinic.
#pragma once

#include "absl/status/statusor.h"
#include "clinicd/identity/v1/clinic_service.pb.h"
#include "common/rpc/call.h"

namespace clinicd::identity {

// Thread-safe.
class ClinicHandlers final {
 public:
  absl::StatusOr<v1::Clinic> GetClinic(const v1::GetClinicRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::Clinic> UpdateClinic(const v1::UpdateClinicRequest& request,
                                          rpc::Call& call) const;
};

}  // namespace clinicd::identity
