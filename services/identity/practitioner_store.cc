#include "services/identity/practitioner_store.h"

#include <utility>

#include "common/base/try.h"
#include "common/status/error.h"
#include "db/queries/appointments.h"
#include "db/queries/identity.h"
#include "services/identity/identity_errors.h"

namespace clinicd::identity {
namespace {

Practitioner ReadPractitioner(const db::RowReader& row) {
  Practitioner practitioner;
  practitioner.id = row.Id<PractitionerId>("id");
  practitioner.user = row.OptionalId<UserId>("membership_id");
  practitioner.given_name = row.Text("given_name");
  practitioner.family_name = row.Text("family_name");
  practitioner.speciality = row.Text("speciality");
  practitioner.active = row.Bool("active");
  practitioner.external_id = row.TextOrEmpty("external_id");
  practitioner.created_at = row.Time("created_at");
  practitioner.row_version = row.Int("row_version");
  return practitioner;
}

PractitionerId ReadId(const db::RowReader& row) { return row.Id<PractitionerId>("id"); }

const db::ConstraintErrors& Errors() {
  static const db::ConstraintErrors errors = {{"practitioners_membership_fk", UserNotFound}};
  return errors;
}

}  // namespace

absl::StatusOr<std::optional<Practitioner>> FindPractitioner(db::TenantTx& tx, PractitionerId id) {
  return tx.Optional(sql::kFindPractitioner, db::Params().Set("id", id), ReadPractitioner);
}

absl::StatusOr<std::vector<Practitioner>> ListPractitioners(db::TenantTx& tx, bool show_inactive,
                                                            const PractitionerPosition& after,
                                                            int count_max) {
  return tx.Many(sql::kListPractitioners,
                 db::Params()
                     .Set("show_inactive", show_inactive)
                     .Set("after_family_name", after.family_name)
                     .Set("after_given_name", after.given_name)
                     .Set("after_id", after.id)
                     .Set("count_max", count_max),
                 ReadPractitioner);
}

absl::StatusOr<Practitioner> InsertPractitioner(db::TenantTx& tx, const Practitioner& practitioner,
                                                UserId created_by) {
  CLINICD_ASSIGN_OR_RETURN(std::optional<Practitioner> created,
                           tx.Optional(sql::kInsertPractitioner,
                                       db::Params()
                                           .Set("id", practitioner.id)
                                           .Set("membership_id", practitioner.user)
                                           .Set("given_name", practitioner.given_name)
                                           .Set("family_name", practitioner.family_name)
                                           .Set("speciality", practitioner.speciality)
                                           .SetOrNull("external_id", practitioner.external_id)
                                           .Set("now", practitioner.created_at)
                                           .Set("created_by", created_by),
                                       ReadPractitioner, Errors()));
  if (created) return *std::move(created);
  CLINICD_ASSIGN_OR_RETURN(
      const std::optional<PractitionerId> existing,
      tx.Optional(sql::kFindPractitionerByExternalId,
                  db::Params().Set("external_id", practitioner.external_id), ReadId));
  if (!existing) return status::Defect("an external id is taken and not taken");
  return PractitionerExternalIdTaken(*existing);
}

absl::StatusOr<std::optional<Practitioner>> UpdatePractitioner(db::TenantTx& tx,
                                                               const Practitioner& practitioner,
                                                               bool changes_user, absl::Time now) {
  if (changes_user) tx.Defer(sql::kLockDiaryLink, db::Params());
  return tx.Optional(sql::kUpdatePractitioner,
                     db::Params()
                         .Set("id", practitioner.id)
                         .Set("membership_id", practitioner.user)
                         .Set("given_name", practitioner.given_name)
                         .Set("family_name", practitioner.family_name)
                         .Set("speciality", practitioner.speciality)
                         .Set("active", practitioner.active)
                         .Set("row_version", practitioner.row_version)
                         .Set("now", now),
                     ReadPractitioner, Errors());
}

}  // namespace clinicd::identity
