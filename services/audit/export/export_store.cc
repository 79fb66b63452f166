#include "services/audit/export/export_store.h"

#include "db/queries/audit_log.h"
#include "services/audit/event_rules.h"
#include "services/audit/log/leaf_row.h"

namespace clinicd::audit {
namespace {

ExportedLeaf ReadExported(const db::RowReader& row) {
  return {.index = static_cast<std::uint64_t>(row.Int("leaf_index")),
          .leaf = ReadLeaf(row),
          .before_sealed = row.BytesOrEmpty("before_sealed"),
          .after_sealed = row.BytesOrEmpty("after_sealed")};
}

}  // namespace

absl::StatusOr<std::vector<ExportedLeaf>> ExportStore::List(db::TenantTx& tx,
                                                            const EventFilter& filter,
                                                            const Stretch& stretch) const {
  const IdRange ids = IdsAround(filter.start, filter.end);
  db::Params params;
  params.Set("actor_id", filter.actor)
      .Set("entity_id", filter.entity_id)
      .SetOrNull("category", filter.category)
      .SetOrNull("action", filter.action)
      .Set("succeeded", filter.succeeded)
      .Set("from_id", ids.first)
      .Set("until_id", ids.last)
      .Set("start_time", filter.start)
      .Set("end_time", filter.end)
      .Set("start_index", static_cast<std::int64_t>(stretch.from))
      .Set("end_index", static_cast<std::int64_t>(stretch.to))
      .Set("with_snapshots", stretch.with_snapshots)
      .Set("row_limit", stretch.limit)
      .Set("patient_id", filter.patient);
  return tx.Many(filter.patient ? sql::kExportPatientLeaves : sql::kExportLeaves, params,
                 ReadExported);
}

}  // namespace clinicd::audit
