// Users between their structs and the API.
#pragma once

#include <google/protobuf/repeated_field.h>

#include "clinicd/identity/v1/user_service.pb.h"
#include "common/auth/identity.h"
#include "services/identity/user.h"

namespace clinicd::identity {

v1::User ToProto(const User& user);

// Numbers of v1::Role to a set.
auth::RoleSet RolesFromProto(const google::protobuf::RepeatedField<int>& roles);

}  // namespace clinicd::identity
