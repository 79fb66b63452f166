#include <catch2/catch.hpp>

#include "tests/support/front_desk.h"

namespace clinicd::testing {
namespace {

using patients::v1::Patient;
using patients::v1::PatientService;

TEST_CASE("A registered patient can be read", "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  Patient form = PatientForm("José", "Ñandú");
  form.set_sex(patients::v1::SEX_MALE);
  form.set_file_number("A-17");
  form.set_phone("+34 600 123 456");
  form.set_email("jose@example.test");
  form.set_address("1 Calle Mayor\nMadrid");
  form.set_vip(true);
  form.set_alert("Alergia al látex");
  form.set_external_id("synthea:1");

  const Reply<Patient> created = desk.Register(form);
  const Reply<Patient> read = desk.GetPatient(created.response.id());

  REQUIRE(created.ok());
  REQUIRE(read.ok());
  CHECK(read.response.SerializeAsString() == created.response.SerializeAsString());
  CHECK(created.response.etag() == "\"1\"");
  CHECK(created.response.create_time().seconds() > 0);
  Patient entered = created.response;
  entered.clear_id();
  entered.clear_etag();
  entered.clear_create_time();
  entered.clear_update_time();
  CHECK(entered.SerializeAsString() == form.SerializeAsString());
}

TEST_CASE("A patient of another clinic looks like one that does not exist",
          "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const FrontDesk other(server, "b");
  const std::string foreign = other.RegisteredPatient();

  const Reply<Patient> of_other = desk.GetPatient(foreign);
  const Reply<Patient> of_nobody = desk.GetPatient(server.RequestId());

  for (const auto* reply : {&of_other, &of_nobody}) {
    CHECK(reply->code() == grpc::StatusCode::NOT_FOUND);
    CHECK(reply->reason() == ErrorReason::PATIENT_NOT_FOUND);
  }
  CHECK(of_other.status.error_details() == of_nobody.status.error_details());
}

TEST_CASE("CreatePatient keeps one row when the client retries", "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  patients::v1::CreatePatientRequest request;
  *request.mutable_patient() = PatientForm();
  request.set_request_id(server.RequestId());
  const Client& client = desk.client();

  const auto first = client.Call(client.patients(), &PatientService::Stub::CreatePatient, request);
  const auto again = client.Call(client.patients(), &PatientService::Stub::CreatePatient, request);
  request.mutable_patient()->set_given_name("Eva");
  const auto other = client.Call(client.patients(), &PatientService::Stub::CreatePatient, request);

  REQUIRE(first.ok());
  REQUIRE(again.ok());
  CHECK(again.response.SerializeAsString() == first.response.SerializeAsString());
  CHECK(other.code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(other.reason() == ErrorReason::REQUEST_ID_REUSED);
  CHECK(desk.Found("li").size() == 1);
}

TEST_CASE("CreatePatient refuses a birth date after today", "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  Patient form = PatientForm();
  form.mutable_birth_date()->set_year(9000);

  const Reply<Patient> reply = desk.Register(form);

  CHECK(reply.code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(reply.reason() == ErrorReason::VALIDATION_FAILED);
  CHECK(reply.fields() == std::vector<std::string>{"patient.birth_date"});
}

TEST_CASE("File number and external id are unique in a clinic", "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const FrontDesk other(server, "b");
  Patient form = PatientForm();
  form.set_file_number("A-17");
  form.set_external_id("synthea:1");
  const Reply<Patient> first = desk.Register(form);
  REQUIRE(first.ok());

  const Reply<Patient> imported_again = desk.Register(form);
  form.set_external_id("synthea:2");
  const Reply<Patient> same_file_number = desk.Register(form);

  CHECK(imported_again.code() == grpc::StatusCode::ALREADY_EXISTS);
  CHECK(imported_again.reason() == ErrorReason::PATIENT_EXTERNAL_ID_TAKEN);
  CHECK(imported_again.metadata("field") == "patient.external_id");
  CHECK(imported_again.metadata("id") == first.response.id());
  CHECK(same_file_number.code() == grpc::StatusCode::ALREADY_EXISTS);
  CHECK(same_file_number.reason() == ErrorReason::PATIENT_FILE_NUMBER_TAKEN);
  CHECK(same_file_number.metadata("field") == "patient.file_number");
  form.set_external_id("synthea:1");
  CHECK(other.Register(form).ok());
  CHECK(desk.Found("li").size() == 1);
}

TEST_CASE("Patients without file number and external id do not clash", "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");

  CHECK(desk.Register(PatientForm()).ok());
  CHECK(desk.Register(PatientForm()).ok());
}

TEST_CASE("UpdatePatient changes what the mask names, and what the patient is found by",
          "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  Patient patient = desk.Register(PatientForm("Ana", "Li")).response;
  patient.set_family_name("Zubiri");
  patient.set_phone("600 123 456");
  patient.set_given_name("not in the mask");

  const Reply<Patient> updated = desk.Update(patient, {"family_name", "phone"});

  REQUIRE(updated.ok());
  CHECK(updated.response.given_name() == "Ana");
  CHECK(updated.response.family_name() == "Zubiri");
  CHECK(updated.response.phone() == "600 123 456");
  CHECK(updated.response.etag() == "\"2\"");
  CHECK(desk.GetPatient(patient.id()).response.SerializeAsString() ==
        updated.response.SerializeAsString());
  CHECK(desk.Found("zub 3456").size() == 1);
  CHECK(desk.Found("li").empty());
  CHECK(desk.Found("ana").size() == 1);
}

TEST_CASE("UpdatePatient clears what the mask names and the patient leaves out",
          "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  Patient form = PatientForm();
  form.set_file_number("A-17");
  form.set_email("ana@example.test");
  Patient patient = desk.Register(form).response;
  patient.clear_file_number();
  patient.clear_email();

  const Reply<Patient> updated = desk.Update(patient, {"file_number", "email"});

  REQUIRE(updated.ok());
  CHECK(updated.response.file_number().empty());
  CHECK(updated.response.email().empty());
  // The number is free for somebody else.
  CHECK(desk.Register(form).ok());
}

TEST_CASE("A patient's alert changes with everything else, and no search finds it",
          "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  Patient form = PatientForm();
  form.set_alert("Allergic to latex");
  Patient patient = desk.Register(form).response;
  patient.set_alert("Allergic to latex and penicillin");

  const Reply<Patient> updated = desk.Update(patient, {"alert"});
  const auto event = desk.Trail().front();
  patient = updated.response;
  patient.clear_alert();
  const Reply<Patient> cleared = desk.Update(patient, {"alert"});

  REQUIRE(updated.ok());
  CHECK(updated.response.alert() == "Allergic to latex and penicillin");
  CHECK(event.changed_fields_size() == 2);
  CHECK(event.changed_fields(0) == "alert");
  CHECK(event.before().fields().at("alert").string_value() == "Allergic to latex");
  CHECK(event.after().fields().at("alert").string_value() == "Allergic to latex and penicillin");
  CHECK(desk.Found("latex").empty());
  REQUIRE(cleared.ok());
  CHECK(cleared.response.alert().empty());
}

TEST_CASE("An alert is one line of at most 200 characters", "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  Patient form = PatientForm();
  std::string longest;
  for (int i = 0; i < 200; ++i) longest += "ع";

  form.set_alert(longest);
  CHECK(desk.Register(form).ok());
  for (const std::string& alert : {longest + "a", std::string("two\nlines"), std::string("a\tb"),
                                   std::string("two\u2028lines")}) {
    CAPTURE(alert);
    form.set_alert(alert);
    const Reply<Patient> refused = desk.Register(form);
    CHECK(refused.reason() == ErrorReason::VALIDATION_FAILED);
    CHECK(refused.fields() == std::vector<std::string>{"patient.alert"});
  }
}

TEST_CASE("UpdatePatient refuses a lost edit and a missing etag", "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  Patient patient = desk.Register(PatientForm()).response;
  REQUIRE(desk.Update(patient, {"phone"}).ok());

  const Reply<Patient> lost = desk.Update(patient, {"phone"});
  patient.clear_etag();
  const Reply<Patient> blind = desk.Update(patient, {"phone"});

  CHECK(lost.code() == grpc::StatusCode::ABORTED);
  CHECK(lost.reason() == ErrorReason::ETAG_MISMATCH);
  CHECK(blind.code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(blind.reason() == ErrorReason::VALIDATION_FAILED);
  CHECK(blind.fields() == std::vector<std::string>{"patient.etag"});
}

TEST_CASE("UpdatePatient names what it may not change", "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const Patient patient = desk.Register(PatientForm()).response;
  const std::string path = GENERATE("external_id", "id", "etag", "create_time", "*", "no_such");
  CAPTURE(path);

  const Reply<Patient> reply = desk.Update(patient, {path});

  CHECK(reply.code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(reply.reason() == ErrorReason::VALIDATION_FAILED);
  CHECK(reply.fields() == std::vector<std::string>{"update_mask"});
}

TEST_CASE("UpdatePatient refuses what cannot be stored", "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const FrontDesk other(server, "b");
  Patient first_form = PatientForm();
  first_form.set_file_number("A-17");
  REQUIRE(desk.Register(first_form).ok());
  Patient patient = desk.Register(PatientForm()).response;

  Patient taken = patient;
  taken.set_file_number("A-17");
  Patient future = patient;
  future.mutable_birth_date()->set_year(9000);
  Patient foreign = other.Register(PatientForm()).response;

  CHECK(desk.Update(taken, {"file_number"}).reason() == ErrorReason::PATIENT_FILE_NUMBER_TAKEN);
  const Reply<Patient> unborn = desk.Update(future, {"birth_date"});
  CHECK(unborn.reason() == ErrorReason::VALIDATION_FAILED);
  CHECK(unborn.fields() == std::vector<std::string>{"patient.birth_date"});
  const Reply<Patient> absent = desk.Update(foreign, {"phone"});
  CHECK(absent.code() == grpc::StatusCode::NOT_FOUND);
  CHECK(absent.reason() == ErrorReason::PATIENT_NOT_FOUND);
  // Nothing of it happened, tokens included.
  CHECK(desk.GetPatient(patient.id()).response.SerializeAsString() == patient.SerializeAsString());
  CHECK(desk.Found("ana").size() == 2);
}

TEST_CASE("Patients are listed by name, page by page", "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  for (const char* name : {"Cruz", "Abad", "Beltran", "Abad"}) desk.RegisteredPatient("Ana", name);
  desk.RegisteredPatient("Aldo", "Abad");
  const Client& client = desk.client();
  patients::v1::ListPatientsRequest request;
  request.set_page_size(2);

  std::vector<std::string> names;
  int pages = 0;
  do {
    const auto page = client.Call(client.patients(), &PatientService::Stub::ListPatients, request);
    REQUIRE(page.ok());
    CHECK(page.response.patients_size() <= 2);
    for (const Patient& patient : page.response.patients()) {
      names.push_back(patient.family_name() + " " + patient.given_name());
    }
    request.set_page_token(page.response.next_page_token());
    ++pages;
  } while (!request.page_token().empty());

  CHECK(pages == 3);
  CHECK(names ==
        std::vector<std::string>{"Abad Aldo", "Abad Ana", "Abad Ana", "Beltran Ana", "Cruz Ana"});
}

TEST_CASE("The longest names still fit into a page token", "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  std::string name;
  for (int i = 0; i < 100; ++i) name += "𠮷";
  desk.RegisteredPatient(name, name);
  desk.RegisteredPatient(name, name);
  const Client& client = desk.client();
  patients::v1::ListPatientsRequest request;
  request.set_page_size(1);
  const auto first = client.Call(client.patients(), &PatientService::Stub::ListPatients, request);
  REQUIRE(first.ok());
  request.set_page_token(first.response.next_page_token());

  const auto second = client.Call(client.patients(), &PatientService::Stub::ListPatients, request);

  REQUIRE(second.ok());
  CHECK(second.response.patients_size() == 1);
  CHECK(second.response.patients(0).id() != first.response.patients(0).id());
}

TEST_CASE("A page token is good for its own clinic and query only", "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const FrontDesk other(server, "b");
  desk.RegisteredPatient();
  desk.RegisteredPatient();
  patients::v1::SearchPatientsRequest request;
  request.set_query("ana");
  request.set_page_size(1);
  const auto search = [&](const FrontDesk& at) {
    return at.client().Call(at.client().patients(), &PatientService::Stub::SearchPatients, request);
  };
  request.set_page_token(search(desk).response.next_page_token());
  REQUIRE(search(desk).ok());

  CHECK(search(other).reason() == ErrorReason::PAGE_TOKEN_INVALID);
  request.set_query("li");
  CHECK(search(desk).code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(search(desk).reason() == ErrorReason::PAGE_TOKEN_INVALID);
}

TEST_CASE("A search finds patients of the own clinic only, by name", "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const FrontDesk other(server, "b");
  desk.RegisteredPatient("José Ángel", "García");
  desk.RegisteredPatient("Josefa", "Abad");
  other.RegisteredPatient("José", "Elsewhere");

  CHECK(desk.Found("jose") == std::vector<std::string>{"Abad", "García"});
  CHECK(desk.Found("garc ang") == std::vector<std::string>{"García"});
  CHECK(desk.Found("elsewhere").empty());
}

TEST_CASE("A search needs a letter or digit", "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  patients::v1::SearchPatientsRequest request;
  request.set_query("-");

  const auto reply =
      desk.client().Call(desk.client().patients(), &PatientService::Stub::SearchPatients, request);

  CHECK(reply.code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(reply.reason() == ErrorReason::VALIDATION_FAILED);
  CHECK(reply.fields() == std::vector<std::string>{"query"});
}

TEST_CASE("Who may only read patients cannot change them", "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const Client assistant = server.SignedIn(desk.clinic(), {identity::v1::ROLE_ASSISTANT});
  patients::v1::GetPatientRequest get;
  get.set_id(desk.RegisteredPatient());
  patients::v1::CreatePatientRequest create;
  *create.mutable_patient() = PatientForm();
  create.set_request_id(server.RequestId());

  CHECK(assistant.Call(assistant.patients(), &PatientService::Stub::GetPatient, get).ok());
  const auto refused =
      assistant.Call(assistant.patients(), &PatientService::Stub::CreatePatient, create);
  CHECK(refused.code() == grpc::StatusCode::PERMISSION_DENIED);
  CHECK(refused.reason() == ErrorReason::PERMISSION_MISSING);
  CHECK(refused.metadata("permission") == "patients.patient.write");
}

TEST_CASE("A call whose time is up leaves no patient", "[patients][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  patients::v1::CreatePatientRequest request;
  *request.mutable_patient() = PatientForm();
  request.set_request_id(server.RequestId());
  const Client& client = desk.client();

  const auto late = client.Call(client.patients(), &PatientService::Stub::CreatePatient, request,
                                -absl::Seconds(1));

  CHECK(late.code() == grpc::StatusCode::DEADLINE_EXCEEDED);
  CHECK(desk.Found("ana").empty());
}

TEST_CASE("Answers of more than three days ago are deleted, however many there are",
          "[patients][integration]") {
  TestServer first;
  const FrontDesk desk(first, "a");
  desk.RegisteredPatient();
  REQUIRE(first.database()
              .Connect()
              .Query("INSERT INTO clinicd.idempotency_keys (clinic_id, membership_id, request_id, "
                     "method, request_hash, response, created_at) SELECT clinic_id, membership_id, "
                     "gen_random_uuid(), method, request_hash, response, now() - age FROM "
                     "clinicd.idempotency_keys, (VALUES (interval '73 hours', 1500), (interval '71 "
                     "hours', 2)) AS old (age, number), generate_series(1, old.number)")
              .ok());

  {
    // It begins with its first change, and what it does after an answer is done when it stops.
    TestServer second({.database = &first.database(), .key_directory = first.key_directory()});
    const Client client = second.SignedIn(desk.clinic(), {identity::v1::ROLE_RECEPTIONIST});
    for (int change = 0; change < 2; ++change) {
      patients::v1::CreatePatientRequest request;
      *request.mutable_patient() = PatientForm();
      request.set_request_id(second.RequestId());
      REQUIRE(client.Call(client.patients(), &PatientService::Stub::CreatePatient, request).ok());
    }
  }

  CHECK(first.database()
            .Connect()
            .QueryValue("SELECT count(*) FROM clinicd.idempotency_keys WHERE created_at < now() - "
                        "interval '72 hours'")
            .value() == "0");
  CHECK(first.database()
            .Connect()
            .QueryValue("SELECT count(*) FROM clinicd.idempotency_keys WHERE created_at < now() - "
                        "interval '70 hours'")
            .value() == "2");
}

}  // namespace
}  // namespace clinicd::testing
