#include "services/identity/practitioner_convert.h"

#include "common/rpc/civil.h"
#include "common/rpc/etag.h"

namespace clinicd::identity {

v1::Practitioner ToProto(const Practitioner& practitioner) {
  v1::Practitioner proto;
  proto.set_id(practitioner.id.ToString());
  if (practitioner.user) proto.set_user_id(practitioner.user->ToString());
  proto.set_given_name(practitioner.given_name);
  proto.set_family_name(practitioner.family_name);
  proto.set_speciality(practitioner.speciality);
  proto.set_active(practitioner.active);
  proto.set_external_id(practitioner.external_id);
  *proto.mutable_create_time() = rpc::ToTimestamp(practitioner.created_at);
  proto.set_etag(rpc::Etag(practitioner.row_version));
  return proto;
}

Practitioner FromProto(const v1::Practitioner& proto) {
  Practitioner practitioner;
  practitioner.user = UserId::Parse(proto.user_id());
  practitioner.given_name = proto.given_name();
  practitioner.family_name = proto.family_name();
  practitioner.speciality = proto.speciality();
  practitioner.active = proto.active();
  practitioner.external_id = proto.external_id();
  return practitioner;
}

}  // namespace clinicd::identity
