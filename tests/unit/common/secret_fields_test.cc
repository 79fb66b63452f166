#include "common/rpc/secret_fields.h"

#include <catch2/catch.hpp>

#include "clinicd/appointments/v1/calendar_feed_service.pb.h"
#include "clinicd/identity/v1/session_service.pb.h"
#include "clinicd/patients/v1/patient_service.pb.h"
#include "common/rpc/call.h"

namespace clinicd::rpc {
namespace {

using appointments::v1::CreateCalendarFeedResponse;

identity::v1::SignInResponse SignedIn() {
  identity::v1::SignInResponse response;
  response.mutable_tokens()->set_access_token("access");
  response.mutable_tokens()->set_refresh_token("refresh");
  response.mutable_session()->set_id("kept");
  return response;
}

TEST_CASE("Secrets are removed at any depth, and nothing else is", "[secrets][unit]") {
  identity::v1::SignInResponse response = SignedIn();

  ClearSecrets(response);

  CHECK(response.has_tokens());
  CHECK(response.tokens().access_token().empty());
  CHECK(response.tokens().refresh_token().empty());
  CHECK(response.session().id() == "kept");
}

TEST_CASE("A type may hold secrets if a field at any depth is one", "[secrets][unit]") {
  CHECK(MayHoldSecrets(*identity::v1::SignInResponse::descriptor()));
  CHECK(MayHoldSecrets(*CreateCalendarFeedResponse::descriptor()));
  CHECK(MayHoldSecrets(*identity::v1::SignInRequest::descriptor()));
  CHECK_FALSE(MayHoldSecrets(*appointments::v1::CalendarFeed::descriptor()));
  CHECK_FALSE(MayHoldSecrets(*patients::v1::ListPatientsResponse::descriptor()));
}

TEST_CASE("An audit row has no secrets", "[secrets][unit]") {
  const identity::v1::SignInResponse response = SignedIn();

  const std::string json = AuditJson(&response);

  CHECK(json.find("kept") != std::string::npos);
  CHECK(json.find("access\"") == std::string::npos);
  CHECK(json.find("refresh\"") == std::string::npos);
  // What is audited stays as it is.
  CHECK(response.tokens().access_token() == "access");
}

}  // namespace
}  // namespace clinicd::rpc
