// Locations and resources in the database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "db/access/tenant_tx.h"
#include "services/appointments/resource.h"

namespace clinicd::appointments {

// How a kind stands in the database.
std::string_view KindText(ResourceKind kind);
ResourceKind ReadKind(std::string_view text);

// A place in the order of names. The default stands before all.
struct NamePosition {
  std::string name = {};
  Uuid id = {};
};

// Reads and writes locations. Stateless; errors as for TenantTx.
class LocationStore final {
 public:
  absl::StatusOr<std::optional<Location>> Find(db::TenantTx& tx, LocationId id) const;

  // By name and id.
  absl::StatusOr<std::vector<Location>> List(db::TenantTx& tx, bool show_inactive,
                                             const NamePosition& after,
                                             std::int32_t count_max) const;

  // Stores a new, active location. Errors: ALREADY_EXISTS (LOCATION_EXTERNAL_ID_TAKEN).
  absl::StatusOr<Location> Insert(db::TenantTx& tx, const Location& location,
                                  UserId created_by) const;

  // Stores everything but the external id. nullopt: there is no such location, or not in that
  // version.
  absl::StatusOr<std::optional<Location>> Update(db::TenantTx& tx, const Location& location) const;
};

// Reads and writes resources. Stateless; errors as for TenantTx.
class ResourceStore final {
 public:
  absl::StatusOr<std::optional<Resource>> Find(db::TenantTx& tx, ResourceId id) const;

  // A place in the order of resources. The default stands before all.
  struct Position {
    std::int32_t sort_order = -1;
    std::string name = {};
    ResourceId id = {};
  };
  struct Listing {
    // Of every kind where there is none.
    std::optional<ResourceKind> kind = {};
    // Of every place where there is none, and main_site is false.
    std::optional<LocationId> location = {};
    bool main_site = false;
    bool show_inactive = false;
    Position after = {};
    std::int32_t count_max = 0;
  };
  // By sort order, name and id.
  absl::StatusOr<std::vector<Resource>> List(db::TenantTx& tx, const Listing& listing) const;

  // Stores a new, active resource. Errors: NOT_FOUND (LOCATION_NOT_FOUND), ALREADY_EXISTS
  // (RESOURCE_EXTERNAL_ID_TAKEN).
  absl::StatusOr<Resource> Insert(db::TenantTx& tx, const Resource& resource,
                                  UserId created_by) const;

  // Stores everything but kind and external id. nullopt: there is no such resource, or not in that
  // version. Errors: NOT_FOUND (LOCATION_NOT_FOUND).
  absl::StatusOr<std::optional<Resource>> Update(db::TenantTx& tx, const Resource& resource) const;
};

}  // namespace clinicd::appointments
