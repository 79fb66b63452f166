// Diaries between the area and its API. Total functions without decisions.
#pragma once

#include "absl/time/time.h"
#include "clinicd/appointments/v1/diary_service.pb.h"
#include "services/appointments/diary.h"

namespace clinicd::appointments {

// `now` is when the material was read.
v1::Diary ToProto(const DiaryPage& page, const DiaryMaterial& material, const DiaryQuery& query,
                  absl::Time now);

v1::WaitingPatient ToProto(const Visit& visit, SiteId site, const Waiting& waiting);

}  // namespace clinicd::appointments
