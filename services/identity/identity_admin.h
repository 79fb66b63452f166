// What the operator does on the command line.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/auth/identity.h"
#include "common/auth/password_hasher.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "db/access/login_directory.h"
#include "db/access/pool.h"
#include "db/access/transaction_runner.h"
#include "services/identity/clinic.h"
#include "services/identity/login_store.h"
#include "services/identity/user.h"

namespace clinicd::identity {

struct NewClinicForm {
  std::string slug;
  std::string name;
  // ISO 3166-1 alpha-2.
  std::string country;
  // IANA.
  std::string time_zone;
  // ISO 4217.
  std::string currency;
  // BCP 47.
  std::string locale;
};

struct NewUserForm {
  std::string clinic_slug;
  std::string email;
  std::string given_name;
  std::string family_name;
  auth::RoleSet roles = 0;
  std::string password;
};

// Creates clinics and users past the API, with audit rows that have no actor. Calls wait for the
// database. Thread-safe.
class IdentityAdmin final {
 public:
  struct Parts {
    db::TransactionRunner& runner;
    // Connects as clinicd_auth.
    db::Pool& auth_pool;
    auth::PasswordHasher& hasher;
    const Clock& clock;
    const IdSource& ids;
  };

  explicit IdentityAdmin(const Parts& parts);

  // Errors: INVALID_ARGUMENT (VALIDATION_FAILED) at the fields of the form, `slug` if it is taken.
  absl::StatusOr<Clinic> CreateClinic(const NewClinicForm& form) const;

  // Errors: INVALID_ARGUMENT (VALIDATION_FAILED, PASSWORD_UNACCEPTABLE) at the fields of the form,
  // `clinic` if there is none of that slug; ALREADY_EXISTS (USER_EMAIL_TAKEN).
  absl::StatusOr<User> CreateUser(const NewUserForm& form) const;

  // Errors: INVALID_ARGUMENT (VALIDATION_FAILED) at `clinic`.
  absl::StatusOr<ClinicId> FindClinic(std::string_view slug) const;

 private:
  const Parts parts_;
  mutable db::LoginDirectory directory_;
  const LoginStore logins_;
};

}  // namespace clinicd::identity
