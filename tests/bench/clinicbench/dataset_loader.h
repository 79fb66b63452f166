// Fills a database that is empty with a dataset.
#pragma once

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "db/admin/admin_connection.h"
#include "tests/bench/clinicbench/dataset.h"

namespace clinicd::bench {

// Told what is being done, in the order of doing it.
using LoadProgress = std::function<void(std::string_view)>;

// Loads all of it as superuser, in statements of many rows each and with indexes built afterwards,
// and has the tables vacuumed. Visits that can be checked in are not part of it.
absl::Status LoadDataset(db::AdminConnection& connection, const Dataset& dataset,
                         const LoadProgress& progress);

// Makes the visits that can be checked in from `now` on for half an hour, in place of those of
// earlier runs and all that became of these.
absl::Status LoadArrivals(db::AdminConnection& connection, const Dataset& dataset, absl::Time now);

}  // namespace clinicd::bench
