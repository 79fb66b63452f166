// Files of events, taken out through the API.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_split.h"
#include "services/audit/proof/verifier.h"
#include "tests/support/front_desk.h"
#include "tests/support/log_scene.h"

namespace clinicd::testing {
namespace {

using audit::v1::ExportEventsRequest;
using audit::v1::ExportEventsResponse;
using Stub = audit::v1::AuditService::Stub;

ExportEventsRequest In(audit::v1::ExportFormat format) {
  ExportEventsRequest request;
  request.set_format(format);
  return request;
}

// Without the events of keys.
ExportEventsRequest RecordsOf(const std::string& patient, audit::v1::ExportFormat format) {
  ExportEventsRequest request = In(format);
  request.set_patient_id(patient);
  request.set_category(audit::v1::Event::CATEGORY_RECORD);
  return request;
}

Reply<ExportEventsResponse> Page(const Client& client, const ExportEventsRequest& request) {
  return client.Call(client.audit(), &Stub::ExportEvents, request);
}

// A file, and in how many pages it came.
struct File {
  std::string data;
  int pages = 0;
};

File MustExport(const Client& client, ExportEventsRequest request) {
  File file;
  do {
    const auto page = Page(client, request);
    INFO(page.status.error_message());
    REQUIRE(page.ok());
    file.data += page.response.data();
    ++file.pages;
    request.set_page_token(page.response.next_page_token());
  } while (!request.page_token().empty());
  return file;
}

audit::VerifyOptions VerifyOptionsOf(const LogScene& log) {
  audit::VerifyOptions options;
  options.policy = log.trust();
  return options;
}

audit::Report Verify(const std::string& data, const LogScene& log) {
  std::string_view left = data;
  const auto source = [&left](std::span<char> space) -> absl::StatusOr<std::size_t> {
    const std::size_t count = std::min(space.size(), left.size());
    std::copy_n(left.begin(), count, space.begin());
    left.remove_prefix(count);
    return count;
  };
  const auto report = audit::VerifyExport(source, VerifyOptionsOf(log));
  REQUIRE(report.ok());
  return *report;
}

std::vector<std::string> Lines(const std::string& data) {
  REQUIRE(data.ends_with("\n"));
  return absl::StrSplit(absl::string_view(data).substr(0, data.size() - 1), '\n');
}

// A clinic at work whose owner asks for files.
class Scene {
 public:
  TestServer server;
  FrontDesk desk{server, "a"};
  Client owner = server.SignedIn(desk.clinic(), {identity::v1::ROLE_OWNER});
  LogScene log{server};
};

TEST_CASE("A patient's history leaves in pages that are one proven file", "[audit][integration]") {
  Scene scene;
  patients::v1::Patient ana = scene.desk.Register(PatientForm("Ana", "Li")).response;
  const std::string other = scene.desk.RegisteredPatient("Bo", "Ek");
  for (int i = 0; i < 5; ++i) {
    REQUIRE(scene.desk.GetPatient(ana.id()).ok());
    REQUIRE(scene.desk.GetPatient(other).ok());
  }
  ana.set_family_name("Zubiri");
  REQUIRE(scene.desk.Update(ana, {"family_name"}).ok());
  scene.log.SealAll();
  auto request = RecordsOf(ana.id(), audit::v1::EXPORT_FORMAT_JSON_LINES);
  request.set_page_size(3);
  request.set_view(audit::v1::EVENT_VIEW_FULL);

  const File file = MustExport(scene.owner, request);

  CHECK(file.pages >= 3);
  const audit::Report report = Verify(file.data, scene.log);
  INFO((report.finding ? report.finding->message : ""));
  CHECK(report.verdict() == audit::Verdict::kOk);
  CHECK(report.events == 7);
  std::vector<nlohmann::json> events;
  for (const std::string& line : Lines(file.data)) {
    auto json = nlohmann::json::parse(line);
    if (json.contains("leaf")) events.push_back(json);
  }
  REQUIRE(events.size() == 7);
  for (const auto& event : events) CHECK(event["leaf"]["patient_id"] == ana.id());
  CHECK(events.front()["after"]["family_name"] == "Li");
  CHECK_FALSE(events.front().contains("before"));
  CHECK(events.back()["before"]["family_name"] == "Li");
  CHECK(events.back()["after"]["family_name"] == "Zubiri");
}

TEST_CASE("A file refers to one checkpoint, whatever is sealed between its pages",
          "[audit][integration]") {
  Scene scene;
  const std::string patient = scene.desk.RegisteredPatient();
  for (int i = 0; i < 4; ++i) REQUIRE(scene.desk.GetPatient(patient).ok());
  scene.log.SealAll();
  auto request = RecordsOf(patient, audit::v1::EXPORT_FORMAT_JSON_LINES);
  request.set_page_size(2);
  const auto first = Page(scene.owner, request);
  REQUIRE(first.ok());
  for (int i = 0; i < 300; ++i) REQUIRE(scene.desk.GetPatient(patient).ok());
  scene.log.SealAll();

  request.set_page_token(first.response.next_page_token());
  const File rest = MustExport(scene.owner, request);

  const audit::Report report = Verify(first.response.data() + rest.data, scene.log);
  CHECK(report.verdict() == audit::Verdict::kOk);
  CHECK(report.events == 5);
}

TEST_CASE("A file holds what its filter admits, and a page token is good for it alone",
          "[audit][integration]") {
  Scene scene;
  const std::string patient = scene.desk.RegisteredPatient();
  REQUIRE(scene.desk.GetPatient(patient).ok());
  REQUIRE_FALSE(scene.desk.GetPatient(scene.server.RequestId()).ok());
  scene.log.SealAll();
  auto all = In(audit::v1::EXPORT_FORMAT_JSON_LINES);
  all.set_page_size(1);
  auto refused = In(audit::v1::EXPORT_FORMAT_JSON_LINES);
  refused.set_outcome(audit::v1::EVENT_OUTCOME_REFUSED);
  refused.set_category(audit::v1::Event::CATEGORY_RECORD);
  auto later = In(audit::v1::EXPORT_FORMAT_JSON_LINES);
  later.mutable_start_time()->set_seconds(4'000'000'000);

  CHECK(Verify(MustExport(scene.owner, all).data, scene.log).events >= 3);
  CHECK(Verify(MustExport(scene.owner, refused).data, scene.log).events == 1);
  const audit::Report none = Verify(MustExport(scene.owner, later).data, scene.log);
  CHECK(none.events == 0);
  CHECK(none.verdict() == audit::Verdict::kOk);
  refused.set_page_token(Page(scene.owner, all).response.next_page_token());
  CHECK(Page(scene.owner, refused).reason() == ErrorReason::PAGE_TOKEN_INVALID);
}

TEST_CASE("A table has a row an event, and names", "[audit][integration]") {
  Scene scene;
  const std::string patient = scene.desk.RegisteredPatient();
  REQUIRE(scene.desk.GetPatient(patient).ok());
  scene.log.SealAll();
  auto request = RecordsOf(patient, audit::v1::EXPORT_FORMAT_CSV);
  request.set_page_size(1);

  const File file = MustExport(scene.owner, request);

  const std::vector<std::string> lines = Lines(file.data);
  CHECK(file.pages >= 2);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].starts_with("leaf_index,clinic_id,"));
  CHECK(lines[1].find("PatientService/CreatePatient,OK,") != std::string::npos);
  CHECK(lines[2].find("PatientService/GetPatient,OK,") != std::string::npos);
}

TEST_CASE("FHIR gets an AuditEvent a line", "[audit][integration]") {
  Scene scene;
  const std::string patient = scene.desk.RegisteredPatient();
  scene.log.SealAll();
  auto request = RecordsOf(patient, audit::v1::EXPORT_FORMAT_FHIR);

  const std::vector<std::string> lines = Lines(MustExport(scene.owner, request).data);

  REQUIRE(lines.size() == 1);
  const auto event = nlohmann::json::parse(lines[0]);
  CHECK(event["resourceType"] == "AuditEvent");
  CHECK(event["action"] == "C");
  CHECK(event["entity"][0]["what"]["reference"] == "Patient/" + patient);
}

TEST_CASE("An export is an event itself, and only for who may read the trail",
          "[audit][integration]") {
  Scene scene;
  auto request = In(audit::v1::EXPORT_FORMAT_FHIR);
  CHECK(Page(scene.owner, request).reason() == ErrorReason::AUDIT_LOG_EMPTY);
  const std::string patient = scene.desk.RegisteredPatient();
  scene.log.SealAll();
  request.set_patient_id(patient);

  REQUIRE(Page(scene.owner, request).ok());

  CHECK(Page(scene.desk.client(), request).reason() == ErrorReason::PERMISSION_MISSING);
  audit::v1::ListEventsRequest exports;
  exports.set_category(audit::v1::Event::CATEGORY_EXPORT);
  exports.set_patient_id(patient);
  const auto trail = scene.desk.Trail(exports);
  REQUIRE(trail.size() == 1);
  CHECK(trail[0].method() == "clinicd.audit.v1.AuditService/ExportEvents");
  CHECK(trail[0].outcome() == "OK");
  CHECK(Page(scene.owner, In(audit::v1::EXPORT_FORMAT_UNSPECIFIED)).reason() ==
        ErrorReason::VALIDATION_FAILED);
}

}  // namespace
}  // namespace clinicd::testing
