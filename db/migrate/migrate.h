// Brings a database to the schema of this program.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "db/admin/admin_connection.h"
#include "db/migrate/migration.h"

namespace clinicd::db {

// Makes the roles of the cluster and what only a superuser may make in the connection's database.
// May be repeated, and run twice at the same time.
absl::Status Bootstrap(AdminConnection& superuser);
// Only the second part: for a database made from a template, which lacks the template's rights.
absl::Status BootstrapDatabase(AdminConnection& superuser);

enum class MigrationState {
  kPending,
  kApplied,
  kEdited,   // The file differs from what was applied.
  kUnknown,  // Applied by a newer program: this one has no such file.
};

struct MigrationStatus {
  int version = 0;
  std::string name;
  MigrationState state = MigrationState::kPending;
  // InfinitePast while pending.
  absl::Time applied_at = absl::InfinitePast();
};

struct MigrationProgress {
  const Migration& migration;
  // Counted from 1, of those that this run applies.
  int number = 0;
  int count = 0;
  // Called before a migration (false) and after it (true).
  bool done = false;
  // Time it took; zero before.
  absl::Duration elapsed = absl::ZeroDuration();
};

// Applies migrations in order and keeps book in clinicd.schema_migrations. The connection's role is
// a superuser or a member of clinicd_owner. Not thread-safe; any number of processes may run at the
// same time, one works while the others wait.
//
// Errors: FAILED_PRECONDITION if the database lacks the bootstrap, an applied file was edited, or a
// newer program migrated it; the message names the file. INTERNAL and others if a migration fails:
// the message names the file, the SQLSTATE and the line, and never row values. What was applied
// before stays, the failed one leaves nothing behind, except without a transaction.
class MigrationRunner final {
 public:
  struct Options {
    // How long to wait for another run to end.
    absl::Duration lock_patience = absl::Minutes(10);
    // How long a statement may wait for a lock on a table before the migration gives up; a file may
    // set its own.
    absl::Duration lock_timeout = absl::Seconds(5);
  };
  using ProgressCallback = std::function<void(const MigrationProgress&)>;

  // `migrations` by version, from 1 without gaps.
  MigrationRunner(AdminConnection& connection, std::vector<Migration> migrations,
                  const Options& options);
  MigrationRunner(AdminConnection& connection, std::vector<Migration> migrations)
      : MigrationRunner(connection, std::move(migrations), Options()) {}

  // Every migration, known or applied, by version.
  absl::StatusOr<std::vector<MigrationStatus>> Status();

  // What Up() would apply.
  absl::StatusOr<std::vector<Migration>> Plan();

  // Applies what is pending. `progress` may be empty.
  absl::Status Up(const ProgressCallback& progress);

 private:
  absl::Status Lock();
  absl::Status MakeBook();
  absl::Status ApplyPending(const ProgressCallback& progress);
  absl::Status Apply(const Migration& migration);
  absl::Status ApplyInTransaction(const Migration& migration);
  absl::Status ApplyAlone(const Migration& migration);
  absl::Status Record(const Migration& migration);

  AdminConnection& connection_;
  const std::vector<Migration> migrations_;
  const Options options_;
};

}  // namespace clinicd::db
