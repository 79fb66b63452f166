// Tries to reach the rows of one clinic from another, table by table, as the server's role.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "db/admin/admin_connection.h"
#include "db/isolation/breach.h"

namespace clinicd::db {

// The tables of schema clinicd, as they were when it was made. Nothing that it does is committed.
// Not thread-safe. Errors of all methods are those of the connection.
class TableProbe final {
 public:
  // `connection` is of the server's role, in no transaction, and outlives the object.
  static absl::StatusOr<TableProbe> Create(AdminConnection& connection);

  struct Report {
    std::int32_t tables = 0;
    // Those without a row of either clinic.
    std::int32_t empty_tables = 0;
    Breaches breaches;
  };
  // From each of the two clinics to the other, and to both without a clinic.
  absl::StatusOr<Report> Run(const ClinicId& first, const ClinicId& second);

  // Changes with every row of the clinic that the server's role could have written.
  absl::StatusOr<std::string> Fingerprint(const ClinicId& clinic);

  // Every UUID in the clinic's rows; those of its audit events only where `with_events`, because
  // they also tell of what was asked for in vain.
  absl::StatusOr<absl::flat_hash_set<std::string>> Uuids(const ClinicId& clinic, bool with_events);

 private:
  struct Table {
    std::string name;
    // Says whose a row is; empty where nothing does.
    std::string clinic_column;
    // What the role may read, write at all, and change, quoted, with commas between.
    std::string readable;
    std::string insertable;
    // One column that may be updated; empty: none.
    std::string updatable;
    std::vector<std::string> uuids;
    bool deletable = false;
  };
  TableProbe(AdminConnection& connection, std::vector<Table> tables)
      : connection_(connection), tables_(std::move(tables)) {}

  // A transaction of the clinic; of none where it is nil.
  absl::Status Begin(const ClinicId& clinic);
  absl::Status End();
  // How many rows a statement gives or changes; an error it ends with is undone and told by its
  // SQLSTATE.
  struct Outcome {
    std::int64_t count = 0;
    std::string sql_state;
  };
  absl::StatusOr<Outcome> Try(const std::string& sql);

  absl::Status ProbeTable(const Table& table, const ClinicId& from, const ClinicId& to,
                          Breaches& breaches);
  absl::Status ProbeWrites(const Table& table, const ClinicId& from, const ClinicId& to,
                           Breaches& breaches);
  absl::Status ProbeWithoutClinic(const Table& table, Breaches& breaches);

  AdminConnection& connection_;
  std::vector<Table> tables_;
};

}  // namespace clinicd::db
