// Practitioners in the database.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "db/access/tenant_tx.h"
#include "services/identity/practitioner.h"

namespace clinicd::identity {

absl::StatusOr<std::optional<Practitioner>> FindPractitioner(db::TenantTx& tx, PractitionerId id);

// Where a page of practitioners starts: after this name and id.
struct PractitionerPosition {
  std::string family_name;
  std::string given_name;
  PractitionerId id;
};

// By family name, given name and id.
absl::StatusOr<std::vector<Practitioner>> ListPractitioners(db::TenantTx& tx, bool show_inactive,
                                                            const PractitionerPosition& after,
                                                            int count_max);

// Stores a new, active practitioner. Errors: NOT_FOUND (USER_NOT_FOUND), ALREADY_EXISTS
// (PRACTITIONER_EXTERNAL_ID_TAKEN).
absl::StatusOr<Practitioner> InsertPractitioner(db::TenantTx& tx, const Practitioner& practitioner,
                                                UserId created_by);

// Stores everything but the external id. nullopt: there is no such practitioner, or not in that
// version. One that is another user's than before leaves the linked diary of that one; `now` tells
// what is over. Errors: NOT_FOUND (USER_NOT_FOUND).
absl::StatusOr<std::optional<Practitioner>> UpdatePractitioner(db::TenantTx& tx,
                                                               const Practitioner& practitioner,
                                                               bool changes_user, absl::Time now);

}  // namespace clinicd::identity
