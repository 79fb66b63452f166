// Writes audit events, in the transaction of what they tell of.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/ids.h"
#include "db/access/field_sealer.h"
#include "db/access/tenant_tx.h"

namespace clinicd::db {

// What an event says. Texts are empty, and ids nil, where there is none.
struct AuditRow {
  // As the table knows them.
  std::string_view category = "record";
  std::string_view action = {};
  std::string_view method = {};
  std::string_view outcome = {};
  UserId actor = {};
  std::string_view actor_roles = {};
  SessionId session = {};
  std::string_view entity_type = {};
  std::optional<Uuid> entity_id = {};
  std::optional<std::int64_t> entity_version = {};
  std::optional<PatientId> patient = {};
  std::string_view changed_fields = {};
  // JSON; sealed before it leaves this process.
  std::string_view before_json = {};
  std::string_view after_json = {};
  std::string_view request_id = {};
  std::string_view client_address = {};
  std::string_view user_agent = {};
};

// The same on every server of a clinic but for its options. Thread-safe.
class AuditWriter final {
 public:
  struct Options {
    // The name and the version of this server.
    std::string node = {};
    std::string build = {};
    // Seals what things were like before and after a change; outlives the writer. Null: such a
    // change is refused as a defect.
    FieldSealer* sealer = nullptr;
  };

  explicit AuditWriter(Options options) : options_(std::move(options)) {}

  // Sends the insert with the next flush of `tx`. Where the event cannot be made, that flush fails:
  // nothing happens without its event.
  void Defer(TenantTx& tx, const Uuid& id, absl::Time now, const AuditRow& row) const;

  // The same for the reading of one patient or appointment in the flush of the reading itself,
  // before anybody knows whether there is one: the statement finds outcome, patient and version.
  void DeferAccess(TenantTx& tx, const Uuid& id, absl::Time now, const AuditRow& row) const;

  const Options& options() const { return options_; }

 private:
  absl::StatusOr<std::optional<std::string>> SealSnapshot(TenantTx& tx, const AuditRow& row,
                                                          const FieldPlace& place,
                                                          std::string_view json) const;

  const Options options_;
};

}  // namespace clinicd::db
