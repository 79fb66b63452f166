#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "services/appointments/appointment_convert.h"
#include "tests/support/front_desk.h"

namespace clinicd::testing {
namespace {

using appointments::v1::Appointment;
using appointments::v1::AppointmentService;

constexpr int kClients = 50;
constexpr int kRounds = 200;

// What the calls of one round came to.
struct Round {
  std::atomic<int> booked = 0;
  std::atomic<int> taken = 0;
  std::atomic<int> others = 0;
};

// A new slot a round, every half hour.
std::string StartOf(int round) {
  return appointments::FormatLocal(absl::CivilMinute(2027, 3, 1, 8, 0) + 30 * round);
}

TEST_CASE("Of 50 clients who race for a slot exactly one gets it, 200 times",
          "[appointments][integration]") {
  TestServer server;
  // Clocks change nowhere, so that every slot exists.
  const FrontDesk desk(server, "a", "Asia/Kolkata");
  const std::string patient = desk.RegisteredPatient();
  const std::string practitioner = desk.AddPractitioner();
  std::array<Round, kRounds> rounds;
  std::barrier start(kClients);

  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&, client = server.SignedInAs(server.AddUser(
                                 desk.clinic(), {identity::v1::ROLE_RECEPTIONIST}))] {
      for (int round = 0; round < kRounds; ++round) {
        appointments::v1::CreateAppointmentRequest request;
        *request.mutable_appointment() = AppointmentForm(patient, practitioner, StartOf(round));
        request.set_request_id(server.RequestId());
        start.arrive_and_wait();
        const Reply<Appointment> reply = client.Call(
            client.appointments(), &AppointmentService::Stub::CreateAppointment, request);
        Round& result = rounds[static_cast<std::size_t>(round)];
        if (reply.ok()) {
          ++result.booked;
        } else if (reply.reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN) {
          ++result.taken;
        } else {
          ++result.others;
        }
      }
    });
  }
  for (std::thread& client : clients) client.join();

  CHECK(std::all_of(rounds.begin(), rounds.end(), [](const Round& round) {
    return round.booked == 1 && round.taken == kClients - 1 && round.others == 0;
  }));
  db::AdminConnection superuser = server.database().Connect();
  CHECK(superuser.QueryValue("SELECT count(*) FROM clinicd.appointments").value() ==
        std::to_string(kRounds));
  CHECK(superuser
            .QueryValue("SELECT deadlocks FROM pg_stat_database WHERE datname = "
                        "current_database()")
            .value() == "0");
}

}  // namespace
}  // namespace clinicd::testing
