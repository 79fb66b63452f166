#include "services/identity/clinic_store.h"

#include "db/queries/identity.h"
#include "services/identity/identity_errors.h"

namespace clinicd::identity {
namespace {

// What is called the same wherever a clinic is read.
Clinic ReadSettings(const db::RowReader& row, ClinicId id) {
  Clinic clinic;
  clinic.id = id;
  clinic.slug = row.Text("slug");
  clinic.name = row.Text("name");
  clinic.country_code = row.Text("country_code");
  clinic.time_zone = row.Text("time_zone");
  clinic.currency_code = row.Text("currency_code");
  clinic.locale = row.Text("locale");
  return clinic;
}

Clinic ReadClinic(const db::RowReader& row) {
  Clinic clinic = ReadSettings(row, row.Id<ClinicId>("id"));
  clinic.created_at = row.Time("created_at");
  clinic.row_version = row.Int("row_version");
  return clinic;
}

}  // namespace

Clinic ReadClinicOfUser(const db::RowReader& row) {
  Clinic clinic = ReadSettings(row, row.Id<ClinicId>("clinic_id"));
  clinic.created_at = row.Time("clinic_created_at");
  clinic.row_version = row.Int("clinic_row_version");
  return clinic;
}

absl::StatusOr<std::optional<Clinic>> FindClinic(db::TenantTx& tx) {
  return tx.Optional(sql::kFindClinic, {}, ReadClinic);
}

absl::StatusOr<Clinic> InsertClinic(db::TenantTx& tx, const Clinic& clinic) {
  return tx.One(sql::kInsertClinic,
                db::Params()
                    .Set("slug", clinic.slug)
                    .Set("name", clinic.name)
                    .Set("country_code", clinic.country_code)
                    .Set("time_zone", clinic.time_zone)
                    .Set("currency_code", clinic.currency_code)
                    .Set("locale", clinic.locale)
                    .Set("now", clinic.created_at),
                ReadClinic, {{"clinics_slug_uq", SlugTaken}});
}

absl::StatusOr<std::optional<Clinic>> UpdateClinic(db::TenantTx& tx, const Clinic& clinic,
                                                   absl::Time now) {
  return tx.Optional(sql::kUpdateClinic,
                     db::Params()
                         .Set("name", clinic.name)
                         .Set("time_zone", clinic.time_zone)
                         .Set("locale", clinic.locale)
                         .Set("row_version", clinic.row_version)
                         .Set("now", now),
                     ReadClinic);
}

}  // namespace clinicd::identity
