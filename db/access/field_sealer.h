// Private fields, as they may lie in the database: declared here, so that what runs transactions
// needs not know how keys are kept. See db/vault.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/rpc/call.h"
#include "db/access/tenant_tx.h"

namespace clinicd::db {

// Where a sealed value lies. A value opens in its own place only.
struct FieldPlace {
  std::string_view table;
  std::string_view column;
  Uuid row;
};

// Seals values of the transaction's clinic under the key of a patient, or under the clinic's own
// where there is no patient. Thread-safe; each transaction is used by one thread.
//
// Errors besides those of TenantTx: UNAVAILABLE (KEYS_UNAVAILABLE) when keys cannot be read.
class FieldSealer {
 public:
  FieldSealer() = default;
  FieldSealer(const FieldSealer&) = delete;
  FieldSealer& operator=(const FieldSealer&) = delete;
  virtual ~FieldSealer() = default;

  // What to store for `plaintext`. One round trip where the key is not at hand, none otherwise. The
  // first value of a patient makes the key, in this transaction, which must not be read-only or
  // about to commit with its next statement. Errors: FAILED_PRECONDITION (RECORD_SHREDDED).
  virtual absl::StatusOr<std::string> Seal(TenantTx& tx, const std::optional<PatientId>& patient,
                                           const FieldPlace& place, std::string_view plaintext) = 0;

  // Has the key of what `expected` names come with the next flush of `tx`, so that Seal() has it at
  // hand. A hint: without it, and where there is no key yet, Seal() works as well.
  virtual void Expect(TenantTx& tx, const rpc::ExpectedChange& expected) = 0;

  // Undoes Seal(); nullopt if the key was destroyed. Round trips as there. Errors: DATA_LOSS
  // (SEALED_VALUE_DAMAGED) for what was not sealed for this clinic, patient and place.
  virtual absl::StatusOr<std::optional<std::string>> Open(TenantTx& tx,
                                                          const std::optional<PatientId>& patient,
                                                          const FieldPlace& place,
                                                          std::string_view sealed) = 0;
};

}  // namespace clinicd::db
