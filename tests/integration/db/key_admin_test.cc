#include "db/vault/key_admin.h"

#include <catch2/catch.hpp>
#include <vector>

#include "tests/integration/db/vault_scene.h"

namespace clinicd::testing {
namespace {

namespace fs = std::filesystem;

constexpr int kPatients = 7;

// A clinic with sealed values of some patients and of its own.
struct Clinic {
  explicit Clinic(VaultScene& in)
      : scene(in),
        connection(in.Connect()),
        process(in.Process()),
        office(in.clinics.database().app(), *process, {.batch = 3}),
        id(in.clinics.AddClinic()) {
    for (int i = 0; i < kPatients; ++i) {
      patients.push_back(in.clinics.AddPatient(id));
      values.push_back(SealValue(*connection, *process, id, patients.back()));
    }
    values.push_back(SealValue(*connection, *process, id, std::nullopt));
  }

  // How many values open for a process that has read no key yet.
  int CountOpen() const {
    int count = 0;
    const auto fresh = scene.Process();
    for (const SealedValue& value : values) {
      const Opened opened = OpenValue(*connection, *fresh, value);
      if (opened.ok() && *opened == std::optional<std::string>(kText)) ++count;
    }
    return count;
  }
  db::KeyAdmin& admin() { return office.admin(); }
  db::KeyAdmin::ClinicStatus Status() { return office.admin().Status(id).value(); }
  // The rows of data_keys, as statements that bring them back.
  std::string Rows() const {
    return scene.Value(
        "SELECT string_agg(format('INSERT INTO clinicd.data_keys VALUES (%L, %L, %s, %s, %L, %L) "
        "ON "
        "CONFLICT (clinic_id, subject_id, version) DO UPDATE SET clinic_key_version = "
        "EXCLUDED.clinic_key_version, wrapped = EXCLUDED.wrapped', clinic_id, subject_id, version, "
        "clinic_key_version, wrapped, created_at), '; ') FROM clinicd.data_keys");
  }
  void Restore(const std::string& rows) const {
    REQUIRE(scene.clinics.database().Connect().Execute(rows).ok());
  }

  VaultScene& scene;
  std::unique_ptr<db::Connection> connection;
  std::unique_ptr<VaultProcess> process;
  KeyOffice office;
  ClinicId id;
  std::vector<PatientId> patients;
  std::vector<SealedValue> values;
};

const db::KeyAdmin::Advance kQuiet = [](std::int64_t) {};

TEST_CASE("Rotating a clinic's key wraps every data key anew and loses none",
          "[vault][integration]") {
  VaultScene scene;
  Clinic clinic(scene);
  std::int64_t advanced = 0;

  const auto rotation =
      clinic.admin().RotateClinic(clinic.id, [&](std::int64_t count) { advanced += count; });

  REQUIRE(rotation.ok());
  CHECK(rotation->version == 2);
  CHECK(rotation->rewrapped == kPatients + 1);
  CHECK(advanced == kPatients + 1);
  CHECK(scene.Value("SELECT count(*) FROM clinicd.data_keys WHERE clinic_key_version = 2") == "8");
  CHECK(clinic.CountOpen() == kPatients + 1);
  // The process that sealed them has older keys in its memory.
  for (const SealedValue& value : clinic.values) {
    CHECK(OpenValue(*clinic.connection, *clinic.process, value).value() == kText);
  }
  CHECK(scene.CountEvents("rotate-clinic") == "2");
  const auto status = clinic.Status();
  REQUIRE(status.versions.size() == 2);
  CHECK(status.versions[0].data_keys == 0);
  CHECK(status.versions[1].data_keys == kPatients + 1);
}

TEST_CASE("A rotation that was interrupted is finished before another begins",
          "[vault][integration]") {
  VaultScene scene;
  Clinic clinic(scene);
  REQUIRE(clinic.process->store()
              .Change(clinic.id,
                      [&](db::ClinicKeys& keys) {
                        keys.AddVersion(clinic.process->random(), scene.clock.Now());
                      })
              .ok());
  REQUIRE(clinic.CountOpen() == kPatients + 1);

  CHECK(clinic.admin().RotateClinic(clinic.id, kQuiet)->version == 2);
  CHECK(scene.CountEvents("rotate-clinic") == "1");
  CHECK(clinic.admin().RotateClinic(clinic.id, kQuiet)->version == 3);
  CHECK(clinic.CountOpen() == kPatients + 1);
}

TEST_CASE("A retired version opens nothing any more, and only an old one is retired",
          "[vault][integration]") {
  VaultScene scene;
  Clinic clinic(scene);
  const std::string backup = clinic.Rows();
  REQUIRE(clinic.admin().RotateClinic(clinic.id, kQuiet).ok());

  scene.clock.Advance(absl::Hours(1) - absl::Seconds(1));
  CHECK(absl::IsFailedPrecondition(clinic.admin().RetireClinic(clinic.id, kQuiet).status()));
  scene.clock.Advance(absl::Seconds(1));
  CHECK(clinic.admin().RetireClinic(clinic.id, kQuiet)->retired == 1);

  CHECK(clinic.CountOpen() == kPatients + 1);
  CHECK(clinic.Status().versions.size() == 1);
  CHECK(scene.CountEvents("rotate-clinic --retire") == "1");
  clinic.Restore(backup);
  CHECK(clinic.CountOpen() == 0);
  CHECK(
      KeysUnavailable(OpenValue(*clinic.connection, *scene.Process(), clinic.values[0]).status()));
}

TEST_CASE("Retiring wraps first what was made under the version before", "[vault][integration]") {
  VaultScene scene;
  Clinic clinic(scene);
  const std::string late = clinic.Rows();
  REQUIRE(clinic.admin().RotateClinic(clinic.id, kQuiet).ok());
  clinic.Restore(late);
  scene.clock.Advance(absl::Hours(1));

  REQUIRE(clinic.admin().RetireClinic(clinic.id, kQuiet).ok());

  CHECK(clinic.CountOpen() == kPatients + 1);
}

TEST_CASE("A new data key seals what comes, the one before opens what is there",
          "[vault][integration]") {
  VaultScene scene;
  Clinic clinic(scene);
  const PatientId patient = clinic.patients[0];

  CHECK(clinic.admin().RotateDataKey(clinic.id, patient).value() == 2);
  CHECK(clinic.admin().RotateDataKey(clinic.id, std::nullopt).value() == 2);

  scene.clock.Advance(absl::Seconds(60));
  clinic.values.push_back(SealValue(*clinic.connection, *clinic.process, clinic.id, patient));
  CHECK(db::VersionOfSealed(clinic.values.front().sealed) == 1);
  CHECK(db::VersionOfSealed(clinic.values.back().sealed) == 2);
  CHECK(clinic.CountOpen() == kPatients + 2);
  CHECK(scene.CountEvents("rotate-patient") == "2");
  CHECK(absl::IsFailedPrecondition(
      clinic.admin().RotateDataKey(clinic.id, scene.clinics.AddPatient(clinic.id)).status()));
}

TEST_CASE("A shredded patient's values are gone for ever, nobody else's are",
          "[vault][integration]") {
  VaultScene scene;
  Clinic clinic(scene);
  const std::string backup = clinic.Rows();
  const SealedValue& gone = clinic.values[2];
  const bool rotates = GENERATE(false, true);

  CHECK(clinic.admin().ShredPatient(clinic.id, *gone.patient).value() == 1);
  clinic.process->vault().Forget(clinic.id, *gone.patient);
  if (rotates) REQUIRE(clinic.admin().RotateClinic(clinic.id, kQuiet).ok());

  CHECK(IsShredded(OpenValue(*clinic.connection, *clinic.process, gone)));
  CHECK(clinic.CountOpen() == kPatients);
  {
    db::TenantTx tx(*clinic.connection, {.clinic = clinic.id});
    const auto sealed = clinic.process->vault().Seal(tx, gone.patient, PlaceOf({}), kText);
    CHECK(absl::IsFailedPrecondition(sealed.status()));
    CHECK(status::ReasonOf(sealed.status()) == status::ErrorReason::RECORD_SHREDDED);
  }
  clinic.Restore(backup);
  CHECK(clinic.CountOpen() == kPatients);
  CHECK(IsShredded(OpenValue(*clinic.connection, *scene.Process(), gone)));
  CHECK(scene.CountEvents("shred-patient") == "1");
}

TEST_CASE("What another process shredded is gone from memory within a minute",
          "[vault][integration]") {
  VaultScene scene;
  Clinic clinic(scene);
  const auto other = scene.Process();
  const SealedValue& gone = clinic.values[0];
  REQUIRE(OpenValue(*clinic.connection, *other, gone).value() == kText);
  REQUIRE(clinic.admin().ShredPatient(clinic.id, *gone.patient).ok());

  scene.clock.Advance(absl::Seconds(60));

  CHECK(IsShredded(OpenValue(*clinic.connection, *other, gone)));
}

TEST_CASE("Shredding that was interrupted shows, and is finished by shredding again",
          "[vault][integration]") {
  VaultScene scene;
  Clinic clinic(scene);
  const SealedValue& gone = clinic.values[2];
  // As after a crash between the file and the commit.
  REQUIRE(clinic.process->store()
              .Change(clinic.id, [&](db::ClinicKeys& keys) { keys.Shred(gone.patient->uuid()); })
              .ok());
  CHECK(IsShredded(OpenValue(*clinic.connection, *scene.Process(), gone)));
  CHECK(clinic.Status().unfinished == 1);
  CHECK(clinic.admin().RotateClinic(clinic.id, kQuiet)->shredded == 1);

  CHECK(clinic.admin().ShredPatient(clinic.id, *gone.patient).value() == 1);

  CHECK(clinic.Status().unfinished == 0);
  CHECK(clinic.Status().shredded_patients == 1);
  CHECK(clinic.CountOpen() == kPatients);
}

TEST_CASE("A shredding that fails before the end shreds nothing", "[vault][integration]") {
  VaultScene scene;
  Clinic clinic(scene);
  REQUIRE(scene.clinics.database()
              .Connect()
              .Execute("REVOKE INSERT ON clinicd.audit_events FROM clinicd_app")
              .ok());

  CHECK_FALSE(clinic.admin().ShredPatient(clinic.id, clinic.patients[0]).ok());
  CHECK_FALSE(clinic.admin().ShredClinic(clinic.id).ok());
  CHECK_FALSE(clinic.admin().RotateClinic(clinic.id, kQuiet).ok());

  CHECK(clinic.CountOpen() == kPatients + 1);
  CHECK(clinic.Status().versions.size() == 1);
}

TEST_CASE("A shredded clinic's values are gone for ever, another's are not",
          "[vault][integration]") {
  VaultScene scene;
  Clinic clinic(scene);
  const Clinic other(scene);
  const std::string backup = clinic.Rows();

  CHECK(clinic.admin().ShredClinic(clinic.id).value() == kPatients + 1);
  clinic.process->vault().Forget(clinic.id);

  CHECK(IsShredded(OpenValue(*clinic.connection, *clinic.process, clinic.values[0])));
  CHECK(clinic.CountOpen() == 0);
  CHECK(other.CountOpen() == kPatients + 1);
  CHECK_FALSE(fs::exists(clinic.process->store().PathOf(clinic.id)));
  clinic.Restore(backup);
  CHECK(IsShredded(OpenValue(*clinic.connection, *scene.Process(), clinic.values[0])));
  CHECK(clinic.Status().unfinished == kPatients + 1);
  // No new key takes the place of the destroyed one.
  db::TenantTx tx(*clinic.connection, {.clinic = clinic.id});
  CHECK(status::ReasonOf(
            clinic.process->vault().Seal(tx, std::nullopt, PlaceOf({}), kText).status()) ==
        status::ErrorReason::RECORD_SHREDDED);
  tx.Rollback();
  CHECK(clinic.admin().ShredClinic(clinic.id).value() == kPatients + 1);
  CHECK(clinic.Status().unfinished == 0);
}

TEST_CASE("A new master key wraps the files of all clinics, and the old one opens none",
          "[vault][integration]") {
  VaultScene scene;
  Clinic clinic(scene);
  const Clinic other(scene);
  const std::string path = clinic.process->store().PathOf(clinic.id);
  fs::copy_file(path, path + ".copy");

  CHECK(clinic.admin().RotateMaster(false, kQuiet)->rewrapped == 2);
  CHECK(clinic.CountOpen() == kPatients + 1);
  CHECK(other.CountOpen() == kPatients + 1);
  CHECK(clinic.Status().under_newest_master);
  CHECK(scene.CountEvents("rotate-master") == "2");

  CHECK(clinic.admin().RotateMaster(true, kQuiet)->retired == 1);
  CHECK(clinic.admin().RotateMaster(true, kQuiet)->number == 2);
  CHECK(other.CountOpen() == kPatients + 1);
  // The process that has sealed knows no other master key than the first.
  CHECK(OpenValue(*clinic.connection, *clinic.process, clinic.values[0]).ok());
  fs::rename(path + ".copy", path);
  CHECK(clinic.CountOpen() == 0);
}

TEST_CASE("A rotation of the master key that was interrupted goes on with the same key",
          "[vault][integration]") {
  VaultScene scene;
  Clinic clinic(scene);
  const Clinic other(scene);
  REQUIRE(clinic.process->master().AddKey().value() == 2);
  REQUIRE(clinic.process->store().Rewrap(other.id).ok());
  CHECK_FALSE(clinic.Status().under_newest_master);

  const auto rotation = clinic.admin().RotateMaster(false, kQuiet);

  CHECK(rotation->number == 2);
  CHECK(rotation->rewrapped == 1);
  CHECK(clinic.CountOpen() == kPatients + 1);
}

}  // namespace
}  // namespace clinicd::testing
