// Binds DiaryService.
#pragma once

#include "clinicd/appointments/v1/diary_service.grpc.pb.h"
#include "common/rpc/dispatcher.h"
#include "services/appointments/diary_handlers.h"

namespace clinicd::appointments {

class DiaryService final : public v1::DiaryService::CallbackService {
 public:
  DiaryService(const rpc::Dispatcher& rpc, const DiaryHandlers& handlers)
      : rpc_(rpc), handlers_(handlers) {}

  grpc::ServerUnaryReactor* GetDiary(grpc::CallbackServerContext* context,
                                     const v1::GetDiaryRequest* request,
                                     v1::Diary* response) override {
    return rpc_.Unary(context, request, response, handlers_, &DiaryHandlers::GetDiary);
  }
  grpc::ServerUnaryReactor* GetWaitingRoom(grpc::CallbackServerContext* context,
                                           const v1::GetWaitingRoomRequest* request,
                                           v1::WaitingRoom* response) override {
    return rpc_.Unary(context, request, response, handlers_, &DiaryHandlers::GetWaitingRoom);
  }

 private:
  const rpc::Dispatcher& rpc_;
  const DiaryHandlers& handlers_;
};

}  // namespace clinicd::appointments
