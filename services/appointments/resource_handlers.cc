#include "services/appointments/resource_handlers.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/auth/paging.h"
#include "common/base/try.h"
#include "common/rpc/etag.h"
#include "common/status/error.h"
#include "common/validate/patch.h"
#include "services/appointments/resource_convert.h"
#include "services/appointments/resource_errors.h"
#include "services/appointments/resource_rules.h"

namespace clinicd::appointments {
namespace {

constexpr char kLocation[] = "location";
constexpr char kResource[] = "resource";
constexpr std::int32_t kPageSizeDefault = 50;
constexpr std::int32_t kPageSizeMax = 200;

// The id of a request that has passed the declared rules; nil for what can be no id.
template <typename IdType>
IdType IdOf(const std::string& text) {
  return IdType::Parse(text).value_or(IdType());
}

auth::PageKey KeyOf(const Location& location) { return {location.name, location.id.ToString()}; }

auth::PageKey KeyOf(const Resource& resource) {
  return {absl::StrCat(resource.sort_order), resource.name, resource.id.ToString()};
}

absl::StatusOr<ResourceStore::Position> PositionOf(const auth::PageKey& key) {
  ResourceStore::Position position;
  if (key.empty()) return position;
  if (!absl::SimpleAtoi(key[0], &position.sort_order)) return auth::PageTokenInvalid();
  position.name = key[1];
  position.id = IdOf<ResourceId>(key[2]);
  return position;
}

}  // namespace

absl::StatusOr<v1::Location> ResourceHandlers::GetLocation(const v1::GetLocationRequest& request,
                                                           rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Location> found,
                           locations_.Find(call.last_tx(), IdOf<LocationId>(request.id())));
  if (!found) return LocationNotFound();
  return ToProto(*found);
}

absl::StatusOr<v1::ListLocationsResponse> ResourceHandlers::ListLocations(
    const v1::ListLocationsRequest& request, rpc::Call& call) const {
  const rpc::CallInfo& info = call.info();
  const auth::Pager pager(page_tokens_, info.identity.clinic, info.method->full_name, request);
  CLINICD_ASSIGN_OR_RETURN(const auth::PageKey start, pager.Start(request.page_token(), 2));
  NamePosition after;
  if (!start.empty()) after = {.name = start[0], .id = IdOf<LocationId>(start[1]).uuid()};
  const std::int32_t size = auth::PageSize(request.page_size(), kPageSizeDefault, kPageSizeMax);
  CLINICD_ASSIGN_OR_RETURN(
      std::vector<Location> found,
      locations_.List(call.last_tx(), request.show_inactive(), after, size + 1));
  v1::ListLocationsResponse response;
  CLINICD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(), pager.Cut(found, size, KeyOf));
  for (const Location& location : found) *response.add_locations() = ToProto(location);
  return response;
}

absl::StatusOr<v1::Location> ResourceHandlers::CreateLocation(
    const v1::CreateLocationRequest& request, rpc::Call& call) const {
  Location wanted = FromProto(request.location());
  wanted.id = call.NewId<LocationId>();
  wanted.created_at = call.now();
  call.AuditChange(kLocation, wanted.id.uuid(), nullptr, nullptr);
  CLINICD_RETURN_IF_ERROR(CheckLocation(wanted, std::nullopt));
  CLINICD_ASSIGN_OR_RETURN(const Location created,
                           locations_.Insert(call.tx(), wanted, call.user_id()));
  v1::Location proto = ToProto(created);
  call.AuditChange(kLocation, created.id.uuid(), nullptr, &proto);
  return proto;
}

absl::StatusOr<v1::Location> ResourceHandlers::UpdateLocation(
    const v1::UpdateLocationRequest& request, rpc::Call& call) const {
  const auto id = IdOf<LocationId>(request.location().id());
  call.AuditChange(kLocation, id.uuid(), nullptr, nullptr);
  if (request.location().etag().empty()) {
    return status::InvalidField("location.etag", "must be the etag that was read");
  }
  CLINICD_RETURN_IF_ERROR(
      validate::CheckUpdatable(request.update_mask(), UpdatableLocationFields()));
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Location> before, locations_.Find(call.tx(), id));
  if (!before) return LocationNotFound();
  const v1::Location old_proto = ToProto(*before);
  if (request.location().etag() != old_proto.etag()) return rpc::EtagMismatch();
  v1::Location changed = old_proto;
  validate::CopyFields(request.update_mask(), request.location(), changed);
  Location wanted = FromProto(changed);
  wanted.id = id;
  wanted.row_version = before->row_version;
  CLINICD_RETURN_IF_ERROR(CheckLocation(wanted, before));
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Location> after,
                           locations_.Update(call.tx(), wanted));
  if (!after) return rpc::EtagMismatch();
  v1::Location proto = ToProto(*after);
  call.AuditChange(kLocation, id.uuid(), &old_proto, &proto);
  return proto;
}

absl::StatusOr<v1::Resource> ResourceHandlers::GetResource(const v1::GetResourceRequest& request,
                                                           rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Resource> found,
                           resources_.Find(call.last_tx(), IdOf<ResourceId>(request.id())));
  if (!found) return ResourceNotFound();
  return ToProto(*found);
}

absl::StatusOr<v1::ListResourcesResponse> ResourceHandlers::ListResources(
    const v1::ListResourcesRequest& request, rpc::Call& call) const {
  CLINICD_RETURN_IF_ERROR(CheckResourceFilter(request));
  const rpc::CallInfo& info = call.info();
  const auth::Pager pager(page_tokens_, info.identity.clinic, info.method->full_name, request);
  CLINICD_ASSIGN_OR_RETURN(const auth::PageKey start, pager.Start(request.page_token(), 3));
  CLINICD_ASSIGN_OR_RETURN(ResourceStore::Position after, PositionOf(start));
  const std::int32_t size = auth::PageSize(request.page_size(), kPageSizeDefault, kPageSizeMax);
  ResourceStore::Listing listing{.location = LocationId::Parse(request.location_id()),
                                 .main_site = request.main_site(),
                                 .show_inactive = request.show_inactive(),
                                 .after = std::move(after),
                                 .count_max = size + 1};
  if (request.kind() != v1::RESOURCE_KIND_UNSPECIFIED) listing.kind = FromProto(request.kind());
  CLINICD_ASSIGN_OR_RETURN(std::vector<Resource> found, resources_.List(call.last_tx(), listing));
  v1::ListResourcesResponse response;
  CLINICD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(), pager.Cut(found, size, KeyOf));
  for (const Resource& resource : found) *response.add_resources() = ToProto(resource);
  return response;
}

absl::StatusOr<v1::Resource> ResourceHandlers::CreateResource(
    const v1::CreateResourceRequest& request, rpc::Call& call) const {
  Resource wanted = FromProto(request.resource());
  wanted.id = call.NewId<ResourceId>();
  wanted.created_at = call.now();
  call.AuditChange(kResource, wanted.id.uuid(), nullptr, nullptr);
  CLINICD_RETURN_IF_ERROR(CheckPlace(call.tx(), wanted.location));
  CLINICD_ASSIGN_OR_RETURN(const Resource created,
                           resources_.Insert(call.tx(), wanted, call.user_id()));
  v1::Resource proto = ToProto(created);
  call.AuditChange(kResource, created.id.uuid(), nullptr, &proto);
  return proto;
}

absl::StatusOr<v1::Resource> ResourceHandlers::UpdateResource(
    const v1::UpdateResourceRequest& request, rpc::Call& call) const {
  const auto id = IdOf<ResourceId>(request.resource().id());
  call.AuditChange(kResource, id.uuid(), nullptr, nullptr);
  if (request.resource().etag().empty()) {
    return status::InvalidField("resource.etag", "must be the etag that was read");
  }
  CLINICD_RETURN_IF_ERROR(
      validate::CheckUpdatable(request.update_mask(), UpdatableResourceFields()));
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Resource> before, resources_.Find(call.tx(), id));
  if (!before) return ResourceNotFound();
  const v1::Resource old_proto = ToProto(*before);
  if (request.resource().etag() != old_proto.etag()) return rpc::EtagMismatch();
  v1::Resource changed = old_proto;
  validate::CopyFields(request.update_mask(), request.resource(), changed);
  Resource wanted = FromProto(changed);
  wanted.id = id;
  wanted.row_version = before->row_version;
  if (wanted.location != before->location) {
    CLINICD_RETURN_IF_ERROR(CheckPlace(call.tx(), wanted.location));
  }
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Resource> after,
                           resources_.Update(call.tx(), wanted));
  if (!after) return rpc::EtagMismatch();
  v1::Resource proto = ToProto(*after);
  call.AuditChange(kResource, id.uuid(), &old_proto, &proto);
  return proto;
}

absl::Status ResourceHandlers::CheckPlace(db::TenantTx& tx,
                                          const std::optional<LocationId>& location) const {
  // None is the main site, which every clinic has.
  if (!location) return absl::OkStatus();
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Location> found, locations_.Find(tx, *location));
  return CheckTakesResources(found);
}

}  // namespace clinicd::appointments
