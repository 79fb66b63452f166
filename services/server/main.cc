// clinicd: the server, and what an operator needs around it.
#include <CLI/CLI.hpp>
#include <iostream>

#include "common/cli/completion.h"
#include "services/server/commands/command.h"

int main(int argc, char** argv) {
  using namespace clinicd::server;  // NOLINT(google-build-using-namespace): main() of this library.
  CLI::App program("clinicd serves many clinics' practices at once.", "clinicd");
  program.require_subcommand(1);
  program.set_version_flag("--version", "clinicd " CLINICD_VERSION);
  Globals globals(program);
  int exit_code = kExitOk;
  AddServeCommand(program, globals, exit_code);
  AddDevCommand(program, globals, exit_code);
  AddMigrateCommand(program, globals, exit_code);
  AddClinicCommand(program, globals, exit_code);
  AddUserCommand(program, globals, exit_code);
  AddImportCommand(program, globals, exit_code);
  AddDoctorCommand(program, globals, exit_code);
  AddConfigCommand(program, globals, exit_code);
  AddKeysCommand(program, globals, exit_code);
  AddIsolationCommand(program, globals, exit_code);
  AddTimeZonesCommand(program, globals, exit_code);
  AddAuditCommand(program, globals, exit_code);
  AddVersionCommand(program, exit_code);
  clinicd::cli::AddCompletionCommand(program, "clinicd");
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return ExitOnParseError(program, error);
  }
  return exit_code;
}
