// When a probe runs, and what is left of one that ended early.
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "db/isolation/canary_clinics.h"
#include "services/identity/builtin_roles.h"
#include "services/server/clinic_vault.h"
#include "services/server/isolation/isolation_run.h"
#include "services/server/isolation_job.h"
#include "tests/isolation/api_methods.h"
#include "tests/support/test_server.h"

namespace clinicd::testing {
namespace {

using isolation::IsolationProbe;
using isolation::IsolationRun;

constexpr absl::CivilDay kNight(2027, 5, 4);

// A server, and runs that the test makes.
class Scene {
 public:
  Scene()
      : north(server.AddClinic("north")),
        south(server.AddClinic("south")),
        logger_(log::Logger::Open(log::Level::kWarning, "-", clock_).value()),
        vault_(server::ClinicVault::Open({.key_directory = server.key_directory().string(),
                                          .credential_directory = "",
                                          .clock = clock_,
                                          .random = random_,
                                          .logger = *logger_})
                   .value()),
        ids_(clock_, random_),
        pool_({.connection = {.conninfo = server.database().app(), .mode = {}, .rewrite_sql = {}},
               .workers = 1,
               .queue_max = 4},
              clock_),
        runner_(pool_, clock_, ids_,
                {.role_names = identity::RoleNames,
                 .audit = {.node = "test", .build = "test", .sealer = &vault_->sealer()}}),
        issuer_({.runner = runner_, .clock = clock_, .ids = ids_}) {}

  IsolationProbe Probe(std::span<const isolation::MethodCase> cases = {}) {
    return IsolationProbe({.app_conninfo = server.database().app(),
                           .channel = server.application().grpc().InProcessChannel(),
                           .methods = isolation::ApiMethods(),
                           .signing_keys = server.keys().signing_keys(),
                           .clock = clock_,
                           .ids = ids_,
                           .cases = cases});
  }

  // A run for these clinics.
  absl::StatusOr<std::optional<IsolationRun::Report>> RunOnce(
      const std::vector<ClinicId>& clinics) {
    const IsolationProbe probe = Probe();
    const IsolationRun run({.probe = probe,
                            .issuer = issuer_,
                            .clock = clock_,
                            .list_clinics = [&clinics] { return clinics; },
                            .release = "test",
                            .node = "test"});
    return run.RunOnce(kNight, [this](std::string_view, std::size_t) {
      ++looked;
      return go_on;
    });
  }

  std::string Count(const ClinicId& clinic) {
    auto superuser = server.database().Connect();
    const auto count = superuser.QueryValue(
        "SELECT (SELECT count(*) FROM clinicd.isolation_certificates WHERE clinic_id = $1 "
        "AND probed_on = '2027-05-04') || ' ' || (SELECT count(*) FROM clinicd.audit_events "
        "WHERE clinic_id = $1 AND method = 'clinicd isolation probe')",
        {clinic.ToString()});
    REQUIRE(count.ok());
    return *count;
  }

  TestServer server;
  const TestClinic north;
  const TestClinic south;
  int looked = 0;
  bool go_on = true;

 private:
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<log::Logger> logger_;
  std::unique_ptr<server::ClinicVault> vault_;
  IdSource ids_;
  db::Pool pool_;
  db::TransactionRunner runner_;
  audit::CertificateIssuer issuer_;
};

TEST_CASE("A run that ended between clinics is finished without a second probe", "[isolation]") {
  Scene scene;
  const ClinicId north = scene.north.id;
  const ClinicId south = scene.south.id;
  const auto nobody = ClinicId::Parse(scene.server.NewUuid().ToString());

  // There is no such clinic, so that nobody after it gets the certificate.
  const auto broken = scene.RunOnce({north, *nobody, south});
  CHECK_FALSE(broken.ok());
  CHECK(scene.Count(north) == "1 1");
  CHECK(scene.Count(*nobody) == "0 0");
  CHECK(scene.Count(south) == "0 0");

  scene.looked = 0;
  const auto resumed = scene.RunOnce({north, south});
  REQUIRE(resumed.ok());
  REQUIRE(resumed->has_value());
  CHECK((*resumed)->issued == 1);
  CHECK(scene.looked == 0);
  CHECK(scene.Count(north) == "1 1");
  CHECK(scene.Count(south) == "1 1");

  const auto again = scene.RunOnce({north, south});
  REQUIRE(again.ok());
  CHECK_FALSE(again->has_value());
  CHECK(scene.looked == 0);
}

TEST_CASE("A probe that is stopped leaves no certificate, and the next one is whole",
          "[isolation]") {
  Scene scene;
  scene.go_on = false;

  const auto stopped = scene.RunOnce({scene.north.id});
  CHECK(absl::IsCancelled(stopped.status()));
  CHECK(scene.Count(scene.north.id) == "0 0");

  scene.go_on = true;
  const auto whole = scene.RunOnce({scene.north.id});
  REQUIRE(whole.ok());
  CHECK((*whole)->certificate.finding_count == 0);
  CHECK(scene.Count(scene.north.id) == "1 1");
}

TEST_CASE("A method that nobody wrote a case for is a finding", "[isolation]") {
  Scene scene;
  const auto all = isolation::MethodCases();
  const std::vector<isolation::MethodCase> rest(all.begin() + 1, all.end());

  const auto result = scene.Probe(rest).Run([](std::string_view, std::size_t) { return true; });

  REQUIRE(result.ok());
  REQUIRE(result->breaches.size() == 1);
  CHECK(result->breaches[0].what == "METHOD_NOT_PROBED");
  CHECK(result->breaches[0].where == absl::StrCat("method ", std::string(all[0].method)));
}

TEST_CASE("A night begins at its hour and is due for six hours", "[isolation]") {
  const auto at = [](int day, int hour) {
    return absl::FromCivil(absl::CivilHour(2027, 5, day, hour), absl::UTCTimeZone());
  };

  CHECK_FALSE(server::NightDue(at(4, 3) - absl::Seconds(1), 3).has_value());
  CHECK(server::NightDue(at(4, 3), 3) == kNight);
  CHECK(server::NightDue(at(4, 9) - absl::Seconds(1), 3) == kNight);
  CHECK_FALSE(server::NightDue(at(4, 9), 3).has_value());
  // Over midnight it is still the same night.
  CHECK(server::NightDue(at(5, 1), 22) == kNight);
  CHECK_FALSE(server::NightDue(at(4, 3), -1).has_value());
}

}  // namespace
}  // namespace clinicd::testing
