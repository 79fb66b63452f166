#include "services/appointments/resource_convert.h"

#include "common/rpc/civil.h"
#include "common/rpc/etag.h"

namespace clinicd::appointments {

v1::ResourceKind ToProto(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::kPractitioner:
      return v1::RESOURCE_KIND_PRACTITIONER;
    case ResourceKind::kChair:
      return v1::RESOURCE_KIND_CHAIR;
    case ResourceKind::kAssistant:
      return v1::RESOURCE_KIND_ASSISTANT;
    case ResourceKind::kDevice:
      return v1::RESOURCE_KIND_DEVICE;
    case ResourceKind::kRoom:
      return v1::RESOURCE_KIND_ROOM;
  }
  return v1::RESOURCE_KIND_UNSPECIFIED;
}

ResourceKind FromProto(v1::ResourceKind kind) {
  switch (kind) {
    case v1::RESOURCE_KIND_PRACTITIONER:
      return ResourceKind::kPractitioner;
    case v1::RESOURCE_KIND_ASSISTANT:
      return ResourceKind::kAssistant;
    case v1::RESOURCE_KIND_DEVICE:
      return ResourceKind::kDevice;
    case v1::RESOURCE_KIND_ROOM:
      return ResourceKind::kRoom;
    default:
      return ResourceKind::kChair;
  }
}

v1::Location ToProto(const Location& location) {
  v1::Location proto;
  proto.set_id(location.id.ToString());
  proto.set_name(location.name);
  proto.set_time_zone(location.time_zone);
  proto.set_active(location.active);
  proto.set_external_id(location.external_id);
  *proto.mutable_create_time() = rpc::ToTimestamp(location.created_at);
  proto.set_etag(rpc::Etag(location.row_version));
  return proto;
}

Location FromProto(const v1::Location& proto) {
  Location location;
  location.name = proto.name();
  location.time_zone = proto.time_zone();
  location.active = proto.active();
  location.external_id = proto.external_id();
  return location;
}

v1::Resource ToProto(const Resource& resource) {
  v1::Resource proto;
  proto.set_id(resource.id.ToString());
  proto.set_kind(ToProto(resource.kind));
  proto.set_name(resource.name);
  if (resource.location) proto.set_location_id(resource.location->ToString());
  proto.set_color(resource.color);
  proto.set_sort_order(resource.sort_order);
  proto.set_active(resource.active);
  proto.set_external_id(resource.external_id);
  *proto.mutable_create_time() = rpc::ToTimestamp(resource.created_at);
  proto.set_etag(rpc::Etag(resource.row_version));
  return proto;
}

Resource FromProto(const v1::Resource& proto) {
  Resource resource;
  resource.kind = FromProto(proto.kind());
  resource.name = proto.name();
  resource.location = LocationId::Parse(proto.location_id());
  resource.color = proto.color();
  resource.sort_order = proto.sort_order();
  resource.active = proto.active();
  resource.external_id = proto.external_id();
  return resource;
}

}  // namespace clinicd::appointments
