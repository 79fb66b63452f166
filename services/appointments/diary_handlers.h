// What DiaryService does.
#pragma once

#include "absl/status/statusor.h"
#include "clinicd/appointments/v1/diary_service.pb.h"
#include "common/rpc/call.h"
#include "services/appointments/diary_store.h"
#include "services/appointments/schedule_store.h"

namespace clinicd::appointments {

// One method per RPC, with the errors that the API names. Thread-safe.
class DiaryHandlers final {
 public:
  absl::StatusOr<v1::Diary> GetDiary(const v1::GetDiaryRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::WaitingRoom> GetWaitingRoom(const v1::GetWaitingRoomRequest& request,
                                                 rpc::Call& call) const;

 private:
  DiaryStore store_;
  ScheduleStore schedules_;
};

}  // namespace clinicd::appointments
