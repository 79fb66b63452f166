// Values that the database only ever sees encrypted.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "db/access/tenant_tx.h"

namespace clinicd::db {

// Where a sealed value stands. It can be opened nowhere else.
struct FieldPlace {
  std::string_view table;
  std::string_view column;
  // The row, by the id of its table.
  Uuid row;
};

// Seals values of the clinic of a transaction: under the key of a patient or, where a value belongs
// to no patient, under the key of the clinic. Thread-safe.
class FieldSealer {
 public:
  virtual ~FieldSealer() = default;

  // Makes one round trip when the key is not at hand, none otherwise; a key that does not exist yet
  // is made in `tx`. Errors: as TenantTx; UNAVAILABLE (KEY_UNAVAILABLE).
  virtual absl::StatusOr<std::string> Seal(TenantTx& tx, const std::optional<PatientId>& patient,
                                           const FieldPlace& place, std::string_view plaintext) = 0;

  // nullopt when the key was destroyed. Errors: as Seal(); INTERNAL (INTERNAL_DEFECT) for what was
  // sealed elsewhere or changed since.
  virtual absl::StatusOr<std::optional<std::string>> Open(TenantTx& tx,
                                                          const std::optional<PatientId>& patient,
                                                          const FieldPlace& place,
                                                          std::string_view sealed) = 0;

  // Fetches in one round trip the keys that Open() will want of `patients` and of the clinic.
  // Errors: as Seal().
  virtual absl::Status Prepare(TenantTx& tx, const std::vector<PatientId>& patients) = 0;
};

}  // namespace clinicd::db
