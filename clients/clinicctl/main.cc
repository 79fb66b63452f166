// clinicctl: a clinic's front desk on the command line.
#include <CLI/CLI.hpp>

#include "clients/clinicctl/context.h"
#include "clients/clinicctl/output.h"
#include "common/cli/completion.h"

int main(int argc, char** argv) {
  using namespace clinicd::clinicctl;  // NOLINT(google-build-using-namespace): main() of this
                                       // library.
  CLI::App program("clinicctl works at a clinic's front desk through a clinicd server.",
                   "clinicctl");
  program.require_subcommand(1);
  program.set_version_flag("--version", UserAgent());
  program.footer(std::string(kExitCodes));
  Context context(program);
  AddSessionCommands(program, context);
  AddPatientCommands(program, context);
  AddDayCommand(program, context);
  AddBookingCommands(program, context);
  AddAppointmentCommands(program, context);
  AddAuditCommands(program, context);
  clinicd::cli::AddCompletionCommand(program, "clinicctl");
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = program.exit(error);
    return code == 0 ? 0 : static_cast<int>(Exit::kUsage);
  }
  return context.exit_code();
}
