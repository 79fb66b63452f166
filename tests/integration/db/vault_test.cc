#include "db/vault/vault.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "db/admin/backoff.h"
#include "db/queries/runner.h"
#include "db/queries/vault.h"
#include "tests/integration/db/vault_scene.h"

namespace clinicd::testing {
namespace {

namespace fs = std::filesystem;

TEST_CASE("What one process sealed another opens, for patients and for clinics",
          "[vault][integration]") {
  VaultScene scene;
  const auto connection = scene.Connect();
  const auto process = scene.Process();
  const ClinicId clinic = scene.clinics.AddClinic();
  const bool of_patient = GENERATE(true, false);
  const auto patient = of_patient ? std::optional(scene.clinics.AddPatient(clinic)) : std::nullopt;
  const std::string text = GENERATE(std::string(), std::string(kText), std::string(100'000, 'x'));

  const SealedValue value = SealValue(*connection, *process, clinic, patient, text);

  CHECK(OpensAfresh(scene, *connection, value, text));
  CHECK(OpenValue(*connection, *process, value).value() == text);
  if (!text.empty()) CHECK_FALSE(absl::StrContains(value.sealed, text));
}

TEST_CASE("A value that was moved never opens", "[vault][integration]") {
  VaultScene scene;
  const auto connection = scene.Connect();
  const auto process = scene.Process();
  const ClinicId clinic = scene.clinics.AddClinic();
  const ClinicId other_clinic = scene.clinics.AddClinic();
  const PatientId patient = scene.clinics.AddPatient(clinic);
  const PatientId other_patient = scene.clinics.AddPatient(clinic);
  const SealedValue value = SealValue(*connection, *process, clinic, patient);
  SealValue(*connection, *process, clinic, other_patient);
  SealValue(*connection, *process, clinic, std::nullopt);
  SealValue(*connection, *process, other_clinic, patient);
  const auto moved_to = [&](const SealedValue& moved, std::string_view table,
                            std::string_view column) {
    db::TenantTx tx(*connection, {.clinic = moved.clinic});
    return process->vault().Open(
        tx, moved.patient, {.table = table, .column = column, .row = moved.row}, moved.sealed);
  };

  SealedValue moved = value;
  CHECK(moved_to(moved, "notes", "text").ok());
  CHECK(IsDamaged(moved_to(moved, "letters", "text")));
  CHECK(IsDamaged(moved_to(moved, "notes", "title")));
  moved.row = process->ids().NewUuid();
  CHECK(IsDamaged(OpenValue(*connection, *process, moved)));
  moved = value;
  moved.patient = other_patient;
  CHECK(IsDamaged(OpenValue(*connection, *process, moved)));
  moved.patient = std::nullopt;
  CHECK(IsDamaged(OpenValue(*connection, *process, moved)));
  moved = value;
  moved.clinic = other_clinic;
  CHECK(IsDamaged(OpenValue(*connection, *process, moved)));
  moved = value;
  moved.sealed[4] = 9;  // a version that there is not
  CHECK(IsDamaged(OpenValue(*connection, *process, moved)));
}

TEST_CASE("Data keys that were changed or moved in the database open nothing",
          "[vault][integration]") {
  VaultScene scene;
  const auto connection = scene.Connect();
  const auto process = scene.Process();
  const ClinicId clinic = scene.clinics.AddClinic();
  const PatientId patient = scene.clinics.AddPatient(clinic);
  const PatientId other = scene.clinics.AddPatient(clinic);
  const SealedValue value = SealValue(*connection, *process, clinic, patient);
  SealValue(*connection, *process, clinic, other);
  REQUIRE(OpensAfresh(scene, *connection, value));
  const std::string of_patient = " WHERE subject_id = '" + patient.ToString() + "'";
  const std::vector<std::string> changes = {
      "UPDATE clinicd.data_keys SET wrapped = set_byte(wrapped, 30, get_byte(wrapped, 30) # 1)",
      "UPDATE clinicd.data_keys SET wrapped = (SELECT other.wrapped FROM clinicd.data_keys AS "
      "other "
      "WHERE other.subject_id = '" +
          other.ToString() + "')",
      "UPDATE clinicd.data_keys SET version = 2"};
  const std::string change = changes[GENERATE(0U, 1U, 2U)] + of_patient;

  REQUIRE(scene.clinics.database().Connect().Execute(change).ok());

  CHECK(IsDamaged(OpenValue(*connection, *scene.Process(), value)));
}

TEST_CASE("A key at hand costs no round trip, another one exactly one", "[vault][integration]") {
  VaultScene scene;
  const auto connection = scene.Connect();
  const ClinicId clinic = scene.clinics.AddClinic();
  const PatientId patient = scene.clinics.AddPatient(clinic);
  const SealedValue value = SealValue(*connection, *scene.Process(), clinic, patient);
  const auto process = scene.Process();
  const bool seals = GENERATE(true, false);
  const auto trips = [&] {
    db::TenantTx tx(*connection, {.clinic = clinic});
    const std::int64_t before = connection->round_trips();
    if (seals) {
      REQUIRE(process->vault().Seal(tx, patient, PlaceOf(value.row), kText).ok());
    } else {
      REQUIRE(process->vault().Open(tx, patient, PlaceOf(value.row), value.sealed).ok());
    }
    return connection->round_trips() - before;
  };

  CHECK(trips() == 1);
  CHECK(trips() == 0);
  scene.clock.Advance(absl::Seconds(59));
  CHECK(trips() == 0);
  scene.clock.Advance(absl::Seconds(1));
  CHECK(trips() == 1);
}

TEST_CASE("A key that is expected comes with the flush before it is needed",
          "[vault][integration]") {
  VaultScene scene;
  const auto connection = scene.Connect();
  const ClinicId clinic = scene.clinics.AddClinic();
  const PatientId patient = scene.clinics.AddPatient(clinic);
  const SealedValue value = SealValue(*connection, *scene.Process(), clinic, patient);
  const auto process = scene.Process();
  db::TenantTx tx(*connection, {.clinic = clinic});

  process->vault().Expect(tx, {.patient = patient});
  REQUIRE(
      tx.One(
            sql::kFindAnyDataKey, {}, +[](const db::RowReader& row) { return row.Bool("found"); })
          .ok());
  const std::int64_t before = connection->round_trips();
  REQUIRE(process->vault().Seal(tx, patient, PlaceOf(value.row), kText).ok());

  CHECK(connection->round_trips() == before);
}

TEST_CASE("A patient's first value costs one round trip", "[vault][integration]") {
  VaultScene scene;
  const auto connection = scene.Connect();
  const auto process = scene.Process();
  const ClinicId clinic = scene.clinics.AddClinic();
  SealValue(*connection, *process, clinic, std::nullopt);

  db::TenantTx tx(*connection, {.clinic = clinic});
  const std::int64_t before = connection->round_trips();
  REQUIRE(process->vault().Seal(tx, scene.clinics.AddPatient(clinic), PlaceOf({}), kText).ok());

  CHECK(connection->round_trips() - before == 1);
}

TEST_CASE("Who looks for keys while another makes the clinic's first finds them",
          "[vault][integration]") {
  VaultScene scene;
  const auto connection = scene.Connect();
  const auto process = scene.Process();
  const auto slow_connection = scene.Connect();
  const auto slow = scene.Process();
  const ClinicId clinic = scene.clinics.AddClinic();
  auto gate = scene.clinics.database().Connect();
  REQUIRE(gate.Execute("SELECT pg_advisory_lock(1, 2)").ok());
  absl::StatusOr<std::string> sealed;

  // Sees no file, and is then held up before it asks the database for keys.
  std::thread late([&] {
    db::TenantTx tx(*slow_connection, {.clinic = clinic});
    tx.Defer(sql::kLockIdempotencyKey, db::Params().Set("clinic_key", 1).Set("request_key", 2));
    sealed = slow->vault().Seal(tx, std::nullopt, PlaceOf({}), kText);
    if (sealed.ok()) sealed = tx.Commit().ok() ? sealed : absl::AbortedError("not committed");
  });
  db::Backoff backoff(absl::Now() + absl::Minutes(1));
  while (gate.QueryValue("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT "
                         "granted AND database = (SELECT oid FROM pg_database WHERE datname = "
                         "current_database())")
             .value() == "0") {
    REQUIRE(backoff.Wait());
  }
  SealValue(*connection, *process, clinic, std::nullopt);
  REQUIRE(gate.Execute("SELECT pg_advisory_unlock(1, 2)").ok());
  late.join();

  INFO(sealed.status());
  CHECK(sealed.ok());
  CHECK(scene.CountEvents("create-clinic-key") == "1");
}

TEST_CASE("Nobody relies on a key whose transaction fails", "[vault][integration]") {
  VaultScene scene;
  const auto connection = scene.Connect();
  const auto process = scene.Process();
  const ClinicId clinic = scene.clinics.AddClinic();
  const PatientId patient = scene.clinics.AddPatient(clinic);
  {
    db::TenantTx tx(*connection, {.clinic = clinic});
    const auto first = process->vault().Seal(tx, patient, PlaceOf({}), kText);
    REQUIRE(first.ok());
    REQUIRE(process->vault().Seal(tx, patient, PlaceOf({}), kText).ok());
    REQUIRE(process->vault().Open(tx, patient, PlaceOf({}), *first).value() == kText);
    tx.Rollback();
  }

  const SealedValue value = SealValue(*connection, *process, clinic, patient);

  CHECK(OpensAfresh(scene, *connection, value));
  CHECK(scene.CountEvents("create-clinic-key") == "1");
  CHECK(scene.CountEvents("create-data-key") == "1");
}

TEST_CASE("Making keys leaves a trace, using them none", "[vault][integration]") {
  VaultScene scene;
  const auto connection = scene.Connect();
  const auto process = scene.Process();
  const ClinicId clinic = scene.clinics.AddClinic();
  const PatientId patient = scene.clinics.AddPatient(clinic);

  for (int i = 0; i < 3; ++i) {
    const SealedValue value = SealValue(*connection, *process, clinic, patient);
    SealValue(*connection, *process, clinic, std::nullopt);
    REQUIRE(OpenValue(*connection, *process, value).ok());
  }

  CHECK(scene.CountEvents("create-clinic-key") == "1");
  CHECK(scene.CountEvents("create-data-key") == "2");
  CHECK(scene.Value("SELECT patient_id FROM clinicd.audit_events WHERE patient_id IS NOT NULL") ==
        patient.ToString());
  CHECK(scene.Value("SELECT string_agg(DISTINCT node || ' ' || build, ',') "
                    "FROM clinicd.audit_events") == "node build");
}

TEST_CASE("A missing key file is an error that the log explains, once there are keys",
          "[vault][integration]") {
  VaultScene scene;
  const auto connection = scene.Connect();
  const auto process = scene.Process();
  const ClinicId clinic = scene.clinics.AddClinic();
  const PatientId patient = scene.clinics.AddPatient(clinic);
  const SealedValue value = SealValue(*connection, *process, clinic, patient);
  const std::string path = process->store().PathOf(clinic);
  fs::rename(path, path + ".kept");

  const auto late = scene.Process();
  CHECK(KeysUnavailable(OpenValue(*connection, *late, value).status()));
  {
    db::TenantTx tx(*connection, {.clinic = clinic});
    CHECK(KeysUnavailable(late->vault().Seal(tx, patient, PlaceOf({}), kText).status()));
  }

  REQUIRE(late->log().lines().size() == 2);
  CHECK(absl::StrContains(late->log().lines()[0], path));
  CHECK_FALSE(fs::exists(path));
  fs::rename(path + ".kept", path);
  CHECK(OpenValue(*connection, *late, value).value() == kText);
}

TEST_CASE("Key files that were changed, or belong to another clinic, open nothing",
          "[vault][integration]") {
  VaultScene scene;
  const auto connection = scene.Connect();
  const auto process = scene.Process();
  const ClinicId clinic = scene.clinics.AddClinic();
  const ClinicId other = scene.clinics.AddClinic();
  const SealedValue value = SealValue(*connection, *process, clinic, std::nullopt);
  SealValue(*connection, *process, other, std::nullopt);
  const std::string path = process->store().PathOf(clinic);
  const std::string good = scene.directory.Read("keys/clinics/" + clinic.ToString() + ".keys");
  REQUIRE(good.size() > 100);
  std::vector<std::string> bad = {
      scene.directory.Read("keys/clinics/" + other.ToString() + ".keys"), "",
      good.substr(0, good.size() - 1), good + "x"};
  // A bit of each part: name, size, wrapped key, nonce, sealed keys.
  for (const std::size_t place :
       {std::size_t{3}, std::size_t{23}, std::size_t{40}, good.size() - 90, good.size() - 1}) {
    bad.push_back(good);
    bad.back()[place] = static_cast<char>(bad.back()[place] ^ 4);
  }

  for (const std::string& content : bad) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
    CHECK(KeysUnavailable(OpenValue(*connection, *scene.Process(), value).status()));
  }
  std::ofstream(path, std::ios::binary | std::ios::trunc) << good;
  CHECK(OpensAfresh(scene, *connection, value));
}

TEST_CASE("Threads that meet at new patients, and fail in between, lose nothing",
          "[vault][integration]") {
  constexpr int kThreads = 8;
  constexpr int kRounds = 40;
  constexpr std::size_t kPatients = 5;
  VaultScene scene;
  const auto process = scene.Process();
  const ClinicId clinic = scene.clinics.AddClinic();
  std::vector<PatientId> patients;
  for (std::size_t i = 0; i < kPatients; ++i) patients.push_back(scene.clinics.AddPatient(clinic));
  std::vector<std::vector<SealedValue>> values(kThreads);
  std::vector<std::unique_ptr<db::Connection>> connections;
  for (int i = 0; i < kThreads; ++i) connections.push_back(scene.Connect());
  std::atomic<int> failures = 0;

  const auto work = [&](std::size_t thread) {
    for (int round = 0; round < kRounds; ++round) {
      const auto number = thread + static_cast<std::size_t>(round);
      const bool commits = number % 3 != 0;
      SealedValue value{.clinic = clinic,
                        .patient = patients[number / 4 % kPatients],
                        .row = process->ids().NewUuid(),
                        .sealed = {}};
      db::TenantTx tx(*connections[thread], {.clinic = clinic});
      auto sealed = process->vault().Seal(tx, value.patient, PlaceOf(value.row), kText);
      if (!sealed.ok() || (commits && !tx.Commit().ok())) {
        ++failures;
        continue;
      }
      value.sealed = *std::move(sealed);
      if (!commits) continue;
      const Opened opened = OpenValue(*connections[thread], *process, value);
      if (!opened.ok() || *opened != std::optional<std::string>(kText)) ++failures;
      values[thread].push_back(std::move(value));
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();

  CHECK(failures == 0);
  const auto fresh = scene.Process();
  for (const auto& of_thread : values) {
    CHECK(of_thread.size() > kRounds / 2);
    for (const SealedValue& value : of_thread) {
      CHECK(OpenValue(*connections[0], *fresh, value).value() == kText);
    }
  }
  CHECK(scene.Value("SELECT count(*) FROM clinicd.data_keys") == std::to_string(kPatients));
}

}  // namespace
}  // namespace clinicd::testing
