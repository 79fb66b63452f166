// The results of one flush.
#pragma once

#include <libpq-fe.h>

#include <cstddef>
#include <memory>
#include <vector>

namespace clinicd::db::backend {

struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, ResultDeleter>;

// What one flush brought back.
struct FlushResult {
  // One per queued statement, in order; null where the pipeline was aborted before it.
  std::vector<Result> results;
  // The first error, if any: an entry of `results`, or the error of the final Sync.
  const PGresult* error = nullptr;
  // Index of the failed statement; results.size() when the Sync failed.
  std::size_t error_index = 0;
  // Keeps an error of a Parse or Sync, which belongs to no statement.
  Result other_error;
  // The connection is unusable; what the server did is unknown.
  bool broken = false;
  // The deadline passed before the server answered; the connection is unusable.
  bool timed_out = false;
};

}  // namespace clinicd::db::backend
