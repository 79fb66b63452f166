#include "tests/support/scratch_clinics.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace clinicd::testing {
namespace {

std::unique_ptr<db::Connection> Connect(const TestDatabase& database) {
  db::ConnectionOptions options;
  options.conninfo = database.app();
  absl::StatusOr<std::unique_ptr<db::Connection>> connection = db::Connection::Open(options);
  if (!connection.ok()) {
    std::fprintf(stderr, "test database: %s\n", connection.status().ToString().c_str());
    std::abort();
  }
  return *std::move(connection);
}

}  // namespace

ScratchClinics::ScratchClinics()
    : superuser_(database_.Connect()), connection_(Connect(database_)), ids_(clock_, random_) {}

void ScratchClinics::Insert(const std::string& sql, const db::AdminConnection::Row& values) {
  const absl::Status status = superuser_.Query(sql, values).status();
  if (status.ok()) return;
  std::fprintf(stderr, "test rows: %s\n", status.ToString().c_str());
  std::abort();
}

ClinicId ScratchClinics::AddClinic() {
  const ClinicId id = ids_.New<ClinicId>();
  Insert(
      "INSERT INTO clinicd.clinics (id, slug, name, country_code, time_zone, currency_code, "
      "locale) "
      "VALUES ($1::uuid, $1::uuid::text, 'Test', 'ES', 'Europe/Madrid', 'EUR', 'es-ES')",
      {id.ToString()});
  return id;
}

PatientId ScratchClinics::AddPatient(ClinicId clinic) {
  const PatientId id = ids_.New<PatientId>();
  Insert(
      "INSERT INTO clinicd.patients (clinic_id, id, given_name, family_name, born_on) "
      "VALUES ($1, $2, 'Ana', 'Li', '1985-03-02')",
      {clinic.ToString(), id.ToString()});
  return id;
}

PractitionerId ScratchClinics::AddPractitioner(ClinicId clinic) {
  const PractitionerId id = ids_.New<PractitionerId>();
  Insert(
      "INSERT INTO clinicd.practitioners (clinic_id, id, given_name, family_name) "
      "VALUES ($1, $2, 'Pau', 'Vidal')",
      {clinic.ToString(), id.ToString()});
  return id;
}

ResourceId ScratchClinics::AddChair(ClinicId clinic) {
  const ResourceId id = ids_.New<ResourceId>();
  Insert("INSERT INTO clinicd.resources (clinic_id, id, kind, name) VALUES ($1, $2, 'chair', '1')",
         {clinic.ToString(), id.ToString()});
  return id;
}

UserId ScratchClinics::AddMember(ClinicId clinic) {
  const UserId id = ids_.New<UserId>();
  Insert(
      "WITH person AS (INSERT INTO clinicd.users (id, email_key) "
      "VALUES (gen_random_uuid(), $2 || '@clinic.example') RETURNING id, email_key) "
      "INSERT INTO clinicd.memberships (clinic_id, id, user_id, email, email_key, given_name, "
      "family_name, roles) SELECT $1, $2::text::uuid, id, email_key, email_key, 'Ada', 'Person', "
      "ARRAY['owner'] FROM person",
      {clinic.ToString(), id.ToString()});
  return id;
}

}  // namespace clinicd::testing
