// `clinicd keys`, as an operator runs it.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/integration/db/vault_scene.h"
#include "tests/support/run_program.h"

namespace clinicd::testing {
namespace {

class Operator final {
 public:
  explicit Operator(const VaultScene& scene) {
    const TestDatabase& database = scene.clinics.database();
    for (const auto& [prefix, role] :
         {std::pair("", "clinicd_app"), std::pair("AUTH_", "clinicd_auth")}) {
      environment_.push_back(absl::StrCat("CLINICD_DB__", prefix,
                                          "CONNINFO=", database.ConninfoWithoutPassword(role)));
      environment_.push_back(absl::StrCat("CLINICD_DB__", prefix,
                                          "PASSWORD_FILE=", database.PasswordFile(role).string()));
    }
    environment_.push_back("CLINICD_KEYS__DIRECTORY=" + scene.key_directory());
  }

  ProgramResult Run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {CLINICD_TEST_BINARY_DIR "/clinicd", "keys"});
    return RunProgram(arguments, environment_);
  }
  int ExitCode(std::vector<std::string> arguments) const {
    const ProgramResult result = Run(std::move(arguments));
    UNSCOPED_INFO(result.output);
    return result.exit_code;
  }
  nlohmann::json Status(int exit_code) const {
    const ProgramResult result = Run({"status", "--json"});
    INFO(result.output);
    CHECK(result.exit_code == exit_code);
    return nlohmann::json::parse(result.output, nullptr, false);
  }

 private:
  std::vector<std::string> environment_;
};

TEST_CASE("keys create makes what is missing, once", "[keys][integration]") {
  const VaultScene scene;
  const Operator keys(scene);
  CHECK(keys.ExitCode({"status"}) == 1);

  const ProgramResult first = keys.Run({"create"});
  const ProgramResult second = keys.Run({"create"});

  CHECK(first.exit_code == 0);
  CHECK(absl::StrContains(first.output, "master-1.key"));
  CHECK(second.exit_code == 0);
  CHECK_FALSE(absl::StrContains(second.output, "master-1.key"));
  CHECK(keys.Status(0)["clinics"].empty());
}

TEST_CASE("keys rotate-* leaves everything readable, and status shows it", "[keys][integration]") {
  VaultScene scene;
  const Operator keys(scene);
  const auto connection = scene.Connect();
  const ClinicId clinic = scene.clinics.AddClinic();
  const PatientId patient = scene.clinics.AddPatient(clinic);
  const SealedValue value = SealValue(*connection, *scene.Process(), clinic, patient);
  const std::string id = clinic.ToString();

  // The slug of these clinics is their id; another text is looked up as one.
  CHECK(keys.ExitCode({"rotate-clinic", "--clinic", id}) == 0);
  CHECK(keys.ExitCode({"rotate-patient", "--clinic", id, "--patient", patient.ToString()}) == 0);
  CHECK(keys.ExitCode({"rotate-master"}) == 0);
  CHECK(keys.ExitCode({"rotate-master", "--retire"}) == 0);
  CHECK(keys.ExitCode({"rotate-clinic", "--clinic", "nobody"}) == 1);
  CHECK(keys.ExitCode({"rotate-clinic", "--clinic", id, "--retire"}) == 1);  // too early

  const nlohmann::json status = keys.Status(0);
  CHECK(status["master_key"] == 2);
  REQUIRE(status["clinics"].size() == 1);
  CHECK(status["clinics"][0]["clinic_id"] == id);
  CHECK(status["clinics"][0]["versions"].size() == 2);
  CHECK(status["clinics"][0]["versions"][1]["data_keys"] == 2);
  CHECK(status["clinics"][0]["under_newest_master"] == true);
  CHECK(OpensAfresh(scene, *connection, value));
}

TEST_CASE("keys shred-* asks first, and then there is no way back", "[keys][integration]") {
  VaultScene scene;
  const Operator keys(scene);
  const auto connection = scene.Connect();
  const ClinicId clinic = scene.clinics.AddClinic();
  const SealedValue gone =
      SealValue(*connection, *scene.Process(), clinic, scene.clinics.AddPatient(clinic));
  const SealedValue kept =
      SealValue(*connection, *scene.Process(), clinic, scene.clinics.AddPatient(clinic));
  const std::vector<std::string> of_patient = {"shred-patient", "--clinic", clinic.ToString(),
                                               "--patient", gone.patient->ToString()};
  const std::vector<std::string> of_clinic = {"shred-clinic", "--clinic", clinic.ToString()};
  const auto confirmed = [](std::vector<std::string> arguments) {
    arguments.emplace_back("--yes-destroy");
    return arguments;
  };

  CHECK(keys.ExitCode(of_patient) == 1);
  CHECK(keys.ExitCode(of_clinic) == 1);
  CHECK(OpensAfresh(scene, *connection, gone));

  CHECK(keys.ExitCode(confirmed(of_patient)) == 0);
  CHECK(IsShredded(OpenValue(*connection, *scene.Process(), gone)));
  CHECK(OpensAfresh(scene, *connection, kept));
  CHECK(keys.Status(0)["clinics"][0]["shredded_patients"] == 1);

  CHECK(keys.ExitCode(confirmed(of_clinic)) == 0);
  CHECK(IsShredded(OpenValue(*connection, *scene.Process(), kept)));
}

TEST_CASE("keys status exits with 2 while something is unfinished", "[keys][integration]") {
  VaultScene scene;
  const Operator keys(scene);
  const auto connection = scene.Connect();
  const auto process = scene.Process();
  const ClinicId clinic = scene.clinics.AddClinic();
  const SealedValue value =
      SealValue(*connection, *process, clinic, scene.clinics.AddPatient(clinic));
  const int what = GENERATE(0, 1, 2);
  if (what == 0) REQUIRE(process->master().AddKey().ok());
  if (what > 0) {
    REQUIRE(process->store()
                .Change(clinic,
                        [&](db::ClinicKeys& changed) {
                          if (what == 1) changed.AddVersion(process->random(), scene.clock.Now());
                          if (what == 2) changed.Shred(value.patient->uuid());
                        })
                .ok());
  }

  CHECK(keys.Status(2)["clinics"].size() == 1);
}

}  // namespace
}  // namespace clinicd::testing
