#include "services/appointments/resource_store.h"

#include <utility>

#include "common/base/try.h"
#include "db/queries/appointments.h"
#include "services/appointments/resource_errors.h"

namespace clinicd::appointments {
namespace {

Location ReadLocation(const db::RowReader& row) {
  Location location;
  location.id = row.Id<LocationId>("id");
  location.name = row.Text("name");
  location.time_zone = row.Text("time_zone");
  location.active = row.Bool("active");
  location.external_id = row.TextOrEmpty("external_id");
  location.created_at = row.Time("created_at");
  location.row_version = row.Int("row_version");
  return location;
}

Resource ReadResource(const db::RowReader& row) {
  Resource resource;
  resource.id = row.Id<ResourceId>("id");
  resource.kind = ReadKind(row.Text("kind"));
  resource.name = row.Text("name");
  resource.location = row.OptionalId<LocationId>("location_id");
  resource.color = row.TextOrEmpty("color");
  resource.sort_order = row.Int32("sort_order");
  resource.active = row.Bool("active");
  resource.external_id = row.TextOrEmpty("external_id");
  resource.created_at = row.Time("created_at");
  resource.row_version = row.Int("row_version");
  return resource;
}

LocationId ReadLocationId(const db::RowReader& row) { return row.Id<LocationId>("id"); }
ResourceId ReadResourceId(const db::RowReader& row) { return row.Id<ResourceId>("id"); }

const db::ConstraintErrors& ResourceErrors() {
  static const db::ConstraintErrors errors = {{"resources_location_fk", LocationNotFound}};
  return errors;
}

// What an insertion and an update of a resource have in common.
db::Params ResourceParams(const Resource& resource) {
  db::Params params;
  params.Set("id", resource.id)
      .Set("name", resource.name)
      .Set("location_id", resource.location)
      .SetOrNull("color", resource.color)
      .Set("sort_order", resource.sort_order);
  return params;
}

}  // namespace

std::string_view KindText(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::kPractitioner:
      return "practitioner";
    case ResourceKind::kChair:
      return "chair";
    case ResourceKind::kAssistant:
      return "assistant";
    case ResourceKind::kDevice:
      return "device";
    case ResourceKind::kRoom:
      return "room";
  }
  return "";
}

ResourceKind ReadKind(std::string_view text) {
  for (const ResourceKind kind : {ResourceKind::kPractitioner, ResourceKind::kAssistant,
                                  ResourceKind::kDevice, ResourceKind::kRoom}) {
    if (KindText(kind) == text) return kind;
  }
  return ResourceKind::kChair;
}

absl::StatusOr<std::optional<Location>> LocationStore::Find(db::TenantTx& tx, LocationId id) const {
  return tx.Optional(sql::kGetLocation, db::Params().Set("id", id), ReadLocation);
}

absl::StatusOr<std::vector<Location>> LocationStore::List(db::TenantTx& tx, bool show_inactive,
                                                          const NamePosition& after,
                                                          std::int32_t count_max) const {
  return tx.Many(sql::kListLocations,
                 db::Params()
                     .Set("show_inactive", show_inactive)
                     .Set("after_name", after.name)
                     .Set("after_id", after.id)
                     .Set("count_max", count_max),
                 ReadLocation);
}

absl::StatusOr<Location> LocationStore::Insert(db::TenantTx& tx, const Location& location,
                                               UserId created_by) const {
  CLINICD_ASSIGN_OR_RETURN(std::optional<Location> inserted,
                           tx.Optional(sql::kInsertLocation,
                                       db::Params()
                                           .Set("id", location.id)
                                           .Set("name", location.name)
                                           .Set("time_zone", location.time_zone)
                                           .SetOrNull("external_id", location.external_id)
                                           .Set("now", location.created_at)
                                           .Set("created_by", created_by),
                                       ReadLocation));
  if (inserted) return *std::move(inserted);
  CLINICD_ASSIGN_OR_RETURN(
      const LocationId existing,
      tx.One(sql::kFindLocationByExternalId, db::Params().Set("external_id", location.external_id),
             ReadLocationId));
  return LocationExternalIdTaken(existing);
}

absl::StatusOr<std::optional<Location>> LocationStore::Update(db::TenantTx& tx,
                                                              const Location& location) const {
  return tx.Optional(sql::kUpdateLocation,
                     db::Params()
                         .Set("id", location.id)
                         .Set("name", location.name)
                         .Set("time_zone", location.time_zone)
                         .Set("active", location.active)
                         .Set("row_version", location.row_version),
                     ReadLocation);
}

absl::StatusOr<std::optional<Resource>> ResourceStore::Find(db::TenantTx& tx, ResourceId id) const {
  return tx.Optional(sql::kGetResource, db::Params().Set("id", id), ReadResource);
}

absl::StatusOr<std::vector<Resource>> ResourceStore::List(db::TenantTx& tx,
                                                          const Listing& listing) const {
  return tx.Many(sql::kListResources,
                 db::Params()
                     .SetOrNull("kind", listing.kind ? KindText(*listing.kind) : "")
                     .Set("location_id", listing.location)
                     .Set("main_site", listing.main_site)
                     .Set("show_inactive", listing.show_inactive)
                     .Set("after_sort_order", listing.after.sort_order)
                     .Set("after_name", listing.after.name)
                     .Set("after_id", listing.after.id)
                     .Set("count_max", listing.count_max),
                 ReadResource);
}

absl::StatusOr<Resource> ResourceStore::Insert(db::TenantTx& tx, const Resource& resource,
                                               UserId created_by) const {
  db::Params params = ResourceParams(resource);
  params.Set("kind", KindText(resource.kind))
      .SetOrNull("external_id", resource.external_id)
      .Set("now", resource.created_at)
      .Set("created_by", created_by);
  CLINICD_ASSIGN_OR_RETURN(
      std::optional<Resource> inserted,
      tx.Optional(sql::kInsertResource, params, ReadResource, ResourceErrors()));
  if (inserted) return *std::move(inserted);
  CLINICD_ASSIGN_OR_RETURN(
      const ResourceId existing,
      tx.One(sql::kFindResourceByExternalId, db::Params().Set("external_id", resource.external_id),
             ReadResourceId));
  return ResourceExternalIdTaken(existing);
}

absl::StatusOr<std::optional<Resource>> ResourceStore::Update(db::TenantTx& tx,
                                                              const Resource& resource) const {
  db::Params params = ResourceParams(resource);
  params.Set("active", resource.active).Set("row_version", resource.row_version);
  return tx.Optional(sql::kUpdateResource, params, ReadResource, ResourceErrors());
}

}  // namespace clinicd::appointments
