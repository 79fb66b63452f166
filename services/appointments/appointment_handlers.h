// What AppointmentService does.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "clinicd/appointments/v1/appointment_service.pb.h"
#include "common/auth/page_token.h"
#include "common/rpc/call.h"
#include "common/rpc/stream.h"
#include "db/access/change_feed.h"
#include "services/appointments/appointment_store.h"

namespace clinicd::appointments {

// One method per RPC, with the errors that the API names. Thread-safe.
class AppointmentHandlers final {
 public:
  AppointmentHandlers(const auth::PageTokenCodec& page_tokens, db::ChangeFeed& feed)
      : page_tokens_(page_tokens), feed_(feed) {}

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
  absl::StatusOr<std::unique_ptr<rpc::Stream<v1::WatchDayEvent>>> WatchDay(
      const v1::WatchDayRequest& request, const rpc::CallInfo& info, rpc::Wake wake) const;

 private:
  const auth::PageTokenCodec& page_tokens_;
  db::ChangeFeed& feed_;
  AppointmentStore store_;
};

}  // namespace clinicd::appointments
