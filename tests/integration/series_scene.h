// A clinic that books series.
#pragma once

#include <string>
#include <vector>

#include "tests/support/front_desk.h"

namespace clinicd::testing {

using appointments::v1::Appointment;
using appointments::v1::SeriesService;

// 1 March 2027 is a Monday; clocks in Madrid go forward on the 28th.
class SeriesScene final {
 public:
  SeriesScene();

  // Weekly from Monday 8 March at 09:00.
  appointments::v1::Series Form(const std::string& local_start = "2027-03-08T09:00",
                                const std::string& rule = "FREQ=WEEKLY;COUNT=5") const;

  Reply<appointments::v1::PreviewSeriesResponse> Preview(
      const appointments::v1::Series& form) const;
  Reply<appointments::v1::CreateSeriesResponse> Create(
      const appointments::v1::Series& form,
      appointments::v1::SeriesConflictPolicy policy =
          appointments::v1::SERIES_CONFLICT_POLICY_UNSPECIFIED) const;
  // Books what must be free.
  appointments::v1::Series Created(const appointments::v1::Series& form) const;
  Reply<appointments::v1::Series> Get(const std::string& id) const;
  // All appointments of the series.
  std::vector<Appointment> Visits(const std::string& id) const;
  // Their local starts, without those that are cancelled.
  std::vector<std::string> Starts(const std::string& id) const;

  // An edit of all that are to come, to fill in.
  appointments::v1::UpdateSeriesRequest Edit(const appointments::v1::Series& series) const;
  // The same, of those from `first` on.
  appointments::v1::UpdateSeriesRequest Edit(const appointments::v1::Series& series,
                                             const Appointment& first) const;
  Reply<appointments::v1::UpdateSeriesResponse> Update(
      const appointments::v1::UpdateSeriesRequest& request) const;
  // Cancels those from the appointment `first` on; all that are to come where that is empty.
  Reply<appointments::v1::CancelSeriesResponse> Cancel(const std::string& id,
                                                       const std::string& first = "",
                                                       const std::string& etag = "") const;
  Reply<Appointment> Move(const Appointment& visit, const std::string& local_start) const;
  Reply<Appointment> Confirm(const std::string& id) const;

  // Lets the appointment have begun, whatever its local start says.
  void Begin(const Appointment& visit) const;
  // Runs SQL without the API.
  void Execute(const std::string& sql) const;
  // Rows of the table that the clinic's database has.
  int CountRows(const std::string& table) const;

  TestServer& server() { return server_; }
  const FrontDesk& desk() const { return desk_; }
  const std::string& patient() const { return patient_; }
  const std::string& practitioner() const { return practitioner_; }

 private:
  TestServer server_;
  FrontDesk desk_;
  std::string patient_;
  std::string practitioner_;
};

}  // namespace clinicd::testing
