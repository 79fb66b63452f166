// How long a clinic keeps its audit trail, and what it calls unusual.
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "clinicd/audit/v1/audit_settings_service.grpc.pb.h"
#include "tests/support/front_desk.h"

namespace clinicd::testing {
namespace {

using audit::v1::AuditSettings;
using audit::v1::UpdateAuditSettingsRequest;
using Service = audit::v1::AuditSettingsService;

struct Scene {
  Reply<AuditSettings> Get() const {
    return owner.Call(*stub, &Service::Stub::GetAuditSettings,
                      audit::v1::GetAuditSettingsRequest());
  }
  Reply<AuditSettings> Update(const Client& client, const AuditSettings& wanted,
                              const std::string& field) {
    UpdateAuditSettingsRequest request;
    *request.mutable_audit_settings() = wanted;
    request.mutable_update_mask()->add_paths(field);
    request.set_request_id(server.RequestId());
    return client.Call(*stub, &Service::Stub::UpdateAuditSettings, request);
  }

  TestServer server;
  const FrontDesk desk{server, "a"};
  const Client owner = server.SignedIn(desk.clinic(), {identity::v1::ROLE_OWNER});
  const std::unique_ptr<Service::Stub> stub = Service::NewStub(owner.channel());
};

TEST_CASE("An owner has the trail kept longer, in one field at a time", "[audit][integration]") {
  Scene scene;
  AuditSettings settings = scene.Get().response;
  CHECK(settings.retention_years() == 7);
  CHECK(settings.daily_patients_max() == 100);
  settings.set_retention_years(30);
  settings.set_daily_patients_max(20);

  const auto updated = scene.Update(scene.owner, settings, "retention_years");

  REQUIRE(updated.ok());
  CHECK(updated.response.retention_years() == 30);
  CHECK(updated.response.daily_patients_max() == 100);
  CHECK(scene.Get().response.SerializeAsString() == updated.response.SerializeAsString());
  CHECK(scene.Update(scene.owner, settings, "daily_patients_max").reason() ==
        ErrorReason::ETAG_MISMATCH);
  settings.set_etag(updated.response.etag());
  CHECK(scene.Update(scene.owner, settings, "daily_patients_max").response.daily_patients_max() ==
        20);
  const auto trail = scene.desk.Trail();
  REQUIRE_FALSE(trail.empty());
  CHECK(trail[0].entity_type() == "audit_settings");
}

TEST_CASE("Nobody has events forgotten before patients were promised", "[audit][integration]") {
  Scene scene;
  const AuditSettings settings = scene.Get().response;
  for (const int years : {0, 6, 31}) {
    AuditSettings wanted = settings;
    wanted.set_retention_years(years);
    CHECK(scene.Update(scene.owner, wanted, "retention_years").reason() ==
          ErrorReason::VALIDATION_FAILED);
  }
  for (const int patients : {0, 100001}) {
    AuditSettings wanted = settings;
    wanted.set_daily_patients_max(patients);
    CHECK(scene.Update(scene.owner, wanted, "daily_patients_max").reason() ==
          ErrorReason::VALIDATION_FAILED);
  }
  CHECK(scene.Update(scene.owner, settings, "etag").reason() == ErrorReason::VALIDATION_FAILED);
  AuditSettings blind = settings;
  blind.clear_etag();
  CHECK(scene.Update(scene.owner, blind, "retention_years").reason() ==
        ErrorReason::VALIDATION_FAILED);
  CHECK(scene.Update(scene.desk.client(), settings, "retention_years").reason() ==
        ErrorReason::PERMISSION_MISSING);
  CHECK(scene.Get().response.SerializeAsString() == settings.SerializeAsString());
}

}  // namespace
}  // namespace clinicd::testing
