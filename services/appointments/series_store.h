// Series of appointments in the database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "db/access/tenant_tx.h"
#include "services/appointments/series.h"

namespace clinicd::appointments {

// Reads and writes series, and the appointments of a series many at once. To be called with the
// days of all those appointments locked, by AppointmentStore::LockDays(), where they change.
// Stateless; errors as for TenantTx.
class SeriesStore final {
 public:
  absl::StatusOr<std::optional<BookedSeries>> Find(db::TenantTx& tx, SeriesId id) const;

  // Those of `visits` that others stand in the way of, as far as the clinic's diary shows it.
  absl::StatusOr<std::vector<TakenOccurrence>> FindTaken(db::TenantTx& tx,
                                                         const BookedSeries& series,
                                                         const std::vector<SeriesVisit>& visits,
                                                         absl::Time now) const;
  // With the next flush, ends the holds that have expired and stand in the way of `visits`.
  void DeleteExpiredHolds(db::TenantTx& tx, const BookedSeries& series,
                          const std::vector<SeriesVisit>& visits, absl::Time now) const;

  struct Author {
    UserId user = {};
    absl::Time now = {};
  };
  // With the next flush, adds the series without appointments. That flush has the errors NOT_FOUND
  // (PATIENT_NOT_FOUND, PRACTITIONER_NOT_FOUND).
  void Insert(db::TenantTx& tx, const BookedSeries& series, const Author& author) const;
  // With the next flush, adds `visits`, which take nothing yet.
  void InsertVisits(db::TenantTx& tx, const BookedSeries& series,
                    const std::vector<SeriesVisit>& visits, const Author& author) const;
  // Takes what `visits`, which have nothing yet, need, and says which ones did not get it. When
  // there are any, nothing of the transaction may be kept.
  absl::StatusOr<std::vector<TakenOccurrence>> Take(db::TenantTx& tx, const BookedSeries& series,
                                                    const std::vector<SeriesVisit>& visits) const;

  // The version of the series afterwards; nullopt where it has changed meanwhile. Errors: NOT_FOUND
  // (PRACTITIONER_NOT_FOUND).
  absl::StatusOr<std::optional<std::int64_t>> Update(db::TenantTx& tx, const BookedSeries& series,
                                                     absl::Time now) const;

  // A change of appointments.
  struct Cause {
    std::string reason = {};
    CancelledBy by = CancelledBy::kClinic;
    Author author = {};
  };
  // Those that are of the versions named: moved to their times in `series`, to which they belong
  // from then on, or cancelled. What moves has nothing until Take(). False where one of them has
  // changed meanwhile: nothing of the transaction may be kept then.
  absl::StatusOr<bool> Move(db::TenantTx& tx, const BookedSeries& series,
                            const std::vector<SeriesVisit>& visits, const Cause& cause) const;
  absl::StatusOr<bool> Cancel(db::TenantTx& tx, const std::vector<SeriesVisit>& visits,
                              const Cause& cause) const;
  // Lets `visits` belong to `series`, as they are.
  absl::StatusOr<bool> Adopt(db::TenantTx& tx, const BookedSeries& series,
                             const std::vector<SeriesVisit>& visits) const;
};

}  // namespace clinicd::appointments
