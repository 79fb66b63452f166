// Every error that this area can make, by name.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace clinicd::identity {

// UNAUTHENTICATED, CREDENTIALS_INVALID: the one answer for everything wrong with a sign-in.
absl::Status CredentialsInvalid();
// RESOURCE_EXHAUSTED, SIGN_IN_THROTTLED, with RetryInfo in whole seconds: fractions would tell
// whether the wait was counted in memory or in the database.
absl::Status SignInThrottled(absl::Duration wait);
// ABORTED, CONFLICT_RETRY: the user changed again and again while they signed in.
absl::Status SignInContended();
// UNAUTHENTICATED, SESSION_REVOKED.
absl::Status SessionRevoked();
// UNAVAILABLE, DATABASE_UNAVAILABLE: whether rights have changed is not known at the moment.
absl::Status RightsUnknown();
// NOT_FOUND, SESSION_NOT_FOUND.
absl::Status SessionNotFound();
// NOT_FOUND, USER_NOT_FOUND.
absl::Status UserNotFound();
// ALREADY_EXISTS, USER_EMAIL_TAKEN.
absl::Status UserEmailTaken();
// FAILED_PRECONDITION, LAST_OWNER.
absl::Status LastOwner();
// INVALID_ARGUMENT, PASSWORD_UNACCEPTABLE: the new password is the old one.
absl::Status PasswordUnchanged();
// NOT_FOUND, PRACTITIONER_NOT_FOUND.
absl::Status PractitionerNotFound();
// ALREADY_EXISTS, PRACTITIONER_EXTERNAL_ID_TAKEN, naming the practitioner who has it.
absl::Status PractitionerExternalIdTaken(PractitionerId existing);
// INVALID_ARGUMENT, VALIDATION_FAILED at `slug`: another clinic has it. For the operator only.
absl::Status SlugTaken();
// INVALID_ARGUMENT, VALIDATION_FAILED at `clinic`: no clinic has that slug. For the operator only.
absl::Status ClinicUnknown();

}  // namespace clinicd::identity
