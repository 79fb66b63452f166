// Which clinics there are, for what is done for all of them, one at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "db/access/pool.h"

namespace clinicd::db {

// Reads as clinicd_jobs, the role that sees the ids of all clinics and nothing of them.
// Thread-safe. Calls wait for their answer, so they must not come from a worker of the same pool.
class ClinicDirectory final {
 public:
  // `pool` connects as clinicd_jobs.
  explicit ClinicDirectory(Pool& pool) : pool_(pool) {}

  // Active clinics by id, from the one after `after`; the nil id stands before all. Errors: as
  // TenantTx; RESOURCE_EXHAUSTED (SERVER_BUSY) when too many wait.
  absl::StatusOr<std::vector<ClinicId>> ListActive(ClinicId after, std::int32_t limit,
                                                   absl::Time deadline);

 private:
  Pool& pool_;
};

}  // namespace clinicd::db
