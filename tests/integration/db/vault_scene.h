// Clinics with patients whose values are sealed.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "db/access/connection.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/vault_scene.h"

namespace clinicd::testing {

inline constexpr std::string_view kText = "allergic to penicillin";

// A database, its keys, and a clock. A test makes the processes it needs.
struct VaultScene {
  VaultScene() = default;

  std::string key_directory() const { return directory.path("keys"); }

  // A process with these keys that knows no age but the clock's.
  std::unique_ptr<VaultProcess> Process() {
    return std::make_unique<VaultProcess>(key_directory(), clock, &clock);
  }
  std::unique_ptr<db::Connection> Connect() const { return Connect(clinics.database()); }
  static std::unique_ptr<db::Connection> Connect(const TestDatabase& database) {
    auto connection =
        db::Connection::Open({.conninfo = database.app(), .mode = {}, .rewrite_sql = {}});
    REQUIRE(connection.ok());
    return *std::move(connection);
  }
  std::string Value(const std::string& sql) const {
    auto value = clinics.database().Connect().QueryValue(sql);
    REQUIRE(value.ok());
    return *value;
  }
  std::string CountEvents(const std::string& method) const {
    return Value("SELECT count(*) FROM clinicd.audit_events WHERE method = 'clinicd keys " +
                 method + "'");
  }

  ScratchClinics clinics;
  TemporaryDirectory directory;
  FakeClock clock{absl::FromUnixSeconds(1'800'000'000)};
};

inline db::FieldPlace PlaceOf(const Uuid& row) {
  return {.table = "notes", .column = "text", .row = row};
}

// A value that was sealed for a place, in a transaction of its own.
struct SealedValue {
  ClinicId clinic;
  std::optional<PatientId> patient;
  Uuid row;
  std::string sealed;
};

inline SealedValue SealValue(db::Connection& connection, VaultProcess& process, ClinicId clinic,
                             const std::optional<PatientId>& patient,
                             std::string_view text = kText) {
  SealedValue value{
      .clinic = clinic, .patient = patient, .row = process.ids().NewUuid(), .sealed = {}};
  db::TenantTx tx(connection, {.clinic = clinic});
  const auto sealed = process.vault().Seal(tx, patient, PlaceOf(value.row), text);
  REQUIRE(sealed.ok());
  REQUIRE(tx.Commit().ok());
  value.sealed = *sealed;
  return value;
}

using Opened = absl::StatusOr<std::optional<std::string>>;

inline Opened OpenValue(db::Connection& connection, VaultProcess& process,
                        const SealedValue& value) {
  db::TenantTx tx(connection, {.clinic = value.clinic});
  return process.vault().Open(tx, value.patient, PlaceOf(value.row), value.sealed);
}

// Whether the value opens, in a process that has read no key yet.
inline bool OpensAfresh(VaultScene& scene, db::Connection& connection, const SealedValue& value,
                        std::string_view text = kText) {
  const auto process = scene.Process();
  const Opened opened = OpenValue(connection, *process, value);
  return opened.ok() && *opened == std::optional<std::string>(text);
}

inline bool IsShredded(const Opened& opened) { return opened.ok() && !opened->has_value(); }

inline bool IsDamaged(const Opened& opened) {
  return absl::IsDataLoss(opened.status()) &&
         status::ReasonOf(opened.status()) == status::ErrorReason::SEALED_VALUE_DAMAGED;
}

inline bool KeysUnavailable(const absl::Status& status) {
  return absl::IsUnavailable(status) &&
         status::ReasonOf(status) == status::ErrorReason::KEYS_UNAVAILABLE;
}

}  // namespace clinicd::testing
