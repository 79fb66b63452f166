// Working hours, exceptions and the search for free times.
#pragma once

#include "absl/status/statusor.h"
#include "clinicd/appointments/v1/schedule_service.pb.h"
#include "common/auth/page_token.h"
#include "common/rpc/call.h"
#include "services/appointments/appointment_store.h"
#include "services/appointments/schedule_store.h"
#include "services/appointments/visit_type_store.h"

namespace clinicd::appointments {

// Thread-safe.
class ScheduleHandlers final {
 public:
  explicit ScheduleHandlers(const auth::PageTokenCodec& page_tokens) : page_tokens_(page_tokens) {}

  absl::StatusOr<v1::WorkingHours> GetWorkingHours(const v1::GetWorkingHoursRequest& request,
                                                   rpc::Call& call) const;
  absl::StatusOr<v1::WorkingHours> SetWorkingHours(const v1::SetWorkingHoursRequest& request,
                                                   rpc::Call& call) const;
  absl::StatusOr<v1::ListScheduleExceptionsResponse> ListScheduleExceptions(
      const v1::ListScheduleExceptionsRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::ScheduleException> CreateScheduleException(
      const v1::CreateScheduleExceptionRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::DeleteScheduleExceptionResponse> DeleteScheduleException(
      const v1::DeleteScheduleExceptionRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::FindSlotsResponse> FindSlots(const v1::FindSlotsRequest& request,
                                                  rpc::Call& call) const;

 private:
  // Whether nothing is booked that `exception`, which is stored, closes for. Errors:
  // SCHEDULE_HOLDS_APPOINTMENTS.
  absl::Status CheckHoldsNothing(const ScheduleException& exception, rpc::Call& call) const;

  const auth::PageTokenCodec& page_tokens_;
  ScheduleStore schedules_;
  AppointmentStore appointments_;
  VisitTypeStore visit_types_;
};

}  // namespace clinicd::appointments
