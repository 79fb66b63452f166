// Seals private fields under keys that can be destroyed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/random.h"
#include "common/log/logger.h"
#include "db/access/audit_writer.h"
#include "db/access/field_sealer.h"
#include "db/vault/clinic_key_store.h"
#include "db/vault/data_key.h"
#include "db/vault/expiring_cache.h"

namespace clinicd::db {

// The FieldSealer of a server. Data keys lie in the database, wrapped under the clinic's key, which
// does not; the first value of a subject makes its key, and an audit row that says so.
//
// A data key that was read as committed is kept in memory for a minute at most, so another process
// that destroys it is believed within that time; what this process destroys is gone at once.
class Vault final : public FieldSealer {
 public:
  struct Parts {
    ClinicKeyStore& keys;
    const Clock& clock;
    // For ages.
    const Clock& monotonic_clock;
    const IdSource& ids;
    Random& random;
    // Told what is wrong with keys, which callers are not.
    log::Logger& logger;
    // The name and the version of this server, for the traces of keys that are made.
    std::string node = {};
    std::string build = {};
  };
  struct Options {
    std::size_t cached_max = 50'000;
    absl::Duration cached_for = absl::Seconds(60);
  };

  explicit Vault(const Parts& parts) : Vault(parts, Options()) {}
  Vault(const Parts& parts, const Options& options);

  absl::StatusOr<std::string> Seal(TenantTx& tx, const std::optional<PatientId>& patient,
                                   const FieldPlace& place, std::string_view plaintext) override;
  void Expect(TenantTx& tx, const rpc::ExpectedChange& expected) override;
  absl::StatusOr<std::optional<std::string>> Open(TenantTx& tx,
                                                  const std::optional<PatientId>& patient,
                                                  const FieldPlace& place,
                                                  std::string_view sealed) override;

  // Drops the keys of a patient, or of a whole clinic, from memory. To be called after they were
  // destroyed.
  void Forget(const ClinicId& clinic, const PatientId& patient);
  void Forget(const ClinicId& clinic);

 private:
  // A subject's key of one version; version 0 is the one that seals.
  struct CacheKey {
    KeySubject subject;
    std::int32_t version = 0;

    friend bool operator==(const CacheKey&, const CacheKey&) = default;
    template <typename H>
    friend H AbslHashValue(H state, const CacheKey& key) {
      return H::combine(std::move(state), key.subject.clinic, key.subject.subject, key.version);
    }
  };
  using Key = std::shared_ptr<const DataKey>;

  absl::StatusOr<Key> KeyForSealing(TenantTx& tx, const KeySubject& subject);
  // Has the sealing key of `subject`, which is committed, at hand from now on.
  void Remember(const KeySubject& subject, const Key& key, std::int64_t generation);
  // Remembers a key that a flush has brought, if it can be unwrapped; if not, Seal() says why.
  void Keep(const KeySubject& subject, const WrappedKey& row, std::int64_t generation);
  // Null if the subject was shredded.
  absl::StatusOr<Key> KeyForOpening(TenantTx& tx, const KeySubject& subject, std::int32_t version);
  absl::StatusOr<ClinicKeyStore::Found> ClinicKeysForSealing(TenantTx& tx);
  absl::StatusOr<WrappedKey> EnsureDataKey(TenantTx& tx, const KeySubject& subject,
                                           const WrappedKey& candidate);
  // Sends the traces of a key that was made.
  void DeferMade(TenantTx& tx, const KeySubject& subject, const WrappedKey& row);
  // As UnwrapDataKey(), with keys that are read again where `keys` are older than the row.
  absl::StatusOr<DataKey> Unwrap(const KeySubject& subject, const WrappedKey& row,
                                 const ClinicKeys& keys);
  absl::Status Unavailable(const ClinicId& clinic, const absl::Status& cause);

  const Parts parts_;
  const AuditWriter audit_;
  ExpiringCache<CacheKey, DataKey> cache_;
};

}  // namespace clinicd::db
