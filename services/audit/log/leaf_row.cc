#include "services/audit/log/leaf_row.h"

#include "common/merkle/hash.h"

namespace clinicd::audit {

Leaf ReadLeaf(const db::RowReader& row) {
  Leaf leaf;
  leaf.id = row.UuidValue("id");
  leaf.clinic_id = row.Id<ClinicId>("clinic_id");
  leaf.occurred_at = row.Time("occurred_at");
  leaf.recorded_at = row.Time("recorded_at");
  leaf.category = row.Text("category");
  leaf.action = row.Text("action");
  leaf.method = row.Text("method");
  leaf.outcome = row.Text("outcome");
  leaf.actor_id = row.OptionalUuid("actor_id");
  leaf.actor_roles = row.Text("actor_roles");
  leaf.acting_for = row.OptionalUuid("acting_for");
  leaf.purpose = row.Text("purpose");
  leaf.session_id = row.OptionalUuid("session_id");
  leaf.patient_id = row.OptionalUuid("patient_id");
  leaf.entity_type = row.OptionalText("entity_type");
  leaf.entity_id = row.OptionalUuid("entity_id");
  leaf.entity_version = row.OptionalInt("entity_version");
  leaf.changed_fields = row.Text("changed_fields");
  leaf.before_hash = merkle::ToHash(row.BytesOrEmpty("before_hash"));
  leaf.after_hash = merkle::ToHash(row.BytesOrEmpty("after_hash"));
  leaf.request_id = row.OptionalText("request_id");
  leaf.client_address = row.Text("client_address");
  leaf.user_agent = row.Text("user_agent");
  leaf.node = row.Text("node");
  leaf.build = row.Text("build");
  return leaf;
}

}  // namespace clinicd::audit
