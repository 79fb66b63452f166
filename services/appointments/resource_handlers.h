// The locations of a clinic, and the resources at them.
#pragma once

#include "absl/status/statusor.h"
#include "clinicd/appointments/v1/resource_service.pb.h"
#include "common/auth/page_token.h"
#include "common/rpc/call.h"
#include "services/appointments/resource_store.h"

namespace clinicd::appointments {

// Thread-safe.
class ResourceHandlers final {
 public:
  explicit ResourceHandlers(const auth::PageTokenCodec& page_tokens) : page_tokens_(page_tokens) {}

  absl::StatusOr<v1::Location> GetLocation(const v1::GetLocationRequest& request,
                                           rpc::Call& call) const;
  absl::StatusOr<v1::ListLocationsResponse> ListLocations(const v1::ListLocationsRequest& request,
                                                          rpc::Call& call) const;
  absl::StatusOr<v1::Location> CreateLocation(const v1::CreateLocationRequest& request,
                                              rpc::Call& call) const;
  absl::StatusOr<v1::Location> UpdateLocation(const v1::UpdateLocationRequest& request,
                                              rpc::Call& call) const;

  absl::StatusOr<v1::Resource> GetResource(const v1::GetResourceRequest& request,
                                           rpc::Call& call) const;
  absl::StatusOr<v1::ListResourcesResponse> ListResources(const v1::ListResourcesRequest& request,
                                                          rpc::Call& call) const;
  absl::StatusOr<v1::Resource> CreateResource(const v1::CreateResourceRequest& request,
                                              rpc::Call& call) const;
  absl::StatusOr<v1::Resource> UpdateResource(const v1::UpdateResourceRequest& request,
                                              rpc::Call& call) const;

 private:
  // Whether something may be put there. Errors: LOCATION_NOT_FOUND, LOCATION_INACTIVE.
  absl::Status CheckPlace(db::TenantTx& tx, const std::optional<LocationId>& location) const;

  const auth::PageTokenCodec& page_tokens_;
  LocationStore locations_;
  ResourceStore resources_;
};

}  // namespace clinicd::appointments
