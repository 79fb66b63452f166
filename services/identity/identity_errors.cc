#include "services/identity/identity_errors.h"

#include "common/status/error.h"

namespace clinicd::identity {
namespace {

using absl::StatusCode;
using status::Error;
using status::ErrorReason;

}  // namespace

absl::Status CredentialsInvalid() {
  return Error(StatusCode::kUnauthenticated, ErrorReason::CREDENTIALS_INVALID,
               "Clinic, e-mail address or password is wrong.");
}

absl::Status SignInThrottled(absl::Duration wait) {
  return Error(StatusCode::kResourceExhausted, ErrorReason::SIGN_IN_THROTTLED,
               "There were too many failed attempts to sign in; wait before the next one.")
      .RetryAfter(absl::Ceil(wait, absl::Seconds(1)));
}

absl::Status SignInContended() {
  return Error(StatusCode::kAborted, ErrorReason::CONFLICT_RETRY,
               "The account changed while signing in; sign in again.");
}

absl::Status SessionRevoked() {
  return Error(StatusCode::kUnauthenticated, ErrorReason::SESSION_REVOKED,
               "The session was ended, or the user's rights have changed; refresh or sign in.");
}

absl::Status RightsUnknown() {
  return Error(StatusCode::kUnavailable, ErrorReason::DATABASE_UNAVAILABLE,
               "The server cannot check the caller's rights at the moment; try again shortly.")
      .RetryAfter(absl::Seconds(1));
}

absl::Status SessionNotFound() {
  return Error(StatusCode::kNotFound, ErrorReason::SESSION_NOT_FOUND,
               "The caller has no such session, or it has ended.");
}

absl::Status UserNotFound() {
  return Error(StatusCode::kNotFound, ErrorReason::USER_NOT_FOUND, "The clinic has no such user.");
}

absl::Status UserEmailTaken() {
  return Error(StatusCode::kAlreadyExists, ErrorReason::USER_EMAIL_TAKEN,
               "A user of this clinic has that e-mail address.")
      .With("field", "user.email");
}

absl::Status LastOwner() {
  return Error(StatusCode::kFailedPrecondition, ErrorReason::LAST_OWNER,
               "The clinic needs an enabled owner; make somebody else an owner first.");
}

absl::Status PasswordUnchanged() {
  return Error(StatusCode::kInvalidArgument, ErrorReason::PASSWORD_UNACCEPTABLE,
               "The new password is not acceptable.")
      .Field("new_password", "must not be the old password");
}

absl::Status PractitionerNotFound() {
  return Error(StatusCode::kNotFound, ErrorReason::PRACTITIONER_NOT_FOUND,
               "The clinic has no such practitioner.");
}

absl::Status PractitionerExternalIdTaken(PractitionerId existing) {
  return Error(StatusCode::kAlreadyExists, ErrorReason::PRACTITIONER_EXTERNAL_ID_TAKEN,
               "A practitioner of this clinic has that external id.")
      .With("field", "practitioner.external_id")
      .With("id", existing.ToString());
}

absl::Status SlugTaken() {
  return status::InvalidField("slug", "must not be the slug of another clinic");
}

absl::Status ClinicUnknown() {
  return status::InvalidField("clinic", "must be the slug of a clinic of this server");
}

}  // namespace clinicd::identity
