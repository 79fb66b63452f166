#include "db/isolation/table_probe.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/text.h"
#include "common/base/try.h"

namespace clinicd::db {
namespace {

// They hold no clinic's data, and say so in db/README.md; their guards are compared.
constexpr std::array<std::string_view, 8> kNobodysTables = {
    "audit_checkpoints", "audit_cosignatures", "audit_epochs",      "audit_meta_leaves",
    "audit_meta_tiles",  "audit_sealer",       "schema_migrations", "users"};

// insufficient_privilege: also what row-level security refuses with.
constexpr char kRefused[] = "42501";

constexpr char kTables[] = R"(
SELECT c.relname,
    COALESCE(max(a.attname) FILTER (WHERE a.attname = 'clinic_id'),
        CASE c.relname WHEN 'clinics' THEN 'id' ELSE '' END),
    COALESCE(string_agg(quote_ident(a.attname), ',' ORDER BY a.attnum)
        FILTER (WHERE has_column_privilege(c.oid, a.attnum, 'SELECT')), ''),
    COALESCE(string_agg(quote_ident(a.attname), ',' ORDER BY a.attnum)
        FILTER (WHERE a.attgenerated = '' AND has_column_privilege(c.oid, a.attnum, 'INSERT')
            AND has_column_privilege(c.oid, a.attnum, 'SELECT')), ''),
    COALESCE(min(quote_ident(a.attname))
        FILTER (WHERE has_column_privilege(c.oid, a.attnum, 'UPDATE')
            AND has_column_privilege(c.oid, a.attnum, 'SELECT')), ''),
    COALESCE(string_agg(quote_ident(a.attname), ',')
        FILTER (WHERE a.atttypid = 'uuid'::regtype AND a.attname <> 'clinic_id'
            AND has_column_privilege(c.oid, a.attnum, 'SELECT')), ''),
    has_table_privilege(c.oid, 'DELETE')
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'clinicd'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
GROUP BY c.oid, c.relname
ORDER BY c.relname)";

std::vector<std::string> Names(const std::string& list) {
  return absl::StrSplit(list, ',', absl::SkipEmpty());
}

std::string Literal(const ClinicId& clinic) { return absl::StrCat("'", clinic.ToString(), "'"); }

}  // namespace

absl::StatusOr<TableProbe> TableProbe::Create(AdminConnection& connection) {
  CLINICD_ASSIGN_OR_RETURN(const AdminConnection::Rows rows, connection.Query(kTables));
  std::vector<Table> tables;
  for (const AdminConnection::Row& row : rows) {
    const std::string name = row.at(0).value_or("");
    if (std::find(kNobodysTables.begin(), kNobodysTables.end(), name) != kNobodysTables.end()) {
      continue;
    }
    tables.push_back({.name = absl::StrCat("clinicd.", name),
                      .clinic_column = row.at(1).value_or(""),
                      .readable = row.at(2).value_or(""),
                      .insertable = row.at(3).value_or(""),
                      .updatable = row.at(4).value_or(""),
                      .uuids = Names(row.at(5).value_or("")),
                      .deletable = row.at(6) == "t"});
  }
  return TableProbe(connection, std::move(tables));
}

absl::Status TableProbe::Begin(const ClinicId& clinic) {
  CLINICD_RETURN_IF_ERROR(connection_.Execute("BEGIN"));
  const std::string value = clinic == ClinicId() ? "" : clinic.ToString();
  return connection_.Query("SELECT set_config('clinicd.clinic_id', $1, true)", {value}).status();
}

absl::Status TableProbe::End() { return connection_.Execute("ROLLBACK"); }

absl::StatusOr<TableProbe::Outcome> TableProbe::Try(const std::string& sql) {
  CLINICD_RETURN_IF_ERROR(connection_.Execute("SAVEPOINT attempt"));
  Outcome outcome;
  const absl::StatusOr<AdminConnection::Rows> rows = connection_.Query(sql);
  if (rows.ok()) {
    outcome.count = static_cast<std::int64_t>(rows->size());
  } else {
    outcome.sql_state = SqlStateOf(rows.status());
    if (outcome.sql_state.empty()) return rows.status();
  }
  CLINICD_RETURN_IF_ERROR(connection_.Execute("ROLLBACK TO SAVEPOINT attempt"));
  return outcome;
}

absl::Status TableProbe::ProbeTable(const Table& table, const ClinicId& from, const ClinicId& to,
                                    Breaches& breaches) {
  const std::string where = absl::StrCat("table ", table.name.substr(sizeof("clinicd.") - 1));
  // Of any other clinic at all, not only of the one that was set up for this.
  const std::string foreign = absl::StrCat(table.clinic_column, " <> ", Literal(from));
  CLINICD_ASSIGN_OR_RETURN(const Outcome seen, Try(absl::StrCat("SELECT 1 FROM ", table.name,
                                                                " WHERE ", foreign, " LIMIT 1")));
  CLINICD_ASSIGN_OR_RETURN(const Outcome counted,
                           Try(absl::StrCat("SELECT 1 FROM ", table.name, " WHERE ",
                                            table.clinic_column, " = ", Literal(to), " LIMIT 1")));
  if (seen.count > 0 || counted.count > 0) {
    breaches.push_back({.what = "FOREIGN_ROWS_SEEN", .where = where});
  }
  return ProbeWrites(table, from, to, breaches);
}

absl::Status TableProbe::ProbeWrites(const Table& table, const ClinicId& from, const ClinicId& to,
                                     Breaches& breaches) {
  const std::string where = absl::StrCat("table ", table.name.substr(sizeof("clinicd.") - 1));
  const std::string theirs = absl::StrCat(" WHERE ", table.clinic_column, " = ", Literal(to));
  const std::string ours = absl::StrCat(" WHERE ", table.clinic_column, " = ", Literal(from));
  if (!table.updatable.empty()) {
    CLINICD_ASSIGN_OR_RETURN(const Outcome updated,
                             Try(absl::StrCat("UPDATE ", table.name, " SET ", table.updatable,
                                              " = ", table.updatable, theirs, " RETURNING 1")));
    if (updated.count > 0) breaches.push_back({.what = "FOREIGN_ROWS_UPDATED", .where = where});
  }
  CLINICD_ASSIGN_OR_RETURN(const Outcome deleted,
                           Try(absl::StrCat("DELETE FROM ", table.name, theirs, " RETURNING 1")));
  // A foreign key that refuses is no guard: the row was found.
  if (deleted.count > 0 || (!deleted.sql_state.empty() && deleted.sql_state != kRefused)) {
    breaches.push_back({.what = "FOREIGN_ROWS_DELETED", .where = where});
  }
  CLINICD_ASSIGN_OR_RETURN(const Outcome given,
                           Try(absl::StrCat("UPDATE ", table.name, " SET ", table.clinic_column,
                                            " = ", Literal(to), ours, " RETURNING 1")));
  if (given.sql_state != kRefused) breaches.push_back({.what = "ROWS_GIVEN_AWAY", .where = where});
  if (table.insertable.empty()) return absl::OkStatus();
  std::vector<std::string> values = Names(table.insertable);
  std::replace(values.begin(), values.end(), table.clinic_column, Literal(to));
  CLINICD_ASSIGN_OR_RETURN(
      const Outcome inserted,
      Try(absl::StrCat("INSERT INTO ", table.name, " (", table.insertable, ") SELECT ",
                       absl::StrJoin(values, ","), " FROM ", table.name, ours, " LIMIT 1")));
  if (inserted.sql_state == kRefused) return absl::OkStatus();
  CLINICD_ASSIGN_OR_RETURN(const Outcome own,
                           Try(absl::StrCat("SELECT 1 FROM ", table.name, ours, " LIMIT 1")));
  // Any other end came after row-level security had let it pass.
  if (own.count > 0) breaches.push_back({.what = "FOREIGN_ROWS_INSERTED", .where = where});
  return absl::OkStatus();
}

absl::Status TableProbe::ProbeWithoutClinic(const Table& table, Breaches& breaches) {
  CLINICD_ASSIGN_OR_RETURN(const Outcome seen,
                           Try(absl::StrCat("SELECT 1 FROM ", table.name, " LIMIT 1")));
  if (seen.count > 0) {
    breaches.push_back(
        {.what = "ROWS_SEEN_WITHOUT_CLINIC",
         .where = absl::StrCat("table ", table.name.substr(sizeof("clinicd.") - 1))});
  }
  return absl::OkStatus();
}

absl::StatusOr<TableProbe::Report> TableProbe::Run(const ClinicId& first, const ClinicId& second) {
  Report report;
  for (const Table& table : tables_) {
    const std::string where = absl::StrCat("table ", table.name.substr(sizeof("clinicd.") - 1));
    ++report.tables;
    if (table.clinic_column.empty()) {
      report.breaches.push_back({.what = "TABLE_WITHOUT_CLINIC", .where = where});
      continue;
    }
    int with_rows = 0;
    for (const auto& [from, to] : {std::pair(first, second), std::pair(second, first)}) {
      CLINICD_RETURN_IF_ERROR(Begin(from));
      CLINICD_ASSIGN_OR_RETURN(
          const Outcome own,
          Try(absl::StrCat("SELECT 1 FROM ", table.name, " WHERE ", table.clinic_column, " = ",
                           Literal(from), " LIMIT 1")));
      with_rows += own.count > 0 ? 1 : 0;
      CLINICD_RETURN_IF_ERROR(ProbeTable(table, from, to, report.breaches));
      CLINICD_RETURN_IF_ERROR(End());
    }
    // What another role writes comes in its own time.
    if (with_rows < 2 && !table.insertable.empty()) {
      report.breaches.push_back({.what = "OWN_ROWS_NOT_SEEN", .where = where});
    }
    if (with_rows == 0) ++report.empty_tables;
    CLINICD_RETURN_IF_ERROR(Begin(ClinicId()));
    CLINICD_RETURN_IF_ERROR(ProbeWithoutClinic(table, report.breaches));
    CLINICD_RETURN_IF_ERROR(End());
  }
  return report;
}

absl::StatusOr<std::string> TableProbe::Fingerprint(const ClinicId& clinic) {
  std::vector<std::string> parts;
  for (const Table& table : tables_) {
    const bool written = !table.insertable.empty() || !table.updatable.empty() || table.deletable;
    if (!written || table.readable.empty() || table.clinic_column.empty()) continue;
    parts.push_back(absl::StrCat("SELECT '", table.name, " ' || count(*) || ' ' || ",
                                 "COALESCE(sum(hashtextextended(ROW(", table.readable,
                                 ")::text, 0)), 0) AS part FROM ", table.name, " WHERE ",
                                 table.clinic_column, " = ", Literal(clinic)));
  }
  CLINICD_RETURN_IF_ERROR(Begin(clinic));
  absl::StatusOr<std::string> fingerprint = connection_.QueryValue(
      absl::StrCat("SELECT COALESCE(string_agg(part, ';' ORDER BY part), '') FROM (",
                   absl::StrJoin(parts, " UNION ALL "), ") AS parts"));
  CLINICD_RETURN_IF_ERROR(End());
  return fingerprint;
}

absl::StatusOr<absl::flat_hash_set<std::string>> TableProbe::Uuids(const ClinicId& clinic,
                                                                   bool with_events) {
  std::vector<std::string> parts;
  for (const Table& table : tables_) {
    if (table.clinic_column.empty()) continue;
    if (!with_events && table.name == "clinicd.audit_events") continue;
    for (const std::string& column : table.uuids) {
      parts.push_back(absl::StrCat("SELECT ", column, "::text FROM ", table.name, " WHERE ",
                                   table.clinic_column, " = ", Literal(clinic), " AND ", column,
                                   " IS NOT NULL"));
    }
  }
  CLINICD_RETURN_IF_ERROR(Begin(clinic));
  const absl::StatusOr<AdminConnection::Rows> rows =
      connection_.Query(absl::StrJoin(parts, " UNION "));
  CLINICD_RETURN_IF_ERROR(End());
  CLINICD_RETURN_IF_ERROR(rows.status());
  absl::flat_hash_set<std::string> uuids;
  for (const AdminConnection::Row& row : *rows) uuids.insert(row.at(0).value_or(""));
  return uuids;
}

}  // namespace clinicd::db
