// The statements of reads for pgbench, whose variables take the place of clinicd's parameters.
#pragma once

#include <optional>
#include <string>

#include "tests/bench/clinicbench/dataset.h"
#include "tests/bench/clinicbench/operation.h"
#include "tests/bench/clinicbench/picker.h"
#include "tests/bench/clinicbench/script.h"

namespace clinicd::bench {

// A script of pgbench, with "\set" lines for the keys. Empty for what is no read.
std::string PgbenchScript(Workload workload, const ScriptOptions& options, const Dataset& dataset,
                          Spread spread, bool pipelined);

// The statements that `pgbench -M prepared` sends for it, with what it computes in their
// parameters: who compares a driver with pgbench gives both the same work.
std::optional<Script> PgbenchAlike(Workload workload, const ScriptOptions& options,
                                   const Dataset& dataset);

}  // namespace clinicd::bench
