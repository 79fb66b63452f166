// Binds WaitlistService.
#pragma once

#include "clinicd/appointments/v1/waitlist_service.grpc.pb.h"
#include "common/rpc/dispatcher.h"
#include "services/appointments/waitlist_handlers.h"

namespace clinicd::appointments {

class WaitlistService final : public v1::WaitlistService::CallbackService {
 public:
  WaitlistService(const rpc::Dispatcher& rpc, const WaitlistHandlers& handlers)
      : rpc_(rpc), handlers_(handlers) {}

  grpc::ServerUnaryReactor* CreateWaitlistEntry(grpc::CallbackServerContext* context,
                                                const v1::CreateWaitlistEntryRequest* request,
                                                v1::WaitlistEntry* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &WaitlistHandlers::CreateWaitlistEntry);
  }
  grpc::ServerUnaryReactor* GetWaitlistEntry(grpc::CallbackServerContext* context,
                                             const v1::GetWaitlistEntryRequest* request,
                                             v1::WaitlistEntry* response) override {
    return rpc_.Unary(context, request, response, handlers_, &WaitlistHandlers::GetWaitlistEntry);
  }
  grpc::ServerUnaryReactor* ListWaitlistEntries(
      grpc::CallbackServerContext* context, const v1::ListWaitlistEntriesRequest* request,
      v1::ListWaitlistEntriesResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &WaitlistHandlers::ListWaitlistEntries);
  }
  grpc::ServerUnaryReactor* UpdateWaitlistEntry(grpc::CallbackServerContext* context,
                                                const v1::UpdateWaitlistEntryRequest* request,
                                                v1::WaitlistEntry* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &WaitlistHandlers::UpdateWaitlistEntry);
  }
  grpc::ServerUnaryReactor* WithdrawWaitlistEntry(grpc::CallbackServerContext* context,
                                                  const v1::WithdrawWaitlistEntryRequest* request,
                                                  v1::WaitlistEntry* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &WaitlistHandlers::WithdrawWaitlistEntry);
  }
  grpc::ServerUnaryReactor* FindWaitlistMatches(
      grpc::CallbackServerContext* context, const v1::FindWaitlistMatchesRequest* request,
      v1::FindWaitlistMatchesResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &WaitlistHandlers::FindWaitlistMatches);
  }
  grpc::ServerUnaryReactor* CreateWaitlistOffer(grpc::CallbackServerContext* context,
                                                const v1::CreateWaitlistOfferRequest* request,
                                                v1::WaitlistOffer* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &WaitlistHandlers::CreateWaitlistOffer);
  }
  grpc::ServerUnaryReactor* GetWaitlistOffer(grpc::CallbackServerContext* context,
                                             const v1::GetWaitlistOfferRequest* request,
                                             v1::WaitlistOffer* response) override {
    return rpc_.Unary(context, request, response, handlers_, &WaitlistHandlers::GetWaitlistOffer);
  }
  grpc::ServerUnaryReactor* AcceptWaitlistOffer(grpc::CallbackServerContext* context,
                                                const v1::AcceptWaitlistOfferRequest* request,
                                                v1::Appointment* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &WaitlistHandlers::AcceptWaitlistOffer);
  }
  grpc::ServerUnaryReactor* DeclineWaitlistOffer(grpc::CallbackServerContext* context,
                                                 const v1::DeclineWaitlistOfferRequest* request,
                                                 v1::WaitlistOffer* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &WaitlistHandlers::DeclineWaitlistOffer);
  }

 private:
  const rpc::Dispatcher& rpc_;
  const WaitlistHandlers& handlers_;
};

}  // namespace clinicd::appointments
