// Patients in the database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "db/access/tenant_tx.h"
#include "services/patients/patient.h"
#include "services/patients/search_tokens.h"

namespace clinicd::patients {

// A place in the order of names. The default stands before every patient.
struct NamePosition {
  std::string family_name = {};
  std::string given_name = {};
  PatientId id = {};
};

// Reads and writes patients and what they are found by. Stateless; errors as for TenantTx.
class PatientStore final {
 public:
  absl::StatusOr<std::optional<Patient>> Find(db::TenantTx& tx, PatientId id) const;
  // The same, and nobody else updates the patient until the transaction ends.
  absl::StatusOr<std::optional<Patient>> Lock(db::TenantTx& tx, PatientId id) const;

  // At most `limit` patients that follow `after` in the order of names.
  absl::StatusOr<std::vector<Patient>> List(db::TenantTx& tx, const NamePosition& after,
                                            std::int32_t limit) const;
  // The same of the patients who have a token in every range. There is at least one range.
  absl::StatusOr<std::vector<Patient>> Search(db::TenantTx& tx,
                                              const std::vector<TokenRange>& ranges,
                                              const NamePosition& after, std::int32_t limit) const;

  struct NewPatient {
    PatientId id;
    const PatientDetails& details;
    const std::vector<std::string>& tokens;
    UserId created_by;
    absl::Time now;
  };
  // Errors: ALREADY_EXISTS (PATIENT_EXTERNAL_ID_TAKEN, PATIENT_FILE_NUMBER_TAKEN).
  absl::StatusOr<Patient> Insert(db::TenantTx& tx, const NewPatient& patient) const;

  // Replaces particulars and tokens of a patient that Lock() found; the external id stays.
  // Errors: ALREADY_EXISTS (PATIENT_FILE_NUMBER_TAKEN).
  absl::StatusOr<Patient> Update(db::TenantTx& tx, PatientId id, const PatientDetails& details,
                                 const std::vector<std::string>& tokens, absl::Time now) const;
};

}  // namespace clinicd::patients
