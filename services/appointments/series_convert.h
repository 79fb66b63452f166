// Between series and the messages of the API.
#pragma once

#include <vector>

#include "clinicd/appointments/v1/series_service.pb.h"
#include "services/appointments/series.h"

namespace clinicd::appointments {

v1::Series ToProto(const BookedSeries& series);
// Free but for what is in `taken`.
v1::SeriesOccurrence ToProto(const Occurrence& occurrence,
                             const std::vector<TakenOccurrence>& taken = {});
// What is not one of them is kAllFuture.
SeriesScope FromProto(v1::SeriesScope scope);

}  // namespace clinicd::appointments
