// Signing in and refreshing in the database: what happens before a call has a clinic.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/auth/refresh_token.h"
#include "db/access/login_directory.h"
#include "db/access/transaction_runner.h"
#include "services/identity/session.h"

namespace clinicd::identity {

// A session to be stored.
struct NewSession {
  ClinicId clinic;
  UserId user;
  // Of the login whose password was checked.
  std::int64_t epoch = 0;
  int failures = 0;
  SessionId id;
  absl::Time now;
  absl::Time expires_at;
  std::string user_agent;
  std::string client_address;
  const auth::RefreshToken& token;
  // The password sealed anew; empty: leave it.
  std::string password;
};

// Reads and writes for anonymous methods. Calls wait for the database. Thread-safe.
class LoginStore final {
 public:
  LoginStore(db::LoginDirectory& directory, db::TransactionRunner& runner, const IdSource& ids)
      : directory_(directory), runner_(runner), ids_(ids) {}

  // A login without clinic when there is no such clinic.
  absl::StatusOr<Login> FindLogin(const LoginKey& key, absl::Time deadline) const;

  // The sealed password of a user; empty when there is none.
  absl::StatusOr<std::string> FindPassword(ClinicId clinic, UserId user, absl::Time deadline) const;

  // The clinic with a slug, if there is one.
  absl::StatusOr<std::optional<ClinicId>> FindClinic(std::string_view slug,
                                                     absl::Time deadline) const;

  // Counts and records a failed sign-in, on disk when this returns. Takes the same time whether or
  // not there is such a clinic or user.
  absl::Status RecordFailure(const Login& login, const db::AuditRow& row, absl::Time now,
                             absl::Time deadline) const;

  // Stores a session with its first token and `row`, whose actor is filled in. nullopt, and no
  // effect: the login is not what it was when the password was checked.
  absl::StatusOr<std::optional<SessionRights>> OpenSession(const NewSession& session,
                                                           const db::AuditRow& row,
                                                           absl::Time deadline) const;

  // Sends `row` with the next flush, with whom `rights` tells of as the actor.
  void DeferActorRow(db::TenantTx& tx, absl::Time now, const SessionRights& rights,
                     db::AuditRow row) const;

  // Runs `work` in a transaction of the token's clinic and commits whatever it returns, unless the
  // database failed. `facts` are those of the token's id, locked until then; nullopt: none.
  absl::Status InRefresh(
      const auth::RefreshToken& token, absl::Time deadline,
      const std::function<absl::Status(db::TenantTx& tx, const std::optional<RefreshFacts>& facts)>&
          work) const;

 private:
  db::LoginDirectory& directory_;
  db::TransactionRunner& runner_;
  const IdSource& ids_;
};

}  // namespace clinicd::identity
