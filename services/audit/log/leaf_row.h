// Events, as the leaves of the log see them.
#pragma once

#include "db/access/row_reader.h"
#include "services/audit/proof/leaf.h"

namespace clinicd::audit {

// The leaf of a row that has the columns of an event, in the order of db/queries/audit_log, with
// the hashes of its sealed snapshots. A row cannot tell whose it is unless it says so: clinic_id is
// one of them.
Leaf ReadLeaf(const db::RowReader& row);

}  // namespace clinicd::audit
