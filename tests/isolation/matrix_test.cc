// Whether one clinic can see, change or infer another, whichever guard holds.
#include "tests/isolation/matrix.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/support/test_cluster.h"

namespace clinicd::isolation {
namespace {

using db::AdminConnection;
using Kind = Finding::Kind;

// The log of the database server, which other tests write to as well.
std::string DatabaseLog() {
  const std::ifstream file(testing::TestClusterDirectory() / "server" / "postgresql.log");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Fails where the logs hold what clinics keep.
void CheckLogs(World& world) {
  const std::string server = world.server().Log();
  const std::string database = DatabaseLog();
  REQUIRE_FALSE(database.empty());
  for (std::size_t clinic = 0; clinic < kClinicCount; ++clinic) {
    CHECK_FALSE(absl::StrContains(server, world.marked(clinic).canary));
    CHECK_FALSE(absl::StrContains(database, world.marked(clinic).canary));
  }
}

// How many patients the server's role sees without a clinic.
std::string PatientsWithoutClinic(World& world) {
  absl::StatusOr<AdminConnection> connection = AdminConnection::Open(world.server_conninfo());
  REQUIRE(connection.ok());
  const auto count = connection->QueryValue("SELECT count(*) FROM clinicd.patients");
  REQUIRE(count.ok());
  return *count;
}

void CheckNothingFound(World& world, const Matrix::Options& options = {}) {
  const std::vector<Finding> findings = Matrix(world, options).Run();

  INFO(ToText(findings));
  CHECK(Count(findings, Kind::kForeignRow) == 0);
  CHECK(Count(findings, Kind::kDifference) == 0);
  CHECK(Count(findings, Kind::kForeignChange) == 0);
  CHECK(Count(findings, Kind::kBroken) == 0);
  CheckLogs(world);
}

TEST_CASE("No clinic sees, changes or infers another", "[isolation]") {
  World world;
  REQUIRE(PatientsWithoutClinic(world) == "0");

  CheckNothingFound(world);
}

TEST_CASE("Predicates alone keep clinics apart", "[predicates][isolation]") {
  World world({.guards = Guards::kPredicatesOnly});
  REQUIRE(PatientsWithoutClinic(world) != "0");

  CheckNothingFound(world);
}

TEST_CASE("Row-level security alone keeps clinics apart", "[policies][isolation]") {
  World world({.guards = Guards::kRowSecurityOnly});
  REQUIRE(PatientsWithoutClinic(world) == "0");

  CheckNothingFound(world);

  CHECK(world.remover().removed() > 0);
  CHECK(world.remover().left().empty());
}

TEST_CASE("Without predicates and row-level security the suite finds foreign rows", "[isolation]") {
  World world({.guards = Guards::kNone});

  const std::vector<Finding> findings =
      Matrix(world, {.clinics = {0}, .roles = {identity::v1::ROLE_OWNER}, .request_ids = false})
          .Run();

  CHECK(Count(findings, Kind::kForeignRow) > 0);
  CHECK(Count(findings, Kind::kDifference) > 0);
  CHECK(Count(findings, Kind::kForeignChange) > 0);
}

TEST_CASE("Clinics are kept apart when each transaction is told its clinic by SET LOCAL",
          "[set_local][isolation]") {
  World world({.tenant_mode = db::TenantMode::kSetLocal});

  CheckNothingFound(world,
                    {.clinics = {0, 1},
                     .roles = {identity::v1::ROLE_UNSPECIFIED, identity::v1::ROLE_OWNER,
                               identity::v1::ROLE_RECEPTIONIST, identity::v1::ROLE_PATIENT}});
}

// A statement that fails with the row in its message, as a defect of the server might.
std::string QuotingRows(std::string sql) {
  if (!absl::StrContains(sql, "FROM clinicd.patients WHERE") || absl::StrContains(sql, "LIMIT")) {
    return sql;
  }
  return absl::StrCat(sql, " AND family_name::integer = 1");
}

TEST_CASE("An error that quotes a row leaves no word of it in the answer or in the server's log",
          "[isolation]") {
  World world({.rewrite_sql = QuotingRows});
  const Caller& owner = world.caller(0, identity::v1::ROLE_OWNER);
  const auto client = world.server().SignedInAs(owner.user);
  patients::v1::GetPatientRequest request;
  request.set_id(world.Standing(0, Source::kPatient));

  const auto reply =
      client.Call(client.patients(), &patients::v1::PatientService::Stub::GetPatient, request);

  CHECK(reply.code() == grpc::StatusCode::INTERNAL);
  CHECK(reply.reason() == type::v1::ErrorReason::INTERNAL_DEFECT);
  const std::string& canary = world.marked(0).canary;
  CHECK_FALSE(absl::StrContains(reply.status.error_message(), canary));
  CHECK_FALSE(absl::StrContains(reply.status.error_details(), canary));
  CHECK(absl::StrContains(world.server().Log(), "call_failed"));
  CHECK_FALSE(absl::StrContains(world.server().Log(), canary));
}

}  // namespace
}  // namespace clinicd::isolation
