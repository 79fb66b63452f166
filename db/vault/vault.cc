#include "db/vault/vault.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/try.h"
#include "common/status/error.h"
#include "db/queries/vault.h"
#include "db/vault/key_events.h"

namespace clinicd::db {
namespace {

using status::ErrorReason;

constexpr std::int32_t kFirstVersion = 1;
// Seals, whatever its number.
constexpr std::int32_t kSealingVersion = 0;

absl::Status Shredded() {
  return status::Error(absl::StatusCode::kFailedPrecondition, ErrorReason::RECORD_SHREDDED,
                       "The keys of this record were destroyed; nothing can be kept in it.");
}

absl::Status ValueDamaged() {
  return status::Error(absl::StatusCode::kDataLoss, ErrorReason::SEALED_VALUE_DAMAGED,
                       "A sealed value of this record does not open; tell the server's operator.");
}

KeySubject SubjectOf(const TenantTx& tx, const std::optional<PatientId>& patient) {
  const ClinicId clinic = tx.scope().clinic;
  return {.clinic = clinic, .subject = patient ? patient->uuid() : clinic.uuid()};
}

bool ReadFound(const RowReader& row) { return row.Bool("found"); }

}  // namespace

Vault::Vault(const Parts& parts, const Options& options)
    : parts_(parts),
      audit_({.node = parts.node, .build = parts.build}),
      cache_(options.cached_max, options.cached_for, parts.monotonic_clock) {}

absl::Status Vault::Unavailable(const ClinicId& clinic, const absl::Status& cause) {
  parts_.logger.Error("keys_unavailable", {{log::kClinicId, clinic.ToString()},
                                           {log::kNote, std::string(cause.message())}});
  return status::Error(absl::StatusCode::kUnavailable, ErrorReason::KEYS_UNAVAILABLE,
                       "The keys of this clinic cannot be read at the moment; try again later.");
}

absl::StatusOr<std::string> Vault::Seal(TenantTx& tx, const std::optional<PatientId>& patient,
                                        const FieldPlace& place, std::string_view plaintext) {
  const KeySubject subject = SubjectOf(tx, patient);
  Key key = cache_.Find({subject, kSealingVersion});
  if (key == nullptr) {
    CLINICD_ASSIGN_OR_RETURN(key, KeyForSealing(tx, subject));
  }
  return SealField(subject.clinic, place, *key, plaintext, parts_.random);
}

void Vault::Expect(TenantTx& tx, const rpc::ExpectedChange& expected) {
  const ClinicId clinic = tx.scope().clinic;
  if (expected.patient &&
      cache_.Find({SubjectOf(tx, expected.patient), kSealingVersion}) != nullptr) {
    return;
  }
  tx.DeferRead(
      sql::kFindSealingKey,
      Params().Set("patient_id", expected.patient).Set("appointment_id", expected.appointment),
      [this, clinic, generation = cache_.generation()](const RowReader& row) {
        Keep({.clinic = clinic, .subject = row.UuidValue("subject_id")}, ReadWrappedKey(row),
             generation);
      });
}

absl::StatusOr<std::optional<std::string>> Vault::Open(TenantTx& tx,
                                                       const std::optional<PatientId>& patient,
                                                       const FieldPlace& place,
                                                       std::string_view sealed) {
  const KeySubject subject = SubjectOf(tx, patient);
  const std::optional<std::int32_t> version = VersionOfSealed(sealed);
  if (!version) return ValueDamaged();
  Key key = cache_.Find({subject, *version});
  if (key == nullptr) {
    CLINICD_ASSIGN_OR_RETURN(key, KeyForOpening(tx, subject, *version));
    if (key == nullptr) return std::optional<std::string>();
  }
  absl::StatusOr<std::string> plaintext = OpenField(subject.clinic, place, *key, sealed);
  if (!plaintext.ok()) return ValueDamaged();
  return std::optional<std::string>(*std::move(plaintext));
}

absl::StatusOr<ClinicKeyStore::Found> Vault::ClinicKeysForSealing(TenantTx& tx) {
  const ClinicId clinic = tx.scope().clinic;
  absl::StatusOr<ClinicKeyStore::Found> found = parts_.keys.Load(clinic);
  if (!found.ok()) return Unavailable(clinic, found.status());
  if (found->shredded) return Shredded();
  if (found->keys != nullptr) return found;
  CLINICD_ASSIGN_OR_RETURN(const bool had_keys, tx.One(sql::kFindAnyDataKey, Params(), ReadFound));
  if (had_keys) {
    // Somebody may have made file and data key since; the file is there before the data key is.
    found = parts_.keys.Load(clinic);
    if (!found.ok()) return Unavailable(clinic, found.status());
    if (found->shredded) return Shredded();
    if (found->keys != nullptr) return found;
    return Unavailable(
        clinic, absl::FailedPreconditionError(
                    absl::StrCat("there is no ", parts_.keys.PathOf(clinic),
                                 " although values were sealed under it; restore it from the copy "
                                 "of the key directory")));
  }
  found = parts_.keys.LoadOrMake(clinic);
  if (!found.ok()) return Unavailable(clinic, found.status());
  if (found->shredded) return Shredded();
  return found;
}

void Vault::DeferMade(TenantTx& tx, const KeySubject& subject, const WrappedKey& row) {
  const bool own = subject.subject == subject.clinic.uuid();
  // The file may have been made in an earlier transaction that failed.
  if (row.first) {
    DeferKeyEvent(tx, audit_, parts_.ids.NewUuid(), parts_.clock.Now(),
                  {.method = "clinicd keys create-clinic-key",
                   .entity_type = "clinic_key",
                   .entity_id = subject.clinic.uuid()});
  }
  DeferKeyEvent(tx, audit_, parts_.ids.NewUuid(), parts_.clock.Now(),
                {.method = "clinicd keys create-data-key",
                 .entity_type = "data_key",
                 .entity_id = subject.subject,
                 .patient = own ? std::nullopt : std::optional(PatientId(subject.subject))});
}

absl::StatusOr<WrappedKey> Vault::EnsureDataKey(TenantTx& tx, const KeySubject& subject,
                                                const WrappedKey& candidate) {
  // The second time it sees what another transaction made while the first one waited for it.
  for (int i = 0; i < 2; ++i) {
    CLINICD_ASSIGN_OR_RETURN(
        std::optional<WrappedKey> row,
        tx.Optional(sql::kEnsureDataKey,
                    Params()
                        .Set("subject_id", subject.subject)
                        .Set("version", candidate.version)
                        .Set("clinic_key_version", candidate.clinic_key_version)
                        .Set("wrapped", Bytes{candidate.wrapped}),
                    ReadWrappedKey));
    if (row) return *std::move(row);
  }
  return status::Defect("a data key was made and is not there");
}

absl::StatusOr<DataKey> Vault::Unwrap(const KeySubject& subject, const WrappedKey& row,
                                      const ClinicKeys& keys) {
  absl::StatusOr<DataKey> key = UnwrapDataKey(subject, row, keys);
  if (!absl::IsNotFound(key.status())) return key;
  // Wrapped under a version that was added a moment ago.
  const absl::StatusOr<ClinicKeyStore::Found> found = parts_.keys.Load(subject.clinic);
  if (!found.ok()) return Unavailable(subject.clinic, found.status());
  if (found->shredded) return absl::CancelledError("the clinic was shredded");
  if (found->keys != nullptr) key = UnwrapDataKey(subject, row, *found->keys);
  if (!absl::IsNotFound(key.status())) return key;
  return Unavailable(
      subject.clinic,
      absl::FailedPreconditionError(absl::StrCat(
          parts_.keys.PathOf(subject.clinic), " has no version ", row.clinic_key_version,
          ", under which keys in the database are wrapped; restore a newer copy of it, or an older "
          "one if that version was retired")));
}

absl::StatusOr<Vault::Key> Vault::KeyForSealing(TenantTx& tx, const KeySubject& subject) {
  const std::int64_t generation = cache_.generation();
  CLINICD_ASSIGN_OR_RETURN(const ClinicKeyStore::Found found, ClinicKeysForSealing(tx));
  const std::optional<WrappingKey> wrapping =
      DeriveWrappingKey(subject.subject, found.keys->newest());
  if (!wrapping) return Shredded();
  DataKey fresh = MakeDataKey(kFirstVersion, parts_.random);
  CLINICD_ASSIGN_OR_RETURN(const WrappedKey candidate,
                           WrapDataKey(subject, fresh, *wrapping, parts_.random));
  CLINICD_ASSIGN_OR_RETURN(const WrappedKey row, EnsureDataKey(tx, subject, candidate));
  if (row.made) {
    DeferMade(tx, subject, row);
    return std::make_shared<const DataKey>(std::move(fresh));
  }
  const bool newest = row.clinic_key_version == wrapping->clinic_key_version;
  absl::StatusOr<DataKey> unwrapped =
      newest ? UnwrapDataKey(subject, row, *wrapping) : Unwrap(subject, row, *found.keys);
  if (absl::IsCancelled(unwrapped.status())) return Shredded();
  if (absl::IsDataLoss(unwrapped.status())) return ValueDamaged();
  if (!unwrapped.ok()) return unwrapped.status();
  const Key key = std::make_shared<const DataKey>(*std::move(unwrapped));
  // What is not committed may vanish, and with it all that others sealed under it.
  if (!row.own) Remember(subject, key, generation);
  return key;
}

void Vault::Remember(const KeySubject& subject, const Key& key, std::int64_t generation) {
  cache_.Put({subject, kSealingVersion}, key, generation);
  cache_.Put({subject, key->version}, key, generation);
}

void Vault::Keep(const KeySubject& subject, const WrappedKey& row, std::int64_t generation) {
  if (cache_.Find({subject, kSealingVersion}) != nullptr) return;
  const absl::StatusOr<ClinicKeyStore::Found> found = parts_.keys.Load(subject.clinic);
  if (!found.ok() || found->shredded || found->keys == nullptr) return;
  absl::StatusOr<DataKey> unwrapped = UnwrapDataKey(subject, row, *found->keys);
  if (!unwrapped.ok()) return;
  Remember(subject, std::make_shared<const DataKey>(*std::move(unwrapped)), generation);
}

absl::StatusOr<Vault::Key> Vault::KeyForOpening(TenantTx& tx, const KeySubject& subject,
                                                std::int32_t version) {
  const std::int64_t generation = cache_.generation();
  const absl::StatusOr<ClinicKeyStore::Found> found = parts_.keys.Load(subject.clinic);
  if (!found.ok()) return Unavailable(subject.clinic, found.status());
  if (found->shredded) return Key();
  if (found->keys == nullptr) {
    return Unavailable(subject.clinic, absl::FailedPreconditionError(absl::StrCat(
                                           "there is no ", parts_.keys.PathOf(subject.clinic),
                                           "; restore it from the copy of the key directory")));
  }
  if (found->keys->IsShredded(subject.subject)) return Key();
  CLINICD_ASSIGN_OR_RETURN(
      const std::optional<WrappedKey> row,
      tx.Optional(sql::kGetDataKey,
                  Params().Set("subject_id", subject.subject).Set("version", version),
                  ReadWrappedKey));
  if (!row) return ValueDamaged();
  absl::StatusOr<DataKey> unwrapped = Unwrap(subject, *row, *found->keys);
  if (absl::IsCancelled(unwrapped.status())) return Key();
  if (absl::IsDataLoss(unwrapped.status())) return ValueDamaged();
  if (!unwrapped.ok()) return unwrapped.status();
  const Key key = std::make_shared<const DataKey>(*std::move(unwrapped));
  if (!row->own) cache_.Put({subject, version}, key, generation);
  return key;
}

void Vault::Forget(const ClinicId& clinic, const PatientId& patient) {
  const KeySubject gone{.clinic = clinic, .subject = patient.uuid()};
  cache_.RemoveIf([&gone](const CacheKey& key) { return key.subject == gone; });
}

void Vault::Forget(const ClinicId& clinic) {
  cache_.RemoveIf([&clinic](const CacheKey& key) { return key.subject.clinic == clinic; });
}

}  // namespace clinicd::db
