// Another program, run to its end.
#pragma once

#include <string>
#include <vector>

namespace clinicd::testing {

struct ProgramResult {
  // 128 plus the number of the signal that ended it; -1 if it did not start.
  int exit_code = -1;
  // Standard output and error, as they came.
  std::string output;
};

// Runs the program `arguments[0]`, looked for on PATH, without standard input and with
// `environment`
// ("NAME=value") on top of this process's own.
ProgramResult RunProgram(const std::vector<std::string>& arguments,
                         const std::vector<std::string>& environment = {});

}  // namespace clinicd::testing
