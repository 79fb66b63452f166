// Binds SessionService to its handlers.
#pragma once

#include "clinicd/identity/v1/session_service.grpc.pb.h"
#include "common/rpc/dispatcher.h"
#include "services/identity/session_handlers.h"
#include "services/identity/sign_in_handlers.h"

namespace clinicd::identity {

class SessionService final : public v1::SessionService::CallbackService {
 public:
  SessionService(const rpc::Dispatcher& rpc, const SignInHandlers& sign_in,
                 const SessionHandlers& handlers)
      : rpc_(rpc), sign_in_(sign_in), handlers_(handlers) {}

  grpc::ServerUnaryReactor* SignIn(grpc::CallbackServerContext* context,
                                   const v1::SignInRequest* request,
                                   v1::SignInResponse* response) override {
    return rpc_.UnaryAnonymous(context, request, response, sign_in_, &SignInHandlers::SignIn);
  }
  grpc::ServerUnaryReactor* Refresh(grpc::CallbackServerContext* context,
                                    const v1::RefreshRequest* request,
                                    v1::RefreshResponse* response) override {
    return rpc_.UnaryAnonymous(context, request, response, sign_in_, &SignInHandlers::Refresh);
  }
  grpc::ServerUnaryReactor* SignOut(grpc::CallbackServerContext* context,
                                    const v1::SignOutRequest* request,
                                    v1::SignOutResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &SessionHandlers::SignOut);
  }
  grpc::ServerUnaryReactor* ChangePassword(grpc::CallbackServerContext* context,
                                           const v1::ChangePasswordRequest* request,
                                           v1::ChangePasswordResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &SessionHandlers::ChangePassword);
  }
  grpc::ServerUnaryReactor* ListSessions(grpc::CallbackServerContext* context,
                                         const v1::ListSessionsRequest* request,
                                         v1::ListSessionsResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &SessionHandlers::ListSessions);
  }
  grpc::ServerUnaryReactor* RevokeSession(grpc::CallbackServerContext* context,
                                          const v1::RevokeSessionRequest* request,
                                          v1::RevokeSessionResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &SessionHandlers::RevokeSession);
  }
  grpc::ServerUnaryReactor* WhoAmI(grpc::CallbackServerContext* context,
                                   const v1::WhoAmIRequest* request,
                                   v1::WhoAmIResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &SessionHandlers::WhoAmI);
  }

 private:
  const rpc::Dispatcher& rpc_;
  const SignInHandlers& sign_in_;
  const SessionHandlers& handlers_;
};

}  // namespace clinicd::identity
