// What WaitlistService does.
#pragma once

#include "absl/status/statusor.h"
#include "clinicd/appointments/v1/waitlist_service.pb.h"
#include "common/auth/page_token.h"
#include "common/rpc/call.h"
#include "services/appointments/appointment_store.h"
#include "services/appointments/schedule_store.h"
#include "services/appointments/visit_type_store.h"
#include "services/appointments/waitlist_store.h"

namespace clinicd::appointments {

// One method per RPC, with the errors that the API names. Thread-safe.
class WaitlistHandlers final {
 public:
  explicit WaitlistHandlers(const auth::PageTokenCodec& page_tokens) : page_tokens_(page_tokens) {}

  absl::StatusOr<v1::WaitlistEntry> CreateWaitlistEntry(
      const v1::CreateWaitlistEntryRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::WaitlistEntry> GetWaitlistEntry(const v1::GetWaitlistEntryRequest& request,
                                                     rpc::Call& call) const;
  absl::StatusOr<v1::ListWaitlistEntriesResponse> ListWaitlistEntries(
      const v1::ListWaitlistEntriesRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::WaitlistEntry> UpdateWaitlistEntry(
      const v1::UpdateWaitlistEntryRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::WaitlistEntry> WithdrawWaitlistEntry(
      const v1::WithdrawWaitlistEntryRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::FindWaitlistMatchesResponse> FindWaitlistMatches(
      const v1::FindWaitlistMatchesRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::WaitlistOffer> CreateWaitlistOffer(
      const v1::CreateWaitlistOfferRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::WaitlistOffer> GetWaitlistOffer(const v1::GetWaitlistOfferRequest& request,
                                                     rpc::Call& call) const;
  absl::StatusOr<v1::Appointment> AcceptWaitlistOffer(const v1::AcceptWaitlistOfferRequest& request,
                                                      rpc::Call& call) const;
  absl::StatusOr<v1::WaitlistOffer> DeclineWaitlistOffer(
      const v1::DeclineWaitlistOfferRequest& request, rpc::Call& call) const;

 private:
  // The time that a search is about. Errors: those of FindWaitlistMatches.
  absl::StatusOr<Plan> TimeOf(const v1::FindWaitlistMatchesRequest& request, rpc::Call& call) const;
  // Keeps the time of `plan` free, with other offers of it or alone. Errors: those of HoldSlot.
  absl::StatusOr<HoldId> HoldTime(const Plan& plan, absl::Time expires_at, rpc::Call& call) const;

  const auth::PageTokenCodec& page_tokens_;
  WaitlistStore store_;
  AppointmentStore appointments_;
  ScheduleStore schedules_;
  VisitTypeStore visit_types_;
};

}  // namespace clinicd::appointments
