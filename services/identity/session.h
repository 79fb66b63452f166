// Sign-ins and sessions as the server sees them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/auth/identity.h"
#include "common/auth/refresh_token.h"
#include "common/base/uuid.h"

namespace clinicd::identity {

// Consecutive sign-ins with a wrong password.
struct SignInFailures {
  int count = 0;
  // Of the last one; InfinitePast when there is none.
  absl::Time last_at = absl::InfinitePast();
};

// Where somebody wants to sign in, and as whom.
struct LoginKey {
  std::string slug;
  // Folded, see FoldEmail().
  std::string email_key;
};

// What is known of a login. Without clinic or user where there is none.
struct Login {
  std::optional<ClinicId> clinic;
  std::optional<UserId> user;
  // Clinic and user are active, and the user has a password.
  bool may_sign_in = false;
  // Sealed.
  std::string password;
  std::int64_t epoch = 0;
  SignInFailures failures;
};

// Why a session ended before its time; the texts are those of the database.
enum class EndReason { kSignedOut, kRevoked, kPasswordChanged, kUserDisabled, kTokenReuse };

struct Session {
  SessionId id;
  absl::Time created_at;
  absl::Time last_refreshed_at;
  absl::Time expires_at;
  std::string user_agent;
  std::string client_address;
};

// What access tokens of a session say.
struct SessionRights {
  ClinicId clinic;
  UserId user;
  SessionId session;
  auth::RoleSet roles = 0;
  std::string time_zone;
  std::int64_t epoch = 0;
  absl::Time authenticated_at;
  absl::Time expires_at;
};

// What is stored of a refresh token and of its session.
struct RefreshFacts {
  SessionRights rights;
  bool session_ended = false;
  // Clinic and user are active.
  bool may_continue = false;
  std::string token_hash;
  std::optional<absl::Time> used_at;
};

// The successor of a spent refresh token.
struct ChildToken {
  auth::RefreshTokenId id;
  bool used = false;
};

}  // namespace clinicd::identity
