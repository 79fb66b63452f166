// One connection, many clinics: what a call leaves behind must not reach the next one.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/notification.h"
#include "tests/isolation/world.h"

namespace clinicd::isolation {
namespace {

using appointments::v1::AppointmentService;
using grpc::StatusCode;
using identity::v1::PractitionerService;
using identity::v1::SessionService;
using patients::v1::PatientService;
using testing::Client;

constexpr int kCalls = 10'000;
constexpr int kThreads = 4;
constexpr absl::Duration kPatience = absl::Seconds(60);

// Lists of practitioners take longer than their callers wait.
std::string Slowed(std::string sql) {
  if (!absl::StrContains(sql, "show_inactive")) return sql;
  return absl::StrReplaceAll(
      sql, {{"WHERE clinic_id = :clinic_id",
             "WHERE clinic_id = :clinic_id AND (SELECT pg_sleep(0.006)) IS NOT NULL"}});
}

// Calls of one thread, in turn for each clinic, and what was wrong with the answers.
class Alternating final {
 public:
  explicit Alternating(World& world) : world_(world) {
    for (std::size_t i = 0; i < kClinicCount; ++i) {
      clients_.emplace_back(world.server().Channel(),
                            world.NewTokenFor(world.caller(i, identity::v1::ROLE_OWNER)));
    }
  }

  void Call(int number) {
    clinic_ = static_cast<std::size_t>(number) % kClinicCount;
    switch (number / static_cast<int>(kClinicCount) % 10) {
      case 0:
        return GetOwnPatient();
      case 1:
        return ListPatients();
      case 2:
        return GetForeignPatient();
      case 3:
        return WhoAmI();
      case 4:
        return FailOnVersion();
      case 5:
        return FailOnConstraint();
      case 6:
        return Cancel();
      case 7:
        return RunOutOfTime(absl::Milliseconds(3));
      case 8:
        return RunOutOfTime(-absl::Seconds(1));
      default:
        return ListAppointments();
    }
  }

  const std::vector<std::string>& problems() const { return problems_; }
  // How many calls were cut off.
  int cut_off() const { return cut_off_; }

 private:
  const Client& client() const { return clients_[clinic_]; }

  void Expect(bool good, std::string_view what, const std::string& seen) {
    if (!good)
      problems_.push_back(absl::StrCat("clinic ", clinic_, ": ", std::string(what), ": ", seen));
  }

  // Makes the call until the server knows enough about rights to take it.
  template <typename Stub, typename Request, typename Response>
  testing::Reply<Response> Answered(Stub& stub,
                                    grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                 const Request&, Response*),
                                    const Request& request) {
    const absl::Time give_up = absl::Now() + kPatience;
    while (true) {
      auto reply = client().Call(stub, method, request);
      if (reply.code() != StatusCode::UNAVAILABLE || absl::Now() > give_up) return reply;
    }
  }

  // Whether the text has the canary of the call's clinic and no other's.
  void ExpectOwn(std::string_view what, const std::string& text) {
    for (std::size_t i = 0; i < kClinicCount; ++i) {
      const bool found = absl::StrContains(text, world_.marked(i).canary);
      Expect(found == (i == clinic_), what, text);
    }
  }

  void GetOwnPatient() {
    patients::v1::GetPatientRequest request;
    request.set_id(world_.Standing(clinic_, Source::kPatient));
    const auto reply = Answered(client().patients(), &PatientService::Stub::GetPatient, request);
    Expect(reply.ok(), "own patient", reply.status.error_message());
    ExpectOwn("own patient", reply.response.DebugString());
  }

  void GetForeignPatient() {
    patients::v1::GetPatientRequest request;
    request.set_id(world_.Standing((clinic_ + 1) % kClinicCount, Source::kPatient));
    const auto reply = Answered(client().patients(), &PatientService::Stub::GetPatient, request);
    Expect(reply.code() == StatusCode::NOT_FOUND, "foreign patient", reply.response.DebugString());
  }

  void ListPatients() {
    patients::v1::ListPatientsRequest request;
    request.set_page_size(5);
    const auto reply = Answered(client().patients(), &PatientService::Stub::ListPatients, request);
    Expect(reply.response.patients_size() == 5, "patients", reply.status.error_message());
    ExpectOwn("patients", reply.response.DebugString());
  }

  void ListAppointments() {
    appointments::v1::ListAppointmentsRequest request;
    request.mutable_date()->set_year(2031);
    request.mutable_date()->set_month(3);
    request.mutable_date()->set_day(3);
    const auto reply =
        Answered(client().appointments(), &AppointmentService::Stub::ListAppointments, request);
    Expect(reply.response.appointments_size() == 3, "day", reply.status.error_message());
    ExpectOwn("day", reply.response.DebugString());
  }

  void WhoAmI() {
    const auto reply =
        Answered(client().sessions(), &SessionService::Stub::WhoAmI, identity::v1::WhoAmIRequest());
    Expect(reply.response.clinic().id() == world_.marked(clinic_).clinic.ToString(), "clinic",
           reply.response.DebugString());
  }

  // Ends an open transaction for a reason of the handler's.
  void FailOnVersion() {
    patients::v1::UpdatePatientRequest request;
    request.mutable_patient()->set_id(world_.Standing(clinic_, Source::kPatient));
    request.mutable_patient()->set_given_name("Changed");
    request.mutable_patient()->set_family_name("Changed");
    request.mutable_patient()->mutable_birth_date()->set_year(1990);
    request.mutable_patient()->mutable_birth_date()->set_month(5);
    request.mutable_patient()->mutable_birth_date()->set_day(4);
    request.mutable_patient()->set_etag("\"99\"");
    request.mutable_update_mask()->add_paths("given_name");
    request.set_request_id(world_.server().RequestId());
    const auto reply = Answered(client().patients(), &PatientService::Stub::UpdatePatient, request);
    Expect(reply.code() == StatusCode::ABORTED, "version", reply.response.DebugString());
  }

  // Ends an open transaction for a reason of the database's.
  void FailOnConstraint() {
    patients::v1::CreatePatientRequest request;
    request.mutable_patient()->set_given_name("New");
    request.mutable_patient()->set_family_name("Patient");
    request.mutable_patient()->mutable_birth_date()->set_year(1990);
    request.mutable_patient()->mutable_birth_date()->set_month(5);
    request.mutable_patient()->mutable_birth_date()->set_day(4);
    request.mutable_patient()->set_file_number(world_.Foreign(
        world_.caller(clinic_, identity::v1::ROLE_OWNER), clinic_, Source::kFileNumber, 1));
    request.set_request_id(world_.server().RequestId());
    const auto reply = Answered(client().patients(), &PatientService::Stub::CreatePatient, request);
    Expect(reply.code() == StatusCode::ALREADY_EXISTS, "file number", reply.response.DebugString());
  }

  // Ends the call while the statement runs, unless it was quick.
  void Cancel() {
    grpc::ClientContext context;
    client().Prepare(context);
    const identity::v1::ListPractitionersRequest request;
    identity::v1::ListPractitionersResponse response;
    grpc::Status status;
    absl::Notification done;
    client().practitioners().async()->ListPractitioners(&context, &request, &response,
                                                        [&](grpc::Status result) {
                                                          status = std::move(result);
                                                          done.Notify();
                                                        });
    if (!done.WaitForNotificationWithTimeout(absl::Milliseconds(3))) context.TryCancel();
    done.WaitForNotification();
    ExpectCutOff(status, response);
  }

  void RunOutOfTime(absl::Duration time) {
    const auto reply =
        client().Call(client().practitioners(), &PractitionerService::Stub::ListPractitioners,
                      identity::v1::ListPractitionersRequest(), time);
    ExpectCutOff(reply.status, reply.response);
  }

  void ExpectCutOff(const grpc::Status& status,
                    const identity::v1::ListPractitionersResponse& response) {
    if (status.ok()) return ExpectOwn("practitioners", response.DebugString());
    const bool cut_off = status.error_code() == StatusCode::CANCELLED ||
                         status.error_code() == StatusCode::DEADLINE_EXCEEDED;
    cut_off_ += cut_off ? 1 : 0;
    Expect(cut_off || status.error_code() == StatusCode::UNAVAILABLE, "cut off",
           status.error_message());
  }

  World& world_;
  std::vector<Client> clients_;
  std::size_t clinic_ = 0;
  std::vector<std::string> problems_;
  int cut_off_ = 0;
};

TEST_CASE("One connection serves 10,000 calls of alternating clinics and mixes none of them up",
          "[isolation]") {
  World world({.workers = 1, .rewrite_sql = Slowed});
  std::vector<std::unique_ptr<Alternating>> callers;
  for (int i = 0; i < kThreads; ++i) callers.push_back(std::make_unique<Alternating>(world));
  std::atomic<int> next = 0;
  std::vector<std::thread> threads;
  for (const auto& caller : callers) {
    threads.emplace_back([&next, &caller] {
      for (int number = next++; number < kCalls; number = next++) caller->Call(number);
    });
  }
  for (std::thread& thread : threads) thread.join();

  int cut_off = 0;
  for (const auto& caller : callers) {
    INFO(absl::StrJoin(caller->problems(), "\n").substr(0, 4000));
    CHECK(caller->problems().empty());
    cut_off += caller->cut_off();
  }
  // A tenth of the calls has no time at all, and of the two other tenths most have too little.
  CHECK(cut_off > kCalls / 10);
  const auto sessions = world.superuser().Query(
      "SELECT state, xact_start IS NULL FROM pg_stat_activity "
      "WHERE datname = current_database() AND usename = 'clinicd_app'");
  REQUIRE(sessions.ok());
  REQUIRE(sessions->size() == 1);
  CHECK(sessions->front() == db::AdminConnection::Row{"idle", "t"});
}

}  // namespace
}  // namespace clinicd::isolation
