#include "db/migrate/migrate.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/try.h"
#include "db/admin/backoff.h"
#include "db/migrate/embedded_sql.h"

namespace clinicd::db {
namespace {

// Any number that no other user of advisory locks in this database has.
constexpr char kLockKey[] = "7165134296020210001";

constexpr char kMakeBook[] = R"(
    CREATE TABLE IF NOT EXISTS clinicd.schema_migrations (
        version    integer     NOT NULL,
        name       text        NOT NULL,
        checksum   text        NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now(),

        CONSTRAINT schema_migrations_pk PRIMARY KEY (version),
        CONSTRAINT schema_migrations_version_ck CHECK (version >= 1),
        CONSTRAINT schema_migrations_checksum_ck CHECK (checksum ~ '^[0-9a-f]{64}$')
    );
    COMMENT ON TABLE clinicd.schema_migrations IS
        'Migrations that were applied to this database; written by the runner. No PHI.';
    GRANT SELECT ON clinicd.schema_migrations TO clinicd_app;
)";

// Where a position in the file lies, as the author of the file counts.
std::string PlaceOf(const Migration& migration, int position) {
  if (position <= 0) return migration.name;
  // The server counts characters, not bytes.
  int characters = 0;
  int line = 1;
  for (const char byte : migration.sql) {
    const bool starts_character = (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
    if (starts_character && ++characters >= position) break;
    if (byte == '\n') ++line;
  }
  return absl::StrCat(migration.name, ":", line);
}

absl::Status Explained(const Migration& migration, const absl::Status& error,
                       const std::string& consequence) {
  absl::Status explained(error.code(),
                         absl::StrCat("migration ", PlaceOf(migration, SqlPositionOf(error)),
                                      " failed, ", consequence, ": ", error.message()));
  error.ForEachPayload([&](absl::string_view type, const absl::Cord& payload) {
    explained.SetPayload(type, payload);
  });
  return explained;
}

absl::Status RefuseEdited(const MigrationStatus& status) {
  return absl::FailedPreconditionError(
      absl::StrCat("migration ", status.name,
                   " was edited after it was applied to this database; restore the "
                   "file and put the change into a new migration"));
}

absl::Status RefuseUnknown(const MigrationStatus& status) {
  return absl::FailedPreconditionError(absl::StrCat(
      "this database has migration ", status.name,
      ", which this clinicd does not know; run the clinicd that made it or a newer one"));
}

}  // namespace

absl::Status Bootstrap(AdminConnection& superuser) {
  CLINICD_RETURN_IF_ERROR(superuser.Execute(std::string(BootstrapSql())));
  return BootstrapDatabase(superuser);
}

absl::Status BootstrapDatabase(AdminConnection& superuser) {
  return superuser.Execute(std::string(BootstrapDatabaseSql()));
}

MigrationRunner::MigrationRunner(AdminConnection& connection, std::vector<Migration> migrations,
                                 const Options& options)
    : connection_(connection), migrations_(std::move(migrations)), options_(options) {}

absl::StatusOr<std::vector<MigrationStatus>> MigrationRunner::Status() {
  std::map<int, MigrationStatus> all;
  for (const Migration& migration : migrations_) {
    all[migration.version] = {.version = migration.version, .name = migration.name};
  }
  CLINICD_ASSIGN_OR_RETURN(
      const std::string has_book,
      connection_.QueryValue("SELECT to_regclass('clinicd.schema_migrations') IS NOT NULL"));
  AdminConnection::Rows rows;
  if (has_book == "t") {
    CLINICD_ASSIGN_OR_RETURN(rows,
                             connection_.Query("SELECT version, name, checksum, "
                                               "(extract(epoch FROM applied_at) * 1000000)::bigint "
                                               "FROM clinicd.schema_migrations ORDER BY version"));
  }
  for (const AdminConnection::Row& row : rows) {
    int version = 0;
    std::int64_t applied_us = 0;
    if (!absl::SimpleAtoi(row[0].value_or(""), &version) ||
        !absl::SimpleAtoi(row[3].value_or(""), &applied_us)) {
      return absl::InternalError("clinicd.schema_migrations holds no numbers");
    }
    MigrationStatus& status = all[version];
    const auto known = std::find_if(migrations_.begin(), migrations_.end(),
                                    [&](const Migration& m) { return m.version == version; });
    if (known == migrations_.end()) {
      status = {.version = version, .name = row[1].value_or(""), .state = MigrationState::kUnknown};
    } else {
      status.state = known->checksum == row[2].value_or("") ? MigrationState::kApplied
                                                            : MigrationState::kEdited;
    }
    status.applied_at = absl::FromUnixMicros(applied_us);
  }
  std::vector<MigrationStatus> statuses;
  statuses.reserve(all.size());
  for (auto& [version, status] : all) statuses.push_back(std::move(status));
  return statuses;
}

absl::StatusOr<std::vector<Migration>> MigrationRunner::Plan() {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<MigrationStatus> statuses, Status());
  std::vector<Migration> pending;
  for (const MigrationStatus& status : statuses) {
    switch (status.state) {
      case MigrationState::kEdited:
        return RefuseEdited(status);
      case MigrationState::kUnknown:
        return RefuseUnknown(status);
      case MigrationState::kPending:
        pending.push_back(migrations_[static_cast<std::size_t>(status.version - 1)]);
        break;
      case MigrationState::kApplied:
        if (pending.empty()) break;
        return absl::FailedPreconditionError(
            absl::StrCat("this database has migration ", status.name, " but lacks the earlier ",
                         pending.front().name, "; its book clinicd.schema_migrations was changed"));
    }
  }
  return pending;
}

absl::Status MigrationRunner::Up(const ProgressCallback& progress) {
  CLINICD_RETURN_IF_ERROR(Lock());
  const absl::Status applied = ApplyPending(progress);
  const auto unlocked =
      connection_.Query(absl::StrCat("SELECT pg_advisory_unlock(", kLockKey, ")"));
  return applied.ok() ? unlocked.status() : applied;
}

// Tries again and again instead of waiting in the server: a waiting statement holds a snapshot, for
// which CREATE INDEX CONCURRENTLY in the other run would wait in turn.
absl::Status MigrationRunner::Lock() {
  Backoff backoff(absl::Now() + options_.lock_patience);
  do {
    CLINICD_ASSIGN_OR_RETURN(
        const std::string locked,
        connection_.QueryValue(absl::StrCat("SELECT pg_try_advisory_lock(", kLockKey, ")")));
    if (locked == "t") return absl::OkStatus();
  } while (backoff.Wait());
  return absl::AbortedError("another migration of this database is still running; try again later");
}

absl::Status MigrationRunner::MakeBook() {
  CLINICD_ASSIGN_OR_RETURN(
      const std::string state,
      connection_.QueryValue("SELECT CASE WHEN to_regnamespace('clinicd') IS NULL THEN 'bare' "
                             "WHEN to_regclass('clinicd.schema_migrations') IS NULL THEN 'new' "
                             "ELSE 'ready' END"));
  if (state == "ready") return absl::OkStatus();
  if (state == "new") {
    return connection_.Execute(
        absl::StrCat("BEGIN; SET LOCAL ROLE clinicd_owner;", kMakeBook, "COMMIT"));
  }
  return absl::FailedPreconditionError(
      "this database lacks the schema clinicd; run db/bootstrap.sql and db/bootstrap_database.sql "
      "in it as superuser first");
}

absl::Status MigrationRunner::ApplyPending(const ProgressCallback& progress) {
  CLINICD_RETURN_IF_ERROR(MakeBook());
  CLINICD_ASSIGN_OR_RETURN(const std::vector<Migration> pending, Plan());
  int number = 0;
  for (const Migration& migration : pending) {
    ++number;
    const int count = static_cast<int>(pending.size());
    if (progress) progress({.migration = migration, .number = number, .count = count});
    const absl::Time start = absl::Now();
    CLINICD_RETURN_IF_ERROR(Apply(migration));
    if (progress) {
      progress({.migration = migration,
                .number = number,
                .count = count,
                .done = true,
                .elapsed = absl::Now() - start});
    }
  }
  return absl::OkStatus();
}

absl::Status MigrationRunner::Apply(const Migration& migration) {
  CLINICD_RETURN_IF_ERROR(connection_.Execute(
      absl::StrCat("SET lock_timeout = '", absl::ToInt64Milliseconds(options_.lock_timeout),
                   "ms'; SET statement_timeout = 0; "
                   "SET idle_in_transaction_session_timeout = 0")));
  const absl::Status applied =
      migration.in_transaction ? ApplyInTransaction(migration) : ApplyAlone(migration);
  // What a file sets for its session must not reach the next one.
  const absl::Status reset = connection_.Execute("RESET ROLE; RESET ALL");
  return applied.ok() ? reset : applied;
}

absl::Status MigrationRunner::ApplyInTransaction(const Migration& migration) {
  CLINICD_RETURN_IF_ERROR(connection_.Execute("BEGIN"));
  absl::Status applied = connection_.Execute(migration.sql);
  if (applied.ok() && !connection_.InTransaction()) {
    applied = absl::InternalError("the file ends the transaction that the runner opened");
  }
  if (applied.ok()) applied = Record(migration);
  if (applied.ok()) applied = connection_.Execute("COMMIT");
  if (applied.ok()) return applied;
  if (connection_.InTransaction()) connection_.Execute("ROLLBACK").IgnoreError();
  return Explained(migration, applied, "nothing of it was kept");
}

absl::Status MigrationRunner::ApplyAlone(const Migration& migration) {
  absl::Status applied = connection_.Execute("SET ROLE clinicd_owner");
  if (applied.ok()) applied = connection_.Execute(migration.sql);
  if (!applied.ok()) {
    return Explained(migration, applied, "and may have left an invalid index behind");
  }
  // IF NOT EXISTS is content with what an earlier failure left.
  CLINICD_ASSIGN_OR_RETURN(
      const AdminConnection::Rows invalid,
      connection_.Query("SELECT i.indexrelid::regclass::text FROM pg_catalog.pg_index AS i "
                        "JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid "
                        "WHERE c.relnamespace = 'clinicd'::regnamespace AND c.relkind = 'i' "
                        "AND NOT i.indisvalid ORDER BY 1"));
  if (!invalid.empty()) {
    const std::string index = invalid[0][0].value_or("");
    return absl::FailedPreconditionError(
        absl::StrCat("migration ", migration.name, " cannot be finished: ", index,
                     " is invalid; run DROP INDEX CONCURRENTLY ", index, ", then migrate again"));
  }
  return Record(migration);
}

absl::Status MigrationRunner::Record(const Migration& migration) {
  CLINICD_RETURN_IF_ERROR(connection_.Execute("SET ROLE clinicd_owner"));
  return connection_
      .Query("INSERT INTO clinicd.schema_migrations (version, name, checksum) VALUES ($1, $2, $3)",
             {absl::StrCat(migration.version), migration.name, migration.checksum})
      .status();
}

}  // namespace clinicd::db
