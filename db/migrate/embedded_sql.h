// The SQL files of db/ as they were when the program was built.
#pragma once

#include <span>
#include <string_view>

namespace clinicd::db {

struct EmbeddedFile {
  std::string_view name;
  std::string_view content;
};

// db/migrations/*.sql, by number.
std::span<const EmbeddedFile> EmbeddedMigrationFiles();
// db/bootstrap.sql: the roles of a cluster.
std::string_view BootstrapSql();
// db/bootstrap_database.sql: what only a superuser may do in a database.
std::string_view BootstrapDatabaseSql();

}  // namespace clinicd::db
