// Binds ResourceService.
#pragma once

#include "clinicd/appointments/v1/resource_service.grpc.pb.h"
#include "common/rpc/dispatcher.h"
#include "services/appointments/resource_handlers.h"

namespace clinicd::appointments {

class ResourceService final : public v1::ResourceService::CallbackService {
 public:
  ResourceService(const rpc::Dispatcher& rpc, const ResourceHandlers& handlers)
      : rpc_(rpc), handlers_(handlers) {}

  grpc::ServerUnaryReactor* GetLocation(grpc::CallbackServerContext* context,
                                        const v1::GetLocationRequest* request,
                                        v1::Location* response) override {
    return rpc_.Unary(context, request, response, handlers_, &ResourceHandlers::GetLocation);
  }
  grpc::ServerUnaryReactor* ListLocations(grpc::CallbackServerContext* context,
                                          const v1::ListLocationsRequest* request,
                                          v1::ListLocationsResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &ResourceHandlers::ListLocations);
  }
  grpc::ServerUnaryReactor* CreateLocation(grpc::CallbackServerContext* context,
                                           const v1::CreateLocationRequest* request,
                                           v1::Location* response) override {
    return rpc_.Unary(context, request, response, handlers_, &ResourceHandlers::CreateLocation);
  }
  grpc::ServerUnaryReactor* UpdateLocation(grpc::CallbackServerContext* context,
                                           const v1::UpdateLocationRequest* request,
                                           v1::Location* response) override {
    return rpc_.Unary(context, request, response, handlers_, &ResourceHandlers::UpdateLocation);
  }
  grpc::ServerUnaryReactor* GetResource(grpc::CallbackServerContext* context,
                                        const v1::GetResourceRequest* request,
                                        v1::Resource* response) override {
    return rpc_.Unary(context, request, response, handlers_, &ResourceHandlers::GetResource);
  }
  grpc::ServerUnaryReactor* ListResources(grpc::CallbackServerContext* context,
                                          const v1::ListResourcesRequest* request,
                                          v1::ListResourcesResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &ResourceHandlers::ListResources);
  }
  grpc::ServerUnaryReactor* CreateResource(grpc::CallbackServerContext* context,
                                           const v1::CreateResourceRequest* request,
                                           v1::Resource* response) override {
    return rpc_.Unary(context, request, response, handlers_, &ResourceHandlers::CreateResource);
  }
  grpc::ServerUnaryReactor* UpdateResource(grpc::CallbackServerContext* context,
                                           const v1::UpdateResourceRequest* request,
                                           v1::Resource* response) override {
    return rpc_.Unary(context, request, response, handlers_, &ResourceHandlers::UpdateResource);
  }

 private:
  const rpc::Dispatcher& rpc_;
  const ResourceHandlers& handlers_;
};

}  // namespace clinicd::appointments
