#include "db/vault/key_admin.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/try.h"
#include "common/status/error.h"
#include "db/queries/vault.h"
#include "db/vault/key_events.h"

namespace clinicd::db {
namespace {

using status::Defect;

constexpr absl::Duration kPatience = absl::Seconds(60);

// A data key's place in the order of their primary key.
struct Position {
  Uuid subject;
  std::int32_t version = 0;
};
struct ListedKey {
  Position position;
  std::int32_t clinic_key_version = 0;
};
struct LockedKey {
  Uuid subject;
  WrappedKey wrapped;
};
struct VersionCount {
  std::int32_t version = 0;
  std::int64_t count = 0;
};

ListedKey ReadListed(const RowReader& row) {
  return {.position = {.subject = row.UuidValue("subject_id"), .version = row.Int32("version")},
          .clinic_key_version = row.Int32("clinic_key_version")};
}

LockedKey ReadLocked(const RowReader& row) {
  LockedKey locked;
  locked.subject = row.UuidValue("subject_id");
  locked.wrapped.version = row.Int32("version");
  locked.wrapped.clinic_key_version = row.Int32("clinic_key_version");
  locked.wrapped.wrapped = row.BytesValue("wrapped");
  return locked;
}

VersionCount ReadCount(const RowReader& row) {
  return {.version = row.Int32("clinic_key_version"), .count = row.Int("count")};
}

std::int32_t ReadVersion(const RowReader& row) { return row.Int32("version"); }
bool ReadDone(const RowReader&) { return true; }

absl::Status LockKeys(TenantTx& tx) { return tx.One(sql::kLockKeys, Params(), ReadDone).status(); }

// What is left to do of one batch: nothing to do with rows of shredded patients.
absl::StatusOr<std::int64_t> Rewrap(TenantTx& tx, const std::vector<LockedKey>& batch,
                                    const ClinicKeys& keys, Random& random) {
  std::int64_t rewrapped = 0;
  for (const LockedKey& locked : batch) {
    const KeySubject subject{.clinic = tx.scope().clinic, .subject = locked.subject};
    const absl::StatusOr<DataKey> key = UnwrapDataKey(subject, locked.wrapped, keys);
    if (absl::IsCancelled(key.status())) continue;
    if (!key.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("data key ", locked.wrapped.version, " of ", locked.subject.ToString(),
                       " does not open: ", std::string(key.status().message()),
                       "; restore the clinic's key file, or the row, from a backup"));
    }
    const std::optional<WrappingKey> wrapping = DeriveWrappingKey(locked.subject, keys.newest());
    if (!wrapping) return Defect("a key that was unwrapped cannot be wrapped");
    CLINICD_ASSIGN_OR_RETURN(const WrappedKey again, WrapDataKey(subject, *key, *wrapping, random));
    tx.Defer(sql::kRewrapDataKey, Params()
                                      .Set("subject_id", locked.subject)
                                      .Set("version", again.version)
                                      .Set("clinic_key_version", again.clinic_key_version)
                                      .Set("wrapped", Bytes{again.wrapped}));
    ++rewrapped;
  }
  return rewrapped;
}

}  // namespace

absl::Status KeyAdmin::InClinic(const ClinicId& clinic,
                                const std::function<absl::Status(TenantTx&)>& work) {
  return parts_.runner.InClinic({.clinic = clinic, .deadline = parts_.clock.Now() + kPatience},
                                work);
}

absl::StatusOr<std::shared_ptr<const ClinicKeys>> KeyAdmin::LoadKeys(const ClinicId& clinic) {
  CLINICD_ASSIGN_OR_RETURN(const ClinicKeyStore::Found found, parts_.keys.Load(clinic));
  if (found.shredded) {
    return absl::FailedPreconditionError(
        absl::StrCat("the keys of clinic ", clinic.ToString(), " were destroyed"));
  }
  if (found.keys == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat(
        "there is no ", parts_.keys.PathOf(clinic),
        "; it is made when the first private value of the clinic is kept, or has to be restored "
        "from the copy of the key directory"));
  }
  return found.keys;
}

absl::Status KeyAdmin::CountDataKeys(const ClinicId& clinic, ClinicStatus& status) {
  std::vector<VersionCount> counts;
  absl::Status committed = InClinic(clinic, [&](TenantTx& tx) -> absl::Status {
    CLINICD_ASSIGN_OR_RETURN(counts, tx.Many(sql::kCountDataKeys, Params(), ReadCount));
    return absl::OkStatus();
  });
  if (!committed.ok()) return committed;
  for (const VersionCount& counted : counts) {
    const auto known = std::find_if(
        status.versions.begin(), status.versions.end(),
        [&](const ClinicStatus::Version& version) { return version.number == counted.version; });
    if (known != status.versions.end()) {
      known->data_keys = counted.count;
    } else {
      status.versions.push_back(
          {.number = counted.version, .made_at = {}, .data_keys = counted.count, .kept = false});
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::int64_t> KeyAdmin::CountUnfinished(const ClinicId& clinic,
                                                       const ClinicKeys& keys) {
  if (keys.ShreddedCount() == 0) return 0;
  std::int64_t unfinished = 0;
  std::vector<ListedKey> page;
  Position after;
  do {
    absl::Status committed = InClinic(clinic, [&](TenantTx& tx) -> absl::Status {
      CLINICD_ASSIGN_OR_RETURN(page, tx.Many(sql::kListDataKeys,
                                             Params()
                                                 .Set("after_subject_id", after.subject)
                                                 .Set("after_version", after.version)
                                                 .Set("row_limit", options_.batch),
                                             ReadListed));
      return absl::OkStatus();
    });
    if (!committed.ok()) return committed;
    for (const ListedKey& listed : page) {
      if (keys.IsShredded(listed.position.subject)) ++unfinished;
      after = listed.position;
    }
  } while (!page.empty());
  return unfinished;
}

absl::StatusOr<KeyAdmin::ClinicStatus> KeyAdmin::Status(const ClinicId& clinic) {
  ClinicStatus status;
  CLINICD_ASSIGN_OR_RETURN(const ClinicKeyStore::Found found, parts_.keys.Load(clinic));
  status.shredded = found.shredded;
  if (found.keys != nullptr) {
    for (const ClinicKeyVersion& version : found.keys->versions()) {
      status.versions.push_back({.number = version.number, .made_at = version.made_at});
    }
    status.shredded_patients = static_cast<std::int64_t>(found.keys->ShreddedCount());
    CLINICD_ASSIGN_OR_RETURN(status.unfinished, CountUnfinished(clinic, *found.keys));
  }
  CLINICD_RETURN_IF_ERROR(CountDataKeys(clinic, status));
  if (found.shredded) {
    for (const auto& version : status.versions) status.unfinished += version.data_keys;
  }
  CLINICD_ASSIGN_OR_RETURN(status.under_newest_master, parts_.keys.IsUnderNewestMaster(clinic));
  return status;
}

absl::Status KeyAdmin::RewrapFile(const ClinicId& clinic) {
  return InClinic(clinic, [&](TenantTx& tx) -> absl::Status {
    DeferKeyEvent(tx, parts_.runner.audit(), parts_.ids.NewUuid(), parts_.clock.Now(),
                  {.method = "clinicd keys rotate-master",
                   .entity_type = "clinic_key",
                   .entity_id = clinic.uuid()});
    CLINICD_RETURN_IF_ERROR(LockKeys(tx));
    return parts_.keys.Rewrap(clinic);
  });
}

absl::StatusOr<KeyAdmin::MasterRotation> KeyAdmin::RotateMaster(bool retire,
                                                                const Advance& advance) {
  const auto waiting = [this]() -> absl::StatusOr<std::vector<ClinicId>> {
    CLINICD_ASSIGN_OR_RETURN(std::vector<ClinicId> clinics, parts_.keys.List());
    std::vector<ClinicId> older;
    for (const ClinicId& clinic : clinics) {
      CLINICD_ASSIGN_OR_RETURN(const bool newest, parts_.keys.IsUnderNewestMaster(clinic));
      if (!newest) older.push_back(clinic);
    }
    return older;
  };
  CLINICD_ASSIGN_OR_RETURN(std::vector<ClinicId> clinics, waiting());
  if (clinics.empty() && !retire) {
    CLINICD_RETURN_IF_ERROR(parts_.master.AddKey().status());
    CLINICD_ASSIGN_OR_RETURN(clinics, waiting());
  }
  MasterRotation rotation;
  for (const ClinicId& clinic : clinics) {
    CLINICD_RETURN_IF_ERROR(RewrapFile(clinic));
    ++rotation.rewrapped;
    advance(1);
  }
  if (retire) {
    CLINICD_ASSIGN_OR_RETURN(rotation.retired, parts_.master.RetireOlder());
  }
  CLINICD_ASSIGN_OR_RETURN(rotation.number, parts_.master.NewestNumber());
  return rotation;
}

absl::Status KeyAdmin::AddClinicKeyVersion(const ClinicId& clinic) {
  return InClinic(clinic, [&](TenantTx& tx) -> absl::Status {
    DeferKeyEvent(tx, parts_.runner.audit(), parts_.ids.NewUuid(), parts_.clock.Now(),
                  {.method = "clinicd keys rotate-clinic",
                   .entity_type = "clinic_key",
                   .entity_id = clinic.uuid()});
    CLINICD_RETURN_IF_ERROR(LockKeys(tx));
    return parts_.keys.Change(
        clinic, [&](ClinicKeys& keys) { keys.AddVersion(parts_.random, parts_.clock.Now()); });
  });
}

absl::Status KeyAdmin::RewrapAll(const ClinicId& clinic, const Advance& advance,
                                 Rotation& rotation) {
  Position after;
  bool more = true;
  while (more) {
    Position last;
    std::int64_t seen = 0;
    std::int64_t done = 0;
    absl::Status committed = InClinic(clinic, [&](TenantTx& tx) -> absl::Status {
      CLINICD_RETURN_IF_ERROR(LockKeys(tx));
      CLINICD_ASSIGN_OR_RETURN(const std::shared_ptr<const ClinicKeys> keys, LoadKeys(clinic));
      rotation.version = keys->newest().number;
      CLINICD_ASSIGN_OR_RETURN(const std::vector<LockedKey> batch,
                               tx.Many(sql::kLockDataKeys,
                                       Params()
                                           .Set("after_subject_id", after.subject)
                                           .Set("after_version", after.version)
                                           .Set("clinic_key_version", rotation.version)
                                           .Set("row_limit", options_.batch),
                                       ReadLocked));
      seen = static_cast<std::int64_t>(batch.size());
      if (batch.empty()) return absl::OkStatus();
      // One trace each time that somebody rotates, also where an interrupted rotation goes on.
      if (rotation.rewrapped + rotation.shredded == 0) {
        DeferKeyEvent(tx, parts_.runner.audit(), parts_.ids.NewUuid(), parts_.clock.Now(),
                      {.method = "clinicd keys rotate-clinic",
                       .entity_type = "data_key",
                       .entity_id = clinic.uuid()});
      }
      last = {.subject = batch.back().subject, .version = batch.back().wrapped.version};
      CLINICD_ASSIGN_OR_RETURN(done, Rewrap(tx, batch, *keys, parts_.random));
      return absl::OkStatus();
    });
    if (!committed.ok()) return committed;
    after = last;
    rotation.rewrapped += done;
    rotation.shredded += seen - done;
    more = seen > 0;
    if (more) advance(seen);
  }
  return absl::OkStatus();
}

absl::StatusOr<KeyAdmin::Rotation> KeyAdmin::RotateClinic(const ClinicId& clinic,
                                                          const Advance& advance) {
  CLINICD_RETURN_IF_ERROR(LoadKeys(clinic).status());
  Rotation rotation;
  // What an interrupted rotation left is finished first, and is then the rotation.
  CLINICD_RETURN_IF_ERROR(RewrapAll(clinic, advance, rotation));
  if (rotation.rewrapped > 0) return rotation;
  CLINICD_RETURN_IF_ERROR(AddClinicKeyVersion(clinic));
  rotation = Rotation();
  CLINICD_RETURN_IF_ERROR(RewrapAll(clinic, advance, rotation));
  return rotation;
}

absl::StatusOr<KeyAdmin::Rotation> KeyAdmin::RetireClinic(const ClinicId& clinic,
                                                          const Advance& advance) {
  CLINICD_ASSIGN_OR_RETURN(const std::shared_ptr<const ClinicKeys> keys, LoadKeys(clinic));
  Rotation rotation{.version = keys->newest().number};
  if (keys->versions().size() == 1) return rotation;
  const absl::Time earliest = keys->newest().made_at + options_.retire_after;
  if (parts_.clock.Now() < earliest) {
    return absl::FailedPreconditionError(
        absl::StrCat("the clinic's key was rotated a moment ago, and calls may still be under way "
                     "with the version before; run this again after ",
                     absl::FormatTime(earliest, absl::UTCTimeZone())));
  }
  CLINICD_RETURN_IF_ERROR(RewrapAll(clinic, advance, rotation));
  absl::Status committed = InClinic(clinic, [&](TenantTx& tx) -> absl::Status {
    DeferKeyEvent(tx, parts_.runner.audit(), parts_.ids.NewUuid(), parts_.clock.Now(),
                  {.method = "clinicd keys rotate-clinic --retire",
                   .entity_type = "clinic_key",
                   .entity_id = clinic.uuid()});
    CLINICD_RETURN_IF_ERROR(LockKeys(tx));
    CLINICD_ASSIGN_OR_RETURN(const std::shared_ptr<const ClinicKeys> now, LoadKeys(clinic));
    // Another rotation has begun meanwhile; its predecessor is still needed.
    if (now->newest().number != rotation.version) {
      return absl::AbortedError("the clinic's key is being rotated right now");
    }
    return parts_.keys.Change(clinic,
                              [&](ClinicKeys& kept) { rotation.retired = kept.DropOlder(); });
  });
  if (!committed.ok()) return committed;
  return rotation;
}

absl::StatusOr<std::int32_t> KeyAdmin::RotateDataKey(const ClinicId& clinic,
                                                     const std::optional<PatientId>& patient) {
  const KeySubject subject{.clinic = clinic, .subject = patient ? patient->uuid() : clinic.uuid()};
  std::int32_t version = 0;
  absl::Status committed = InClinic(clinic, [&](TenantTx& tx) -> absl::Status {
    CLINICD_RETURN_IF_ERROR(LockKeys(tx));
    CLINICD_ASSIGN_OR_RETURN(const std::shared_ptr<const ClinicKeys> keys, LoadKeys(clinic));
    CLINICD_ASSIGN_OR_RETURN(
        version,
        tx.One(sql::kFindNewestVersion, Params().Set("subject_id", subject.subject), ReadVersion));
    if (version == 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("there are no keys of ", subject.subject.ToString(), " to rotate"));
    }
    const DataKey key = MakeDataKey(++version, parts_.random);
    const std::optional<WrappingKey> wrapping = DeriveWrappingKey(subject.subject, keys->newest());
    if (!wrapping) return absl::FailedPreconditionError("the keys of the patient were destroyed");
    CLINICD_ASSIGN_OR_RETURN(const WrappedKey wrapped,
                             WrapDataKey(subject, key, *wrapping, parts_.random));
    tx.Defer(sql::kInsertDataKey, Params()
                                      .Set("subject_id", subject.subject)
                                      .Set("version", version)
                                      .Set("clinic_key_version", wrapped.clinic_key_version)
                                      .Set("wrapped", Bytes{wrapped.wrapped}));
    DeferKeyEvent(tx, parts_.runner.audit(), parts_.ids.NewUuid(), parts_.clock.Now(),
                  {.method = "clinicd keys rotate-patient",
                   .entity_type = "data_key",
                   .entity_id = subject.subject,
                   .patient = patient});
    return absl::OkStatus();
  });
  if (!committed.ok()) return committed;
  return version;
}

absl::StatusOr<std::int64_t> KeyAdmin::Shred(const ClinicId& clinic,
                                             const std::optional<PatientId>& patient,
                                             const std::function<absl::Status()>& change) {
  std::int64_t deleted = 0;
  absl::Status committed = InClinic(clinic, [&](TenantTx& tx) -> absl::Status {
    CLINICD_RETURN_IF_ERROR(LockKeys(tx));
    DeferKeyEvent(tx, parts_.runner.audit(), parts_.ids.NewUuid(), parts_.clock.Now(),
                  {.method = patient ? "clinicd keys shred-patient" : "clinicd keys shred-clinic",
                   .entity_type = patient ? "data_key" : "clinic_key",
                   .entity_id = patient ? patient->uuid() : clinic.uuid(),
                   .patient = patient});
    CLINICD_ASSIGN_OR_RETURN(deleted,
                             tx.Execute(sql::kDeleteDataKeys, Params().Set("subject_id", patient)));
    // All statements were done, so only the commit can fail now; then the rows are back, without a
    // key that opens them, and shredding again removes them.
    return change();
  });
  if (!committed.ok()) return committed;
  return deleted;
}

absl::StatusOr<std::int64_t> KeyAdmin::ShredPatient(const ClinicId& clinic,
                                                    const PatientId& patient) {
  CLINICD_RETURN_IF_ERROR(LoadKeys(clinic).status());
  return Shred(clinic, patient, [&] {
    return parts_.keys.Change(clinic, [&](ClinicKeys& keys) { keys.Shred(patient.uuid()); });
  });
}

absl::StatusOr<std::int64_t> KeyAdmin::ShredClinic(const ClinicId& clinic) {
  return Shred(clinic, std::nullopt, [&] { return parts_.keys.Shred(clinic); });
}

}  // namespace clinicd::db
