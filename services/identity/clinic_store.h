// Clinics in the database.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "db/access/row_reader.h"
#include "db/access/tenant_tx.h"
#include "services/identity/clinic.h"

namespace clinicd::identity {

// The clinic of the transaction.
absl::StatusOr<std::optional<Clinic>> FindClinic(db::TenantTx& tx);

// Stores `clinic`, whose id is that of the transaction. Errors: INVALID_ARGUMENT at `slug`.
absl::StatusOr<Clinic> InsertClinic(db::TenantTx& tx, const Clinic& clinic);

// Stores name, time zone and locale. nullopt: the clinic is not in that version.
absl::StatusOr<std::optional<Clinic>> UpdateClinic(db::TenantTx& tx, const Clinic& clinic,
                                                   absl::Time now);

// The clinic in a row of a user, whose columns come first.
Clinic ReadClinicOfUser(const db::RowReader& row);

}  // namespace clinicd::identity
