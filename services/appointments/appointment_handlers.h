// What AppointmentService does.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "clinicd/appointments/v1/appointment_service.pb.h"
#include "common/auth/page_token.h"
#include "common/rpc/call.h"
#include "common/rpc/stream.h"
#include "db/access/change_feed.h"
#include "services/appointments/appointment_store.h"
#include "services/appointments/link_code.h"
#include "services/appointments/schedule_store.h"
#include "services/appointments/visit_type_store.h"

namespace clinicd::appointments {

// One method per RPC, with the errors that the API names. Thread-safe.
class AppointmentHandlers final {
 public:
  AppointmentHandlers(const auth::PageTokenCodec& page_tokens, db::ChangeFeed& feed,
                      const LinkCodes& link_codes)
      : page_tokens_(page_tokens), feed_(feed), link_codes_(link_codes) {}

  absl::StatusOr<v1::Appointment> GetAppointment(const v1::GetAppointmentRequest& request,
                                                 rpc::Call& call) const;
  absl::StatusOr<v1::ListAppointmentsResponse> ListAppointments(
      const v1::ListAppointmentsRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::Appointment> CreateAppointment(const v1::CreateAppointmentRequest& request,
                                                    rpc::Call& call) const;
  absl::StatusOr<v1::Appointment> OverbookAppointment(const v1::OverbookAppointmentRequest& request,
                                                      rpc::Call& call) const;
  absl::StatusOr<v1::Appointment> RescheduleAppointment(
      const v1::RescheduleAppointmentRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::Hold> HoldSlot(const v1::HoldSlotRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::ReleaseHoldResponse> ReleaseHold(const v1::ReleaseHoldRequest& request,
                                                      rpc::Call& call) const;
  absl::StatusOr<v1::Appointment> ConfirmAppointment(const v1::ConfirmAppointmentRequest& request,
                                                     rpc::Call& call) const;
  absl::StatusOr<v1::Appointment> CancelAppointment(const v1::CancelAppointmentRequest& request,
                                                    rpc::Call& call) const;
  absl::StatusOr<v1::Appointment> CheckInAppointment(const v1::CheckInAppointmentRequest& request,
                                                     rpc::Call& call) const;
  absl::StatusOr<v1::Appointment> SeatAppointment(const v1::SeatAppointmentRequest& request,
                                                  rpc::Call& call) const;
  absl::StatusOr<v1::Appointment> CompleteAppointment(const v1::CompleteAppointmentRequest& request,
                                                      rpc::Call& call) const;
  absl::StatusOr<v1::Appointment> ReopenAppointment(const v1::ReopenAppointmentRequest& request,
                                                    rpc::Call& call) const;
  absl::StatusOr<v1::Appointment> MarkAppointmentNoShow(
      const v1::MarkAppointmentNoShowRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::Appointment> MarkAppointmentEnteredInError(
      const v1::MarkAppointmentEnteredInErrorRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::SetDiaryLinkResponse> SetDiaryLink(const v1::SetDiaryLinkRequest& request,
                                                        rpc::Call& call) const;
  absl::StatusOr<v1::ListAppointmentEventsResponse> ListAppointmentEvents(
      const v1::ListAppointmentEventsRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::PatientAttendance> GetPatientAttendance(
      const v1::GetPatientAttendanceRequest& request, rpc::Call& call) const;
  absl::StatusOr<std::unique_ptr<rpc::Stream<v1::WatchDayEvent>>> WatchDay(
      const v1::WatchDayRequest& request, const rpc::CallInfo& info, rpc::Wake wake) const;

 private:
  // Why a state changes.
  struct Cause {
    std::string reason = {};
    CancelledBy by = CancelledBy::kClinic;
  };
  // Lets `kind` happen to the appointment of `request`.
  template <typename Request>
  absl::StatusOr<v1::Appointment> Change(EventKind kind, const Request& request, const Cause& cause,
                                         rpc::Call& call) const;

  const auth::PageTokenCodec& page_tokens_;
  db::ChangeFeed& feed_;
  const LinkCodes link_codes_;
  AppointmentStore store_;
  ScheduleStore schedules_;
  VisitTypeStore visit_types_;
};

}  // namespace clinicd::appointments
