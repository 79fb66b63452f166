// The two methods that need no session.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clinicd/identity/v1/session_service.pb.h"
#include "common/auth/password_hasher.h"
#include "common/auth/refresh_token.h"
#include "common/base/ids.h"
#include "common/rpc/call.h"
#include "services/identity/failure_memory.h"
#include "services/identity/login_store.h"
#include "services/identity/token_issuer.h"

namespace clinicd::identity {

// Thread-safe. Calls block: they hash passwords and wait for the database.
class SignInHandlers final {
 public:
  struct Parts {
    const LoginStore& logins;
    auth::PasswordHasher& hasher;
    FailureMemory& unknown_logins;
    const auth::RefreshTokenSource& refresh_tokens;
    const TokenIssuer& issuer;
    const IdSource& ids;
    absl::Duration session_lifetime;
    absl::Duration refresh_grace;
  };

  explicit SignInHandlers(const Parts& parts) : parts_(parts) {}

  absl::StatusOr<v1::SignInResponse> SignIn(const v1::SignInRequest& request,
                                            const rpc::CallInfo& info) const;
  absl::StatusOr<v1::RefreshResponse> Refresh(const v1::RefreshRequest& request,
                                              const rpc::CallInfo& info) const;

 private:
  absl::StatusOr<auth::PasswordCheck> CheckPassword(const Login& login, const std::string& password,
                                                    absl::Time deadline) const;
  // Counts and records the failure; its error.
  absl::Status Refuse(const Login& login, const LoginKey& key, const rpc::CallInfo& info) const;
  // nullopt: the login changed meanwhile.
  absl::StatusOr<std::optional<v1::SignInResponse>> OpenSession(const Login& login,
                                                                std::string rehashed,
                                                                const rpc::CallInfo& info) const;
  // Spends the token, or repeats what spending it gave, or ends its session; the token to answer
  // with.
  absl::StatusOr<auth::RefreshToken> Exchange(db::TenantTx& tx, const auth::RefreshToken& token,
                                              const RefreshFacts& facts,
                                              const rpc::CallInfo& info) const;
  absl::StatusOr<auth::RefreshToken> Repeat(db::TenantTx& tx, const auth::RefreshToken& token,
                                            const RefreshFacts& facts,
                                            const rpc::CallInfo& info) const;
  // Ends the session of a token that was used twice; the error.
  absl::Status EndReused(db::TenantTx& tx, const RefreshFacts& facts,
                         const rpc::CallInfo& info) const;

  const Parts parts_;
};

}  // namespace clinicd::identity
