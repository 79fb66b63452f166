// What a handler sees of the call it serves.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/auth/identity.h"
#include "common/base/ids.h"
#include "common/rpc/method_table.h"

namespace google::protobuf {
class Message;
}

namespace clinicd::db {
class TenantTx;
}

namespace clinicd::rpc {

// The facts of a call, fixed before its handler runs.
struct CallInfo {
  const MethodInfo* method = nullptr;
  // Names the call in logs; sent to the client with INTERNAL errors.
  std::string call_id;
  // Default-made for anonymous methods.
  auth::Identity identity;
  absl::Time start;
  // When the server gives up: the sooner of the client's deadline and the method's maximum.
  absl::Time deadline;
  std::string client_address;
  std::string user_agent;
  // Of the request; nil when it has none.
  Uuid request_id;
  // HMAC of the request, to recognise another request under the same id.
  std::string request_hash;
  // Whether a mutation is to be answered with a receipt of its event.
  bool wants_receipt = false;
};

// What the audit row of a call says, besides the facts of the call.
struct AuditSubject {
  // "patient", "appointment", ...; empty when there is no single thing.
  std::string entity_type = {};
  std::optional<Uuid> entity_id = {};
  std::optional<PatientId> patient = {};
  // Of the thing after a change, where it has one.
  std::optional<std::int64_t> entity_version = {};
  // The fields that a change touched, sorted, joined by commas; empty where the thing was made or
  // removed as a whole.
  std::string changed_fields = {};
  // JSON of the thing before and after a change; empty where it does not exist.
  std::string before_json = {};
  std::string after_json = {};
};

// That something has changed which others may be watching, without saying how.
struct Change {
  // "appointment"; one of those that the change table takes. A constant of the program.
  std::string_view entity_type = {};
  Uuid entity_id = {};
  // Of the row after the change.
  std::int64_t row_version = 0;
  // The days in UTC that the thing was on before, and is on after the change; at least one.
  std::optional<absl::CivilDay> was_on = {};
  std::optional<absl::CivilDay> is_on = {};
};

// Whose record a mutation will change: a patient's, or that of the patient of an appointment.
struct ExpectedChange {
  std::optional<PatientId> patient = {};
  std::optional<AppointmentId> appointment = {};
};

// The clinic's time zone.
absl::TimeZone TimeZoneOf(const CallInfo& info);

// The JSON of a resource for an audit row, without secrets; empty for null.
std::string AuditJson(const google::protobuf::Message* resource);

// What an audit row says of a change of `entity_id`, with the resource before and after; null where
// it does not exist.
AuditSubject ChangeOf(std::string_view entity_type, const Uuid& entity_id,
                      const google::protobuf::Message* before,
                      const google::protobuf::Message* after,
                      std::optional<PatientId> patient = {});

// A call in the hands of its handler. Lives as long as one run of the handler; a handler may run
// again when its transaction is retried. Not thread-safe.
class Call final {
 public:
  // `expect_last` is called by last_tx(), `expect_change` by ExpectChange().
  Call(const CallInfo& info, const IdSource& ids, db::TenantTx& tx,
       std::function<void()> expect_last, std::function<void(const ExpectedChange&)> expect_change)
      : info_(info),
        ids_(ids),
        tx_(tx),
        expect_last_(std::move(expect_last)),
        expect_change_(std::move(expect_change)) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  const CallInfo& info() const { return info_; }
  UserId user_id() const { return info_.identity.user; }

  // When the call began; the same at every use within the call.
  absl::Time now() const { return info_.start; }
  // The clinic's time zone.
  absl::TimeZone time_zone() const { return TimeZoneOf(info_); }
  // The civil date at the clinic.
  absl::CivilDay today() const { return absl::ToCivilDay(now(), time_zone()); }

  template <typename IdType>
  IdType NewId() const {
    return ids_.New<IdType>();
  }
  Uuid NewUuid() const { return ids_.NewUuid(); }

  // The transaction of the call's clinic.
  db::TenantTx& tx() { return tx_; }

  // The transaction of a read whose next statement is its only one: access row and commit ride in
  // the same flush. Name the subject with Audit...() first.
  db::TenantTx& last_tx();

  // Tells before the first statement of a mutation whose record it will change, which spares the
  // round trip for the key that seals what the audit row says of it. Leaves no trace.
  void ExpectChange(const ExpectedChange& expected) { expect_change_(expected); }

  // Names what a read touched. Required before last_tx() or the return of a method whose audit
  // level is ACCESS. Of one patient or appointment: the row finds out itself whether it exists, and
  // whose it is.
  void AuditAccess(std::string_view entity_type, const Uuid& entity_id);
  // The same for a list, or for any other single thing, once more when it was found. `patient` is
  // the subject if it is about one patient.
  void AuditListAccess(std::string_view entity_type, std::optional<PatientId> patient = {},
                       std::optional<Uuid> entity_id = {});
  // Names what a mutation changed, with the resource before and after as API messages; null where
  // it does not exist. Required in a method whose audit level is CHANGE.
  void AuditChange(std::string_view entity_type, const Uuid& entity_id,
                   const google::protobuf::Message* before, const google::protobuf::Message* after,
                   std::optional<PatientId> patient = {});

  // Tells those who watch, when and if the transaction commits. For mutations.
  void Announce(const Change& change) { changes_.push_back(change); }

  // Has `write` called in the transaction that records the failure of this call, if it fails with
  // an error that leaves an audit row: for what must be kept although the call has no effect, such
  // as a count of wrong passwords.
  void KeepOnFailure(std::function<void(db::TenantTx&)> write) {
    keep_on_failure_ = std::move(write);
  }

  // For the runner.
  const std::function<void(db::TenantTx&)>& keep_on_failure() const { return keep_on_failure_; }
  const std::optional<AuditSubject>& audit_subject() const { return subject_; }
  bool single_entity_access() const { return single_entity_access_; }
  const std::vector<Change>& changes() const { return changes_; }

 private:
  const CallInfo& info_;
  const IdSource& ids_;
  db::TenantTx& tx_;
  std::function<void()> expect_last_;
  std::function<void(const ExpectedChange&)> expect_change_;
  std::function<void(db::TenantTx&)> keep_on_failure_;
  std::optional<AuditSubject> subject_;
  bool single_entity_access_ = false;
  std::vector<Change> changes_;
};

}  // namespace clinicd::rpc
