#include <catch2/catch.hpp>
#include <sstream>
#include <string>

#include "absl/strings/numbers.h"
#include "tests/support/front_desk.h"

namespace clinicd::testing {
namespace {

// How often the server went to the database for all calls of a method so far.
double RoundTrips(TestServer& server, const std::string& method) {
  std::istringstream lines(server.metrics().Exposition());
  std::string line;
  while (std::getline(lines, line)) {
    const bool sum = line.rfind("clinicd_call_db_round_trips_sum", 0) == 0;
    if (!sum || line.find("\"" + method + "\"") == std::string::npos) continue;
    double value = 0;
    REQUIRE(absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &value));
    return value;
  }
  return 0;
}

TEST_CASE("A read of one statement is one round trip to the database, its trace included",
          "[performance][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const std::string patient = desk.RegisteredPatient();
  const auto booked =
      desk.Booked(AppointmentForm(patient, desk.AddPractitioner(), "2027-03-29T09:00"));

  REQUIRE(desk.GetPatient(patient).ok());
  REQUIRE(desk.GetAppointment(booked.id()).ok());
  REQUIRE(desk.Day(2027, 3, 29).ok());
  REQUIRE(desk.Found("ana li").size() == 1);
  REQUIRE_FALSE(desk.Trail().empty());

  CHECK(RoundTrips(server, "clinicd.patients.v1.PatientService/GetPatient") == 1);
  CHECK(RoundTrips(server, "clinicd.patients.v1.PatientService/SearchPatients") == 1);
  CHECK(RoundTrips(server, "clinicd.appointments.v1.AppointmentService/GetAppointment") == 1);
  CHECK(RoundTrips(server, "clinicd.appointments.v1.AppointmentService/ListAppointments") == 1);
  CHECK(RoundTrips(server, "clinicd.audit.v1.AuditService/ListEvents") == 1);
}

TEST_CASE("A change is one round trip for each statement that it waits for, and one to commit",
          "[performance][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const auto patient = desk.Register(PatientForm()).response;
  const auto booked =
      desk.Booked(AppointmentForm(patient.id(), desk.AddPractitioner(), "2027-03-29T09:00"));
  REQUIRE(desk.Update(patient, {"phone"}).ok());
  REQUIRE(desk.Cancel(booked.id()).ok());

  CHECK(RoundTrips(server, "clinicd.patients.v1.PatientService/CreatePatient") == 2);
  CHECK(RoundTrips(server, "clinicd.patients.v1.PatientService/UpdatePatient") == 3);
  CHECK(RoundTrips(server, "clinicd.appointments.v1.AppointmentService/CreateAppointment") == 2);
  CHECK(RoundTrips(server, "clinicd.appointments.v1.AppointmentService/CancelAppointment") == 2);
}

}  // namespace
}  // namespace clinicd::testing
