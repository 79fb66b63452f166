// What SeriesService does.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "clinicd/appointments/v1/series_service.pb.h"
#include "common/auth/page_token.h"
#include "common/rpc/call.h"
#include "services/appointments/appointment_store.h"
#include "services/appointments/schedule_store.h"
#include "services/appointments/series_rules.h"
#include "services/appointments/series_store.h"
#include "services/appointments/visit_type_store.h"

namespace clinicd::appointments {

// One method per RPC, with the errors that the API names. Thread-safe.
class SeriesHandlers final {
 public:
  explicit SeriesHandlers(const auth::PageTokenCodec& page_tokens) : page_tokens_(page_tokens) {}

  absl::StatusOr<v1::PreviewSeriesResponse> PreviewSeries(const v1::PreviewSeriesRequest& request,
                                                          rpc::Call& call) const;
  absl::StatusOr<v1::CreateSeriesResponse> CreateSeries(const v1::CreateSeriesRequest& request,
                                                        rpc::Call& call) const;
  absl::StatusOr<v1::Series> GetSeries(const v1::GetSeriesRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::ListSeriesAppointmentsResponse> ListSeriesAppointments(
      const v1::ListSeriesAppointmentsRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::UpdateSeriesResponse> UpdateSeries(const v1::UpdateSeriesRequest& request,
                                                        rpc::Call& call) const;
  absl::StatusOr<v1::CancelSeriesResponse> CancelSeries(const v1::CancelSeriesRequest& request,
                                                        rpc::Call& call) const;

 private:
  // A series, and those of its appointments that a change is about.
  struct Chosen {
    BookedSeries series = {};
    Selection selection = {};
  };
  template <typename Request>
  absl::StatusOr<Chosen> Choose(const Request& request, bool with_exceptions,
                                rpc::Call& call) const;

  // A series as it becomes, with its appointments.
  struct Edit {
    BookedSeries changed = {};
    // What is left of the series that `changed` is cut from.
    std::optional<BookedSeries> head = {};
    std::vector<SeriesVisit> moved = {};
    std::vector<SeriesVisit> adopted = {};
  };
  absl::StatusOr<Edit> EditOf(const v1::UpdateSeriesRequest& request, const Chosen& chosen,
                              rpc::Call& call) const;
  absl::Status Apply(Edit& edit, const std::string& reason, rpc::Call& call) const;

  // Those of new `visits` that are taken by others or lie outside of working hours.
  absl::StatusOr<std::vector<TakenOccurrence>> FindUnavailable(
      const BookedSeries& series, const std::vector<SeriesVisit>& visits, rpc::Call& call) const;
  // Takes what `visits` need; why not, where that cannot be.
  absl::Status TakeAll(const BookedSeries& series, const std::vector<SeriesVisit>& visits,
                       rpc::Call& call) const;

  const auth::PageTokenCodec& page_tokens_;
  AppointmentStore appointments_;
  SeriesStore store_;
  ScheduleStore schedules_;
  VisitTypeStore visit_types_;
};

}  // namespace clinicd::appointments
