#include "tests/bench/clinicbench/rpc.h"

#include <catch2/catch.hpp>

#include "clinicd/appointments/v1/appointment_service.pb.h"
#include "clinicd/patients/v1/patient_service.pb.h"
#include "tests/bench/clinicbench/http_driver.h"
#include "tests/bench/clinicbench/pgbench_script.h"
#include "tests/bench/clinicbench/script.h"

namespace clinicd::bench {
namespace {

constexpr Operation kGet{.workload = Workload::kGetPatient, .clinic = 3, .patient = 17};

std::string Patient(int patient, int clinic) {
  patients::v1::Patient proto;
  proto.set_id(PatientIdOf(patient));
  proto.set_given_name(GivenNameOf(patient, clinic));
  return proto.SerializeAsString();
}

Verdict OfPatient(int patient, int clinic) {
  return Judge(kGet, {.message = Patient(patient, clinic)}).verdict;
}

Verdict OfDay(int visits, int practitioner, int clinic) {
  appointments::v1::ListAppointmentsResponse list;
  for (int i = 0; i < visits; ++i) {
    appointments::v1::Appointment& visit = *list.add_appointments();
    visit.set_practitioner_id(PractitionerIdOf(practitioner));
    visit.set_patient_given_name(GivenNameOf(i + 1, clinic));
  }
  const std::string bytes = list.SerializeAsString();
  return Judge({.workload = Workload::kListDay, .clinic = 3, .practitioner = 2}, {.message = bytes})
      .verdict;
}

}  // namespace

TEST_CASE("Only the patient asked for, of the clinic that asked, is right", "[bench][unit]") {
  CHECK(OfPatient(17, 3) == Verdict::kRight);
  CHECK(OfPatient(18, 3) == Verdict::kWrong);
  // The same id in another clinic.
  CHECK(OfPatient(17, 4) == Verdict::kWrong);
  // A number that ends as the right one.
  CHECK(OfPatient(17, 13) == Verdict::kWrong);
  CHECK(Judge(kGet, {.code = 5}).verdict == Verdict::kWrong);
  CHECK(Judge(kGet, {.code = 8}).verdict == Verdict::kRefused);
}

TEST_CASE("Only the whole day of the practitioner is right", "[bench][unit]") {
  CHECK(OfDay(kVisitsOfDay, 2, 3) == Verdict::kRight);
  CHECK(OfDay(kVisitsOfDay - 1, 2, 3) == Verdict::kWrong);
  CHECK(OfDay(kVisitsOfDay, 1, 3) == Verdict::kWrong);
  CHECK(OfDay(kVisitsOfDay, 2, 13) == Verdict::kWrong);
}

TEST_CASE("A JSON answer is judged as a message is", "[bench][unit]") {
  const auto patient = [](int number, int clinic) {
    return "[{\"id\":\"" + PatientIdOf(number) + "\",\"given_name\": \"" +
           GivenNameOf(number, clinic) + "\"}]";
  };
  CHECK(JudgeHttp(kGet, 200, patient(17, 3)).verdict == Verdict::kRight);
  CHECK(JudgeHttp(kGet, 200, patient(18, 3)).verdict == Verdict::kWrong);
  CHECK(JudgeHttp(kGet, 200, patient(17, 13)).verdict == Verdict::kWrong);
  CHECK(JudgeHttp(kGet, 200, "[]").verdict == Verdict::kWrong);
  CHECK(JudgeHttp(kGet, 404, patient(17, 3)).verdict == Verdict::kWrong);
  CHECK(JudgeHttp(kGet, 503, "").verdict == Verdict::kRefused);

  Operation booking{.workload = Workload::kBook};
  constexpr char kTaken[] = R"({"code":"APPOINTMENT_SLOT_TAKEN"})";
  CHECK(JudgeHttp(booking, 409, kTaken).verdict == Verdict::kWrong);
  booking.conflict = true;
  CHECK(JudgeHttp(booking, 409, kTaken).verdict == Verdict::kTaken);
}

TEST_CASE("Every parameter of the statements is known", "[bench][unit]") {
  const auto workload = GENERATE(Workload::kGetPatient, Workload::kListDay,
                                 Workload::kSearchPatients, Workload::kBook, Workload::kCheckIn);
  const auto script = ScriptOf(workload, {});

  REQUIRE(script);
  CHECK(script->unknown == std::vector<std::string>());
}

TEST_CASE("pgbench gets the statements of a read, and nothing of clinicd's parameters is left",
          "[bench][unit]") {
  const auto workload =
      GENERATE(Workload::kGetPatient, Workload::kListDay, Workload::kSearchPatients);
  const auto alike = PgbenchAlike(workload, {}, {});

  REQUIRE(alike);
  CHECK(alike->statements.size() == 3);
  CHECK_FALSE(PgbenchScript(workload, {}, {}, Spread::kZipf, false).empty());
  CHECK(PgbenchScript(Workload::kBook, {}, {}, Spread::kZipf, false).empty());
}

}  // namespace clinicd::bench
