// What AppointmentService does.
#pragma once

#include "absl/status/statusor.h"
#include "clinicd/appointments/v1/appointment_service.pb.h"
#include "common/auth/page_token.h"
#include "common/rpc/call.h"
#include "services/appointments/appointment_store.h"

namespace clinicd::appointments {

// One method per RPC, with the errors that the API names. Thread-safe.
class AppointmentHandlers final {
 public:
  explicit AppointmentHandlers(const auth::PageTokenCodec& page_tokens)
      : page_tokens_(page_tokens) {}

  absl::StatusOr<v1::Appointment> GetAppointment(const v1::GetAppointmentRequest& request,
                                                 rpc::Call& call) const;
  absl::StatusOr<v1::ListAppointmentsResponse> ListAppointments(
      const v1::ListAppointmentsRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::Appointment> CreateAppointment(const v1::CreateAppointmentRequest& request,
                                                    rpc::Call& call) const;
  absl::StatusOr<v1::Appointment> CancelAppointment(const v1::CancelAppointmentRequest& request,
                                                    rpc::Call& call) const;
  absl::StatusOr<v1::Appointment> CheckInAppointment(const v1::CheckInAppointmentRequest& request,
                                                     rpc::Call& call) const;

 private:
  const auth::PageTokenCodec& page_tokens_;
  AppointmentStore store_;
};

}  // namespace clinicd::appointments
