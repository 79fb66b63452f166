#include "db/access/audit_writer.h"

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/status/error.h"
#include "db/queries/audit.h"

namespace clinicd::db {
namespace {

constexpr std::string_view kTable = "audit_events";

template <typename IdType>
std::optional<IdType> NotNil(const IdType& id) {
  return id.is_nil() ? std::nullopt : std::optional(id);
}

std::optional<Bytes> AsBytes(const std::optional<std::string>& sealed) {
  return sealed ? std::optional(Bytes{*sealed}) : std::nullopt;
}

// What both statements say.
Params FactsOf(const TenantTx& tx, const Uuid& id, absl::Time now, const AuditRow& row,
               const AuditWriter::Options& options) {
  Params params;
  params.Set("id", id)
      .Set("occurred_at", now)
      .Set("method", row.method)
      .Set("actor_id", NotNil(row.actor))
      .Set("actor_roles", row.actor_roles)
      .Set("purpose", tx.scope().purpose)
      .Set("session_id", NotNil(row.session))
      .Set("entity_id", row.entity_id)
      .Set("client_address", row.client_address)
      .Set("user_agent", row.user_agent)
      .Set("node", options.node)
      .Set("build", options.build);
  return params;
}

}  // namespace

absl::StatusOr<std::optional<std::string>> AuditWriter::SealSnapshot(TenantTx& tx,
                                                                     const AuditRow& row,
                                                                     const FieldPlace& place,
                                                                     std::string_view json) const {
  if (json.empty()) return std::nullopt;
  if (options_.sealer == nullptr) return status::Defect("a snapshot, and nothing to seal it with");
  absl::StatusOr<std::string> sealed = options_.sealer->Seal(tx, row.patient, place, json);
  // Of somebody whose keys were destroyed nothing is kept, and calling off their visits must work.
  if (status::ReasonOf(sealed.status()) == status::ErrorReason::RECORD_SHREDDED) {
    return std::nullopt;
  }
  if (!sealed.ok()) return sealed.status();
  return *std::move(sealed);
}

void AuditWriter::Defer(TenantTx& tx, const Uuid& id, absl::Time now, const AuditRow& row) const {
  const auto before = SealSnapshot(tx, row, {kTable, "before_sealed", id}, row.before_json);
  if (!before.ok()) return tx.FailNextFlush(before.status());
  const auto after = SealSnapshot(tx, row, {kTable, "after_sealed", id}, row.after_json);
  if (!after.ok()) return tx.FailNextFlush(after.status());
  Params params = FactsOf(tx, id, now, row, options_);
  params.Set("category", row.category)
      .Set("action", row.action)
      .Set("outcome", row.outcome)
      .Set("patient_id", row.patient)
      .SetOrNull("entity_type", row.entity_type)
      .Set("entity_version", row.entity_version)
      .Set("changed_fields", row.changed_fields)
      .Set("before_sealed", AsBytes(*before))
      .Set("after_sealed", AsBytes(*after))
      .SetOrNull("request_id", row.request_id);
  tx.Defer(sql::kInsertEvent, params);
}

void AuditWriter::DeferAccess(TenantTx& tx, const Uuid& id, absl::Time now,
                              const AuditRow& row) const {
  const bool patient = row.entity_type == "patient";
  if (!patient && row.entity_type != "appointment") {
    return tx.FailNextFlush(
        status::Defect(absl::StrCat("no access row for one ", ToAbsl(row.entity_type))));
  }
  Params params = FactsOf(tx, id, now, row, options_);
  params.Set("outcome_missing", patient ? "PATIENT_NOT_FOUND" : "APPOINTMENT_NOT_FOUND");
  tx.Defer(patient ? sql::kInsertPatientAccess : sql::kInsertAppointmentAccess, params);
}

}  // namespace clinicd::db
