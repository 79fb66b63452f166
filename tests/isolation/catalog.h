// What the tables of a database hold of each clinic, by its catalog: a table or column that is
// added later takes part without anybody naming it here.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "common/base/uuid.h"
#include "db/admin/admin_connection.h"

namespace clinicd::isolation {

// A clinic whose rows are told apart by a word that occurs nowhere else: 16 lower-case letters and
// digits.
struct Marked {
  ClinicId clinic;
  std::string canary;
};

// The tables of schema clinicd as a superuser sees them, at the time the object was made. Not
// thread-safe. Fails the running test when the database refuses a statement.
class Catalog final {
 public:
  // `superuser` must outlive the object.
  explicit Catalog(db::AdminConnection& superuser);

  // Puts the canary into every value of the clinic's rows that can hold one.
  void Plant(const Marked& clinic);

  // What the suite could not judge: tables that belong to no clinic and are not known to hold
  // nothing, tables without a row of the clinic, columns in which no row has the canary. One
  // sentence each.
  std::vector<std::string> Gaps(const Marked& clinic);

  // By table, a hash over all rows of the clinic; for a table without rows, too.
  std::map<std::string, std::string> Hashes(const ClinicId& clinic);

  // Every UUID in the rows of the clinic, except that of the clinic where it is only the owner.
  absl::flat_hash_set<std::string> Uuids(const ClinicId& clinic);

 private:
  struct Column {
    std::string name;
    std::string type;
  };
  struct Table {
    std::string name;
    std::vector<Column> columns;
    // SQL that is true for rows of the clinic $1; empty: nobody knows whose they are.
    std::string owned;
  };

  db::AdminConnection& superuser_;
  std::vector<Table> tables_;
};

}  // namespace clinicd::isolation
