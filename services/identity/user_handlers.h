// The users of a clinic and their roles.
#pragma once

#include "absl/status/statusor.h"
#include "clinicd/identity/v1/user_service.pb.h"
#include "common/auth/page_token.h"
#include "common/auth/password_hasher.h"
#include "common/rpc/call.h"

namespace clinicd::identity {

// Thread-safe.
class UserHandlers final {
 public:
  UserHandlers(auth::PasswordHasher& hasher, const auth::PageTokenCodec& page_tokens)
      : hasher_(hasher), page_tokens_(page_tokens) {}

  absl::StatusOr<v1::User> GetUser(const v1::GetUserRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::ListUsersResponse> ListUsers(const v1::ListUsersRequest& request,
                                                  rpc::Call& call) const;
  absl::StatusOr<v1::User> CreateUser(const v1::CreateUserRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::User> UpdateUser(const v1::UpdateUserRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::User> SetUserRoles(const v1::SetUserRolesRequest& request,
                                        rpc::Call& call) const;
  absl::StatusOr<v1::User> DisableUser(const v1::DisableUserRequest& request,
                                       rpc::Call& call) const;
  absl::StatusOr<v1::User> EnableUser(const v1::EnableUserRequest& request, rpc::Call& call) const;

 private:
  auth::PasswordHasher& hasher_;
  const auth::PageTokenCodec& page_tokens_;
};

}  // namespace clinicd::identity
