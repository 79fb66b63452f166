// `clinicd import synthea`: works as a client of a running server.
#include <iostream>
#include <memory>

#include "common/base/progress.h"
#include "common/base/try.h"
#include "services/server/commands/client_login.h"
#include "services/server/commands/command.h"
#include "services/server/import/importer.h"

namespace clinicd::server {
namespace {

struct Options {
  importer::ImportOptions import;
  ClientLogin login;
  bool json = false;
};

absl::StatusOr<importer::ImportResult> Import(Options& options, Globals& globals) {
  CLINICD_ASSIGN_OR_RETURN(const SignedInClient client, SignInAs(options.login));
  importer::ApiTarget target(*client.session);
  Progress progress(std::cerr, options.json ? Progress::Style::kNone : Progress::StyleOf(2),
                    globals.clock());
  importer::ImportResult result =
      importer::ImportSynthea(options.import, target, globals.clock(), progress);
  // The import is done; a session that cannot be ended ends by itself.
  static_cast<void>(client.session->SignOut());
  return result;
}

int Run(Options& options, Globals& globals) {
  const absl::StatusOr<importer::ImportResult> result = Import(options, globals);
  if (!result.ok()) {
    if (options.json) std::cout << importer::ToJson({}, result.status());
    return PrintError(result.status());
  }
  std::cout << (options.json ? importer::ToJson(result->report, result->status)
                             : importer::ToText(result->report));
  if (!result->status.ok()) PrintError(result->status);
  return importer::ExitCodeOf(result->status, result->report);
}

}  // namespace

void AddImportCommand(CLI::App& program, Globals& globals, int& exit_code) {
  CLI::App* command =
      program.add_subcommand("import", "Brings data of other systems into a clinic");
  command->require_subcommand(1);
  CLI::App* synthea = command->add_subcommand(
      "synthea",
      "Imports patients, providers and encounters from Synthea's CSV files; exits with 0, "
      "2 if rows were refused, or 1 if it could not run to its end");
  auto options = std::make_shared<Options>();
  synthea->add_option("directory", options->import.directory, "Directory with the CSV files")
      ->required();
  AddLoginOptions(*synthea, options->login);
  synthea->add_flag("--dry-run", options->import.dry_run, "Checks every row, changes nothing");
  synthea->add_flag("--keep-digits", options->import.keep_digits,
                    "Keeps the digits that Synthea adds to names");
  synthea->add_flag("--json", options->json, "Prints the report as JSON");
  synthea->callback([options, &globals, &exit_code] { exit_code = Run(*options, globals); });
}

}  // namespace clinicd::server
