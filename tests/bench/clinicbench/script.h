// The statements that clinicd sends for a workload, for who sends them without clinicd: our driver
// over libpq, and pgbench. They are those of db/queries, so that they cannot drift from it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/clinicbench/dataset.h"
#include "tests/bench/clinicbench/operation.h"

namespace clinicd::bench {

// The text of a parameter; nullopt: NULL.
using ParameterValue = std::optional<std::string> (*)(const Operation&, const Dataset&);

struct Statement {
  // Unique within a script.
  std::string name;
  // With $1, $2, ...
  std::string sql;
  std::vector<ParameterValue> parameters = {};
  // How many rows must come; -1: any number.
  int rows = -1;
  // What the first column of the first row must be, where that is known.
  ParameterValue first_column = nullptr;
  // What the second one must be, which tells the clinic.
  ParameterValue second_column = nullptr;
  // Its row says in the last column whether the time was free; no row: it was taken.
  bool books = false;
};

struct Script {
  // Without BEGIN and COMMIT.
  std::vector<Statement> statements;
  // What is sent in a transaction of its own when the time was taken.
  std::vector<Statement> when_taken = {};
  // Parameters of db/queries that nobody here knows; must be empty.
  std::vector<std::string> unknown = {};
};

struct ScriptOptions {
  // Reads leave an audit row.
  bool access_rows = true;
  // Sets what row-level security asks for.
  bool context = true;
};

// Nullopt where there is none: the call needs no database, or does too many things.
std::optional<Script> ScriptOf(Workload workload, const ScriptOptions& options);

}  // namespace clinicd::bench
