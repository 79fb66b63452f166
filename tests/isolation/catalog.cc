#include "tests/isolation/catalog.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace clinicd::isolation {
namespace {

using db::AdminConnection;

// The server keeps no data of clinics in them.
constexpr std::array<std::string_view, 7> kNobodysTables = {
    "audit_checkpoints", "audit_cosignatures", "audit_epochs",     "audit_meta_leaves",
    "audit_meta_tiles",  "audit_sealer",       "schema_migrations"};

// Types that cannot carry a word.
constexpr std::array<std::string_view, 9> kWordlessTypes = {
    "uuid",      "bigint",  "smallint",
    "integer",   "boolean", "timestamp with time zone",
    "tstzrange", "date",    "timestamp without time zone"};

// Columns of a closed vocabulary, which the database or the server refuses to hold anything else,
// and of ciphertext and hashes that must be whole.
constexpr std::array<std::string_view, 47> kClosedColumns = {"appointment_events.kind",
                                                             "appointment_events.state",
                                                             "appointment_events.time_zone",
                                                             "appointment_series.allocations",
                                                             "appointment_series.excluded_starts",
                                                             "appointment_series.rule",
                                                             "appointment_series.state",
                                                             "appointment_series.time_zone",
                                                             "appointments.cancelled_by",
                                                             "appointments.state",
                                                             "appointments.time_zone",
                                                             "audit_events.action",
                                                             "audit_events.actor_roles",
                                                             "audit_events.after_sealed",
                                                             "audit_events.before_sealed",
                                                             "audit_events.category",
                                                             "audit_findings.rule",
                                                             "audit_findings.state",
                                                             "audit_legal_holds.state",
                                                             "audit_tiles.hashes",
                                                             "audit_trees.frontier",
                                                             "changes.entity_type",
                                                             "clinics.country_code",
                                                             "clinics.currency_code",
                                                             "clinics.state",
                                                             "clinics.time_zone",
                                                             "data_keys.wrapped",
                                                             "holds.time_zone",
                                                             "locations.time_zone",
                                                             "memberships.roles",
                                                             "memberships.state",
                                                             "patients.sex",
                                                             "resources.color",
                                                             "resources.kind",
                                                             "schedule_exceptions.kind",
                                                             "schedule_exceptions.owner_kind",
                                                             "sessions.end_reason",
                                                             "time_zone_versions.version",
                                                             "visit_type_segments.resource_kind",
                                                             "visit_types.color",
                                                             "waitlist_entries.state",
                                                             "waitlist_entries.urgency",
                                                             "waitlist_entries.windows",
                                                             "waitlist_offers.allocations",
                                                             "waitlist_offers.state",
                                                             "waitlist_offers.time_zone",
                                                             "working_hours.owner_kind"};

template <typename Names>
bool Contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

AdminConnection::Rows Must(absl::StatusOr<AdminConnection::Rows> rows, const std::string& sql) {
  INFO(sql);
  INFO(rows.status());
  REQUIRE(rows.ok());
  return *std::move(rows);
}

// Whose a row is, where there is no clinic_id to tell.
std::string OwnedWithoutClinicId(std::string_view table) {
  if (table == "clinics") return "id = $1";
  if (table == "users") {
    return "id IN (SELECT user_id FROM clinicd.memberships WHERE clinic_id = $1)";
  }
  return "";
}

// Texts that are empty as long as something has not happened, which the database checks.
constexpr std::array<std::string_view, 2> kLaterTexts = {"audit_findings.note",
                                                         "audit_legal_holds.release_reason"};

// Whether a column of the type and name is to carry the canary.
bool Plantable(const std::string& table, const std::string& column, const std::string& type) {
  return !Contains(kWordlessTypes, type) &&
         !Contains(kClosedColumns, absl::StrCat(table, ".", column));
}

// A value with the canary $2 that differs from row to row; empty for a type nobody thought of.
std::string PlantedValue(std::string_view type) {
  if (type == "text") return "substr(md5(random()::text), 1, 8) || '-' || $2";
  if (type == "jsonb") return "jsonb_build_object('note', $2::text)";
  // As long as a hash, because some must be.
  if (type == "bytea") {
    return "convert_to(rpad($2 || '-' || substr(md5(random()::text), 1, 8), 32, '.'), 'UTF8')";
  }
  return "";
}

std::string AsText(const std::string& column, std::string_view type) {
  return type == "bytea" ? absl::StrCat("encode(", column, ", 'escape')")
                         : absl::StrCat(column, "::text");
}

}  // namespace

Catalog::Catalog(AdminConnection& superuser) : superuser_(superuser) {
  const std::string sql =
      "SELECT c.relname, a.attname, format_type(COALESCE(NULLIF(t.typbasetype, 0), t.oid), NULL) "
      "FROM pg_class AS c "
      "JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
      "JOIN pg_type AS t ON t.oid = a.atttypid "
      "WHERE c.relnamespace = 'clinicd'::regnamespace AND c.relkind IN ('r', 'p') "
      "AND NOT c.relispartition ORDER BY c.relname, a.attnum";
  for (const auto& row : Must(superuser_.Query(sql), sql)) {
    if (Contains(kNobodysTables, *row[0])) continue;
    if (tables_.empty() || tables_.back().name != *row[0]) {
      tables_.push_back({*row[0], {}, OwnedWithoutClinicId(*row[0])});
    }
    if (*row[1] == "clinic_id") tables_.back().owned = "clinic_id = $1";
    tables_.back().columns.push_back({*row[1], *row[2]});
  }
}

void Catalog::Plant(const Marked& clinic) {
  // Append-only tables refuse changes by trigger.
  REQUIRE(superuser_.Execute("SET session_replication_role = replica").ok());
  for (const Table& table : tables_) {
    for (const Column& column : table.columns) {
      const std::string value = PlantedValue(column.type);
      if (table.owned.empty() || value.empty()) continue;
      if (!Plantable(table.name, column.name, column.type)) continue;
      const std::string sql = absl::StrCat(
          "UPDATE clinicd.", table.name, " SET ", column.name, " = ", value, " WHERE ", table.owned,
          " AND position($2 IN ", AsText(column.name, column.type), ") = 0",
          Contains(kLaterTexts, absl::StrCat(table.name, ".", column.name))
              ? absl::StrCat(" AND ", column.name, " <> ''")
              : "");
      Must(superuser_.Query(sql, {clinic.clinic.ToString(), clinic.canary}), sql);
    }
  }
  REQUIRE(superuser_.Execute("RESET session_replication_role").ok());
}

std::vector<std::string> Catalog::Gaps(const Marked& clinic) {
  std::vector<std::string> gaps;
  for (const Table& table : tables_) {
    if (table.owned.empty()) {
      gaps.push_back(absl::StrCat(table.name, ": nobody says whose its rows are"));
      continue;
    }
    const std::string count =
        absl::StrCat("SELECT count(*) FROM clinicd.", table.name, " WHERE ", table.owned);
    if (Must(superuser_.Query(count, {clinic.clinic.ToString()}), count)[0][0] == "0") {
      gaps.push_back(absl::StrCat(table.name, ": no row in canary.sql or seed.sql"));
      continue;
    }
    for (const Column& column : table.columns) {
      if (!Plantable(table.name, column.name, column.type)) continue;
      const std::string planted =
          absl::StrCat(count, " AND position($2 IN ", AsText(column.name, column.type), ") > 0");
      if (Must(superuser_.Query(planted, {clinic.clinic.ToString(), clinic.canary}),
               planted)[0][0] == "0") {
        gaps.push_back(
            absl::StrCat(table.name, ".", column.name, ": no value in canary.sql or seed.sql"));
      }
    }
  }
  return gaps;
}

std::map<std::string, std::string> Catalog::Hashes(const ClinicId& clinic) {
  std::vector<std::string> parts;
  for (const Table& table : tables_) {
    // Versions of rows instead of their text: also what writes a row as it was has written it, and
    // the suite would spend most of its time on the text.
    parts.push_back(absl::StrCat(
        "SELECT '", table.name, "', count(*) || ' rows, ' || ",
        "COALESCE(sum(hashtextextended(xmin::text || ctid::text, 0)), 0) FROM clinicd.", table.name,
        " AS t WHERE ", table.owned.empty() ? "$1::uuid IS NOT NULL" : table.owned));
  }
  const std::string sql = absl::StrJoin(parts, " UNION ALL ");
  std::map<std::string, std::string> hashes;
  for (const auto& row : Must(superuser_.Query(sql, {clinic.ToString()}), sql)) {
    hashes.emplace(*row[0], *row[1]);
  }
  return hashes;
}

absl::flat_hash_set<std::string> Catalog::Uuids(const ClinicId& clinic) {
  std::vector<std::string> parts;
  for (const Table& table : tables_) {
    for (const Column& column : table.columns) {
      if (column.type != "uuid" || column.name == "clinic_id" || table.owned.empty()) continue;
      parts.push_back(absl::StrCat("SELECT ", column.name, "::text FROM clinicd.", table.name,
                                   " WHERE ", table.owned, " AND ", column.name, " IS NOT NULL"));
    }
  }
  const std::string sql = absl::StrJoin(parts, " UNION ");
  absl::flat_hash_set<std::string> uuids;
  for (const auto& row : Must(superuser_.Query(sql, {clinic.ToString()}), sql)) {
    uuids.insert(*row[0]);
  }
  return uuids;
}

}  // namespace clinicd::isolation
