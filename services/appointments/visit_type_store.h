// Visit types in the database.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "db/access/tenant_tx.h"
#include "services/appointments/resource_store.h"
#include "services/appointments/visit_type.h"

namespace clinicd::appointments {

// Reads and writes visit types with their segments. Stateless; errors as for TenantTx.
class VisitTypeStore final {
 public:
  absl::StatusOr<std::optional<VisitType>> Find(db::TenantTx& tx, VisitTypeId id) const;

  // Whether visits of a type can be booked; those of none can. Errors: NOT_FOUND
  // (VISIT_TYPE_NOT_FOUND), FAILED_PRECONDITION (VISIT_TYPE_INACTIVE).
  absl::Status CheckActive(db::TenantTx& tx, const std::optional<VisitTypeId>& id) const;

  // By name and id.
  absl::StatusOr<std::vector<VisitType>> List(db::TenantTx& tx, bool show_inactive,
                                              const NamePosition& after,
                                              std::int32_t count_max) const;

  // Stores a new, active visit type and returns it as it is read back. Errors: ALREADY_EXISTS
  // (VISIT_TYPE_EXTERNAL_ID_TAKEN).
  absl::StatusOr<VisitType> Insert(db::TenantTx& tx, const VisitType& visit_type,
                                   UserId created_by) const;

  // Stores everything but the external id, with all segments anew, and returns it as it is read
  // back. nullopt: there is no such visit type, or not in that version.
  absl::StatusOr<std::optional<VisitType>> Update(db::TenantTx& tx,
                                                  const VisitType& visit_type) const;
};

}  // namespace clinicd::appointments
