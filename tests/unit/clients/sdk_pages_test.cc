#include "clinicd/sdk/pages.h"

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clinicd/patients/v1/patient_service.grpc.pb.h"

namespace clinicd::sdk {
namespace {

using patients::v1::ListPatientsRequest;
using patients::v1::ListPatientsResponse;
using patients::v1::Patient;
using patients::v1::PatientService;

// Lists seven patients, three a page, and fails once where it is told to.
class SevenPatients final : public PatientService::Service {
 public:
  grpc::Status ListPatients(grpc::ServerContext*, const ListPatientsRequest* request,
                            ListPatientsResponse* response) override {
    tokens.push_back(request->page_token());
    if (request->page_token() == fail_at) {
      fail_at = "never";
      return {grpc::StatusCode::INVALID_ARGUMENT, ""};
    }
    const int from = request->page_token().empty() ? 0 : std::stoi(request->page_token());
    const int to = std::min(from + 3, 7);
    for (int i = from; i < to; ++i) response->add_patients()->set_id(absl::StrCat(i));
    if (to < 7) response->set_next_page_token(absl::StrCat(to));
    return grpc::Status::OK;
  }

  std::vector<std::string> tokens;
  std::string fail_at = "never";
};

struct Fixture {
  Fixture() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service);
    server = builder.BuildAndStart();
    const auto store = std::make_shared<MemoryTokenStore>(
        Tokens{.access_token = "token", .access_expire_time = absl::InfiniteFuture()});
    session = *Session::Resume(server->InProcessChannel({}), store);
    stub = PatientService::NewStub(session->channel());
  }
  SevenPatients service;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<Session> session;
  std::unique_ptr<PatientService::Stub> stub;
};

TEST_CASE("ForEachRow visits the rows of all pages in order", "[sdk][unit]") {
  Fixture fixture;
  std::string ids;

  const absl::Status status =
      ForEachRow(*fixture.session, *fixture.stub, &PatientService::Stub::ListPatients,
                 ListPatientsRequest(), &ListPatientsResponse::patients, [&](const Patient& row) {
                   ids += row.id();
                   return true;
                 });

  CHECK(status.ok());
  CHECK(ids == "0123456");
  CHECK(fixture.service.tokens == std::vector<std::string>{"", "3", "6"});
}

TEST_CASE("ForEachRow fetches no page that nobody asked for", "[sdk][unit]") {
  Fixture fixture;
  std::string ids;

  const absl::Status status =
      ForEachRow(*fixture.session, *fixture.stub, &PatientService::Stub::ListPatients,
                 ListPatientsRequest(), &ListPatientsResponse::patients, [&](const Patient& row) {
                   ids += row.id();
                   return ids.size() < 4;
                 });

  CHECK(status.ok());
  CHECK(ids == "0123");
  CHECK(fixture.service.tokens.size() == 2);
}

TEST_CASE("Pages goes on at the page that failed", "[sdk][unit]") {
  Fixture fixture;
  fixture.service.fail_at = "3";
  Pages<PatientService::Stub, ListPatientsRequest, ListPatientsResponse> pages(
      *fixture.session, *fixture.stub, &PatientService::Stub::ListPatients, {});

  REQUIRE(pages.Next().ok());
  CHECK(absl::IsInvalidArgument(pages.Next().status()));
  const auto again = pages.Next();

  REQUIRE(again.ok());
  REQUIRE(again->has_value());
  CHECK((*again)->patients(0).id() == "3");
  REQUIRE(pages.Next().ok());
  CHECK_FALSE(pages.Next()->has_value());
}

}  // namespace
}  // namespace clinicd::sdk
