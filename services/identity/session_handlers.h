// What signed-in users do with their own sessions and account.
#pragma once

#include "absl/status/statusor.h"
#include "clinicd/identity/v1/session_service.pb.h"
#include "common/auth/page_token.h"
#include "common/auth/password_hasher.h"
#include "common/rpc/call.h"
#include "services/identity/login_store.h"

namespace clinicd::identity {

// Thread-safe.
class SessionHandlers final {
 public:
  SessionHandlers(const LoginStore& logins, auth::PasswordHasher& hasher,
                  const auth::PageTokenCodec& page_tokens)
      : logins_(logins), hasher_(hasher), page_tokens_(page_tokens) {}

  absl::StatusOr<v1::SignOutResponse> SignOut(const v1::SignOutRequest& request,
                                              rpc::Call& call) const;
  absl::StatusOr<v1::ChangePasswordResponse> ChangePassword(
      const v1::ChangePasswordRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::ListSessionsResponse> ListSessions(const v1::ListSessionsRequest& request,
                                                        rpc::Call& call) const;
  absl::StatusOr<v1::RevokeSessionResponse> RevokeSession(const v1::RevokeSessionRequest& request,
                                                          rpc::Call& call) const;
  absl::StatusOr<v1::WhoAmIResponse> WhoAmI(const v1::WhoAmIRequest& request,
                                            rpc::Call& call) const;

 private:
  // Errors: CREDENTIALS_INVALID, after which the attempt counts as a failed sign-in.
  absl::Status CheckOldPassword(const std::string& password, rpc::Call& call) const;

  const LoginStore& logins_;
  auth::PasswordHasher& hasher_;
  const auth::PageTokenCodec& page_tokens_;
};

}  // namespace clinicd::identity
