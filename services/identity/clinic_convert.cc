#include "services/identity/clinic_convert.h"

#include "common/rpc/civil.h"
#include "common/rpc/etag.h"

namespace clinicd::identity {

v1::Clinic ToProto(const Clinic& clinic) {
  v1::Clinic proto;
  proto.set_id(clinic.id.ToString());
  proto.set_slug(clinic.slug);
  proto.set_name(clinic.name);
  proto.set_country_code(clinic.country_code);
  proto.set_time_zone(clinic.time_zone);
  proto.set_currency_code(clinic.currency_code);
  proto.set_locale(clinic.locale);
  *proto.mutable_create_time() = rpc::ToTimestamp(clinic.created_at);
  proto.set_etag(rpc::Etag(clinic.row_version));
  return proto;
}

}  // namespace clinicd::identity
