#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <catch2/catch.hpp>
#include <memory>
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

TEST_CASE("Of 50 clients who race for a slot exactly one gets it, 200 times, complaint 1",
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

// One who tries to get a time in one of the ways there are.
class Contender final {
 public:
  Contender(TestServer& server, const FrontDesk& desk, int number)
      : server_(server),
        client_(
            server.SignedInAs(server.AddUser(desk.clinic(), {identity::v1::ROLE_RECEPTIONIST}))),
        number_(number),
        patient_(desk.RegisteredPatient()),
        // Somewhere else, and with somebody else, so that it can be moved.
        own_(desk.Booked(AppointmentForm(patient_, desk.AddPractitioner(), "2026-12-31T09:00"))) {}

  // What the call came to: its code, or the reason that it gave.
  ErrorReason Try(const std::string& practitioner, const std::string& start) {
    switch (number_ % 4) {
      case 0:
        return Book(AppointmentForm(patient_, practitioner, start));
      case 1:
        return Import(AppointmentForm(patient_, practitioner, start));
      case 2:
        return Hold(practitioner, start);
      default:
        return Move(practitioner, start);
    }
  }

 private:
  ErrorReason Book(const Appointment& form) const {
    appointments::v1::CreateAppointmentRequest request;
    *request.mutable_appointment() = form;
    request.set_request_id(server_.RequestId());
    return client_
        .Call(client_.appointments(), &AppointmentService::Stub::CreateAppointment, request)
        .reason();
  }
  ErrorReason Import(Appointment form) const {
    form.set_external_id(server_.RequestId());
    return Book(form);
  }
  ErrorReason Hold(const std::string& practitioner, const std::string& start) const {
    appointments::v1::HoldSlotRequest request;
    request.mutable_hold()->set_practitioner_id(practitioner);
    request.mutable_hold()->set_local_start(start);
    request.mutable_hold()->set_duration_minutes(30);
    request.set_request_id(server_.RequestId());
    return client_.Call(client_.appointments(), &AppointmentService::Stub::HoldSlot, request)
        .reason();
  }
  ErrorReason Move(const std::string& practitioner, const std::string& start) {
    appointments::v1::RescheduleAppointmentRequest request;
    request.set_id(own_.id());
    request.set_etag(own_.etag());
    request.set_local_start(start);
    request.set_practitioner_id(practitioner);
    request.set_request_id(server_.RequestId());
    const auto moved = client_.Call(client_.appointments(),
                                    &AppointmentService::Stub::RescheduleAppointment, request);
    if (moved.ok()) own_ = moved.response;
    return moved.reason();
  }

  TestServer& server_;
  const Client client_;
  const int number_;
  const std::string patient_;
  Appointment own_;
};

TEST_CASE("Who books, imports, holds or moves at once: one of 24 gets the time, complaint 1",
          "[appointments][integration]") {
  constexpr int kContenders = 24;
  constexpr int kTimes = 50;
  TestServer server;
  const FrontDesk desk(server, "a", "Asia/Kolkata");
  const std::string practitioner = desk.AddPractitioner();
  std::array<Round, kTimes> rounds;
  std::barrier start(kContenders);

  std::vector<std::unique_ptr<Contender>> contenders;
  for (int i = 0; i < kContenders; ++i) {
    contenders.push_back(std::make_unique<Contender>(server, desk, i));
  }
  std::vector<std::thread> threads;
  for (const auto& contender : contenders) {
    threads.emplace_back([&, each = contender.get()] {
      for (int round = 0; round < kTimes; ++round) {
        start.arrive_and_wait();
        const ErrorReason reason = each->Try(practitioner, StartOf(round));
        Round& result = rounds[static_cast<std::size_t>(round)];
        ++(reason == ErrorReason::ERROR_REASON_UNSPECIFIED ? result.booked
           : reason == ErrorReason::APPOINTMENT_SLOT_TAKEN ? result.taken
                                                           : result.others);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  for (const Round& round : rounds) {
    CHECK(round.booked == 1);
    CHECK(round.taken == kContenders - 1);
    CHECK(round.others == 0);
  }
  CHECK(server.database()
            .Connect()
            .QueryValue("SELECT deadlocks FROM pg_stat_database WHERE datname = "
                        "current_database()")
            .value() == "0");
}

TEST_CASE("Of two who confirm one hold at once one books, and the other nothing, complaint 1",
          "[appointments][integration]") {
  constexpr int kTimes = 50;
  TestServer server;
  const FrontDesk desk(server, "a", "Asia/Kolkata");
  const std::string practitioner = desk.AddPractitioner();
  const std::string patients[] = {desk.RegisteredPatient(), desk.RegisteredPatient()};
  const Client& client = desk.client();

  for (int round = 0; round < kTimes; ++round) {
    appointments::v1::HoldSlotRequest hold;
    hold.mutable_hold()->set_practitioner_id(practitioner);
    hold.mutable_hold()->set_local_start(StartOf(round));
    hold.mutable_hold()->set_duration_minutes(30);
    hold.set_request_id(server.RequestId());
    const auto held = client.Call(client.appointments(), &AppointmentService::Stub::HoldSlot, hold);
    REQUIRE(held.ok());
    std::array<Reply<Appointment>, 2> replies;
    std::barrier start(2);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < 2; ++i) {
      threads.emplace_back([&, i] {
        appointments::v1::CreateAppointmentRequest request;
        *request.mutable_appointment() = AppointmentForm(patients[i], practitioner, StartOf(round));
        request.set_hold_id(held.response.id());
        request.set_request_id(server.RequestId());
        start.arrive_and_wait();
        replies[i] = client.Call(client.appointments(),
                                 &AppointmentService::Stub::CreateAppointment, request);
      });
    }
    for (std::thread& thread : threads) thread.join();

    const auto& loser = replies[replies[0].ok() ? 1 : 0];
    CHECK(replies[0].ok() != replies[1].ok());
    CHECK(loser.reason() == ErrorReason::HOLD_NOT_FOUND);
  }
}

}  // namespace
}  // namespace clinicd::testing
