#include "services/identity/user_convert.h"

#include "common/rpc/civil.h"
#include "common/rpc/etag.h"
#include "services/identity/builtin_roles.h"

namespace clinicd::identity {

v1::User ToProto(const User& user) {
  v1::User proto;
  proto.set_id(user.id.ToString());
  proto.set_email(user.email);
  proto.set_given_name(user.given_name);
  proto.set_family_name(user.family_name);
  for (int number = v1::ROLE_OWNER; number <= v1::Role_MAX; ++number) {
    const auto role = static_cast<v1::Role>(number);
    if (HasRole(user.roles, role)) proto.add_roles(role);
  }
  proto.set_state(user.active ? v1::User::STATE_ACTIVE : v1::User::STATE_DISABLED);
  *proto.mutable_create_time() = rpc::ToTimestamp(user.created_at);
  proto.set_etag(rpc::Etag(user.row_version));
  return proto;
}

auth::RoleSet RolesFromProto(const google::protobuf::RepeatedField<int>& roles) {
  auth::RoleSet set = 0;
  for (const int role : roles) set |= RoleBit(static_cast<v1::Role>(role));
  return set;
}

}  // namespace clinicd::identity
