// Binds UserService to its handlers.
#pragma once

#include "clinicd/identity/v1/user_service.grpc.pb.h"
#include "common/rpc/dispatcher.h"
#include "services/identity/user_handlers.h"

namespace clinicd::identity {

class UserService final : public v1::UserService::CallbackService {
 public:
  UserService(const rpc::Dispatcher& rpc, const UserHandlers& handlers)
      : rpc_(rpc), handlers_(handlers) {}

  grpc::ServerUnaryReactor* GetUser(grpc::CallbackServerContext* context,
                                    const v1::GetUserRequest* request,
                                    v1::User* response) override {
    return rpc_.Unary(context, request, response, handlers_, &UserHandlers::GetUser);
  }
  grpc::ServerUnaryReactor* ListUsers(grpc::CallbackServerContext* context,
                                      const v1::ListUsersRequest* request,
                                      v1::ListUsersResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &UserHandlers::ListUsers);
  }
  grpc::ServerUnaryReactor* CreateUser(grpc::CallbackServerContext* context,
                                       const v1::CreateUserRequest* request,
                                       v1::User* response) override {
    return rpc_.Unary(context, request, response, handlers_, &UserHandlers::CreateUser);
  }
  grpc::ServerUnaryReactor* UpdateUser(grpc::CallbackServerContext* context,
                                       const v1::UpdateUserRequest* request,
                                       v1::User* response) override {
    return rpc_.Unary(context, request, response, handlers_, &UserHandlers::UpdateUser);
  }
  grpc::ServerUnaryReactor* SetUserRoles(grpc::CallbackServerContext* context,
                                         const v1::SetUserRolesRequest* request,
                                         v1::User* response) override {
    return rpc_.Unary(context, request, response, handlers_, &UserHandlers::SetUserRoles);
  }
  grpc::ServerUnaryReactor* DisableUser(grpc::CallbackServerContext* context,
                                        const v1::DisableUserRequest* request,
                                        v1::User* response) override {
    return rpc_.Unary(context, request, response, handlers_, &UserHandlers::DisableUser);
  }
  grpc::ServerUnaryReactor* EnableUser(grpc::CallbackServerContext* context,
                                       const v1::EnableUserRequest* request,
                                       v1::User* response) override {
    return rpc_.Unary(context, request, response, handlers_, &UserHandlers::EnableUser);
  }

 private:
  const rpc::Dispatcher& rpc_;
  const UserHandlers& handlers_;
};

}  // namespace clinicd::identity
