// A clinic with a waiting list.
#pragma once

#include <string>
#include <vector>

#include "tests/support/front_desk.h"

namespace clinicd::testing {

using appointments::v1::Appointment;
using appointments::v1::WaitlistEntry;
using appointments::v1::WaitlistOffer;
using appointments::v1::WaitlistService;
using appointments::v1::WaitlistTime;

// Nobody has hours unless a test sets them. 1 March 2027 is a Monday.
class WaitlistScene final {
 public:
  explicit WaitlistScene(const std::string& time_zone = "Europe/Madrid");

  // Routine, for 30 minutes, of a new patient who can come within a minute.
  WaitlistEntry Form(const std::string& family_name = "Li") const;
  Reply<WaitlistEntry> Add(const WaitlistEntry& form) const;
  // Adds what must be fine.
  WaitlistEntry Added(const WaitlistEntry& form) const;
  WaitlistEntry Added() const { return Added(Form()); }
  Reply<WaitlistEntry> Get(const std::string& id) const;
  Reply<WaitlistEntry> Update(const WaitlistEntry& entry,
                              const std::vector<std::string>& fields) const;
  Reply<WaitlistEntry> Withdraw(const std::string& id, const std::string& etag = "") const;
  Reply<appointments::v1::ListWaitlistEntriesResponse> List(
      const appointments::v1::ListWaitlistEntriesRequest& request) const;

  // 30 minutes of the practitioner.
  WaitlistTime Time(const std::string& local_start = "2027-03-01T10:00") const;
  Reply<appointments::v1::FindWaitlistMatchesResponse> Matches(
      const appointments::v1::FindWaitlistMatchesRequest& request) const;
  // The family names of those who fit the time that the appointment gave up.
  std::vector<std::string> WhoFits(const std::string& appointment_id) const;
  // The same for a time.
  std::vector<std::string> WhoFits(const WaitlistTime& time) const;

  Reply<WaitlistOffer> Offer(const WaitlistEntry& entry, const WaitlistTime& time,
                             int ttl_seconds = 0) const;
  // Offers what must be free.
  WaitlistOffer Offered(const WaitlistEntry& entry, const WaitlistTime& time) const;
  Reply<WaitlistOffer> GetOffer(const std::string& id) const;
  WaitlistOffer::State StateOf(const WaitlistOffer& offer) const;
  Reply<Appointment> Accept(const std::string& offer_id) const;
  Reply<WaitlistOffer> Decline(const std::string& offer_id) const;

  // Lets a day pass for the offer, and for what keeps its time.
  void Expire(const WaitlistOffer& offer) const;
  // Whether the practitioner can be booked at that time, which is undone.
  bool IsFree(const std::string& local_start = "2027-03-01T10:00") const;
  // Runs SQL without the API; the first value, empty if there is none.
  std::string Sql(const std::string& sql) const;
  // The clinic's visit type of 45 minutes.
  std::string AddVisitType(bool active = true) const;

  TestServer& server() { return server_; }
  const FrontDesk& desk() const { return desk_; }
  const std::string& practitioner() const { return practitioner_; }

 private:
  template <typename Request, typename Response>
  Reply<Response> Call(grpc::Status (WaitlistService::Stub::*method)(grpc::ClientContext*,
                                                                     const Request&, Response*),
                       const Request& request) const {
    return desk_.client().Call(desk_.client().waitlist(), method, request);
  }

  TestServer server_;
  FrontDesk desk_;
  std::string practitioner_;
  // Who tries whether a time is free.
  std::string visitor_;
};

}  // namespace clinicd::testing
