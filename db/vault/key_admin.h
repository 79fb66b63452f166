// What operators do to keys: rotate, retire, shred. Each step is a transaction with its audit row,
// and what a crash leaves is finished by running the same thing again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/auth/file_master.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/random.h"
#include "db/access/transaction_runner.h"
#include "db/vault/clinic_key_store.h"
#include "db/vault/data_key.h"

namespace clinicd::db {

// Works on one clinic at a time, in which others go on sealing and opening. For threads that may
// block and are no workers of the runner's pool. Thread-safe. Errors: as ClinicKeyStore and
// TransactionRunner::InClinic().
class KeyAdmin final {
 public:
  struct Parts {
    TransactionRunner& runner;
    ClinicKeyStore& keys;
    auth::FileMaster& master;
    const Clock& clock;
    const IdSource& ids;
    Random& random;
  };
  struct Options {
    // Data keys that are wrapped again in one transaction.
    std::int32_t batch = 200;
    // Retiring waits for what may still be under way with the version before.
    absl::Duration retire_after = absl::Hours(1);
  };
  // Called after every step, with the number of things it dealt with.
  using Advance = std::function<void(std::int64_t count)>;

  // How the keys of a clinic stand.
  struct ClinicStatus {
    bool shredded = false;
    // Versions of the clinic's key that are kept, by number; none if there is no file.
    struct Version {
      std::int32_t number = 0;
      absl::Time made_at;
      // Data keys wrapped under it; also of versions that are not kept.
      std::int64_t data_keys = 0;
      bool kept = true;
    };
    std::vector<Version> versions;
    std::int64_t shredded_patients = 0;
    // Data keys of shredded patients that an interrupted shredding left in the database.
    std::int64_t unfinished = 0;
    bool under_newest_master = true;
  };
  struct Rotation {
    std::int32_t version = 0;
    std::int64_t rewrapped = 0;
    // Left by an interrupted shredding.
    std::int64_t shredded = 0;
    int retired = 0;
  };
  struct MasterRotation {
    std::uint32_t number = 0;
    std::int64_t rewrapped = 0;
    int retired = 0;
  };

  explicit KeyAdmin(const Parts& parts) : KeyAdmin(parts, Options()) {}
  KeyAdmin(const Parts& parts, const Options& options) : parts_(parts), options_(options) {}

  absl::StatusOr<ClinicStatus> Status(const ClinicId& clinic);

  // Makes a new master key, unless files wait for the newest, and wraps the files of all clinics
  // under it. With `retire`, destroys older master keys of the key directory afterwards: copies of
  // clinics' files from before are lost then.
  absl::StatusOr<MasterRotation> RotateMaster(bool retire, const Advance& advance);

  // Adds a version to the clinic's key, unless data keys wait for the newest, and wraps all data
  // keys under it.
  absl::StatusOr<Rotation> RotateClinic(const ClinicId& clinic, const Advance& advance);
  // Wraps what is left under the newest version of the clinic's key, and destroys the others:
  // backups of the database from before the rotation cannot be read any more.
  // FAILED_PRECONDITION within `retire_after` of a rotation.
  absl::StatusOr<Rotation> RetireClinic(const ClinicId& clinic, const Advance& advance);

  // Adds a version to the data key of a patient, or of the clinic's own values; its number. Other
  // processes seal under the one before for up to a minute; all versions open.
  absl::StatusOr<std::int32_t> RotateDataKey(const ClinicId& clinic,
                                             const std::optional<PatientId>& patient);

  // Destroys the keys of a patient for ever, in backups of the database too; how many data keys the
  // database had. Nothing is lost unless the transaction can commit, and if it then does not,
  // shredding again finishes. Have each Vault of this process Forget() the patient.
  absl::StatusOr<std::int64_t> ShredPatient(const ClinicId& clinic, const PatientId& patient);
  // The same of a whole clinic.
  absl::StatusOr<std::int64_t> ShredClinic(const ClinicId& clinic);

 private:
  absl::Status InClinic(const ClinicId& clinic, const std::function<absl::Status(TenantTx&)>& work);
  // The keys of a clinic that has some.
  absl::StatusOr<std::shared_ptr<const ClinicKeys>> LoadKeys(const ClinicId& clinic);
  absl::Status CountDataKeys(const ClinicId& clinic, ClinicStatus& status);
  absl::StatusOr<std::int64_t> CountUnfinished(const ClinicId& clinic, const ClinicKeys& keys);
  absl::Status AddClinicKeyVersion(const ClinicId& clinic);
  absl::Status RewrapAll(const ClinicId& clinic, const Advance& advance, Rotation& rotation);
  absl::Status RewrapFile(const ClinicId& clinic);
  // Keys are changed by whoever holds the clinic's lock; then `change`, between what is checked and
  // the commit.
  absl::StatusOr<std::int64_t> Shred(const ClinicId& clinic,
                                     const std::optional<PatientId>& patient,
                                     const std::function<absl::Status()>& change);

  const Parts parts_;
  const Options options_;
};

}  // namespace clinicd::db
