// Templates of TenantTx. Included by tenant_tx.h only.
#pragma once

namespace clinicd::db {

template <typename Row>
absl::StatusOr<std::vector<Row>> TenantTx::Many(const Query& query, const Params& params,
                                                Row (*read)(const RowReader&),
                                                const ConstraintErrors& errors) {
  std::vector<Row> rows;
  const absl::StatusOr<std::int64_t> count = RunStatement(
      query, params, errors, [&](const RowReader& row) { rows.push_back(read(row)); });
  if (!count.ok()) return count.status();
  return rows;
}

template <typename Row>
absl::StatusOr<std::optional<Row>> TenantTx::Optional(const Query& query, const Params& params,
                                                      Row (*read)(const RowReader&),
                                                      const ConstraintErrors& errors) {
  absl::StatusOr<std::vector<Row>> rows = Many(query, params, read, errors);
  if (!rows.ok()) return std::move(rows).status();
  if (rows->size() > 1) return WrongRowCount(query);
  if (rows->empty()) return std::optional<Row>();
  return std::optional<Row>(std::move(rows->front()));
}

template <typename Row>
absl::StatusOr<Row> TenantTx::One(const Query& query, const Params& params,
                                  Row (*read)(const RowReader&), const ConstraintErrors& errors) {
  absl::StatusOr<std::vector<Row>> rows = Many(query, params, read, errors);
  if (!rows.ok()) return std::move(rows).status();
  if (rows->size() != 1) return WrongRowCount(query);
  return std::move(rows->front());
}

}  // namespace clinicd::db
