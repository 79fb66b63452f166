// `clinicd import synthea`: works as a client of a running server.
#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "clinicd/sdk/channel.h"
#include "clinicd/sdk/session.h"
#include "common/base/progress.h"
#include "common/base/try.h"
#include "common/config/secret_file.h"
#include "services/server/client/patience.h"
#include "services/server/commands/command.h"
#include "services/server/demo/dev_file.h"
#include "services/server/import/importer.h"

namespace clinicd::server {
namespace {

struct Options {
  importer::ImportOptions import;
  sdk::Endpoint endpoint;
  sdk::Credentials credentials;
  std::string password_file;
  // Directory of a development server.
  std::string data;
  bool json = false;
};

// Takes address and login of the clinic's owner from a development server's dev.json.
absl::Status UseDevServer(Options& options) {
  CLINICD_ASSIGN_OR_RETURN(const demo::DevFile file,
                           demo::ReadDevFile(absl::StrCat(options.data, "/dev.json")));
  const std::optional<demo::DevLogin> owner =
      demo::FindLogin(file, options.credentials.clinic_slug, "owner");
  if (!owner) {
    return absl::NotFoundError(absl::StrCat("The development server in ", options.data,
                                            " has no clinic '", options.credentials.clinic_slug,
                                            "'; its dev.json lists those it has."));
  }
  options.endpoint = {.target = file.grpc, .ca_file = ""};
  options.credentials.email = owner->email;
  options.credentials.password = owner->password;
  return absl::OkStatus();
}

absl::Status Complete(Options& options) {
  if (!options.data.empty()) return UseDevServer(options);
  if (options.endpoint.target.empty() || options.credentials.email.empty() ||
      options.password_file.empty()) {
    return absl::InvalidArgumentError(
        "Give --server, --email and --password-file, or --data with a development server's "
        "directory.");
  }
  CLINICD_ASSIGN_OR_RETURN(options.credentials.password,
                           config::ReadSecretFile(options.password_file));
  return absl::OkStatus();
}

absl::StatusOr<importer::ImportResult> Import(Options& options, Globals& globals) {
  CLINICD_RETURN_IF_ERROR(Complete(options));
  CLINICD_ASSIGN_OR_RETURN(const auto channel, sdk::OpenChannel(options.endpoint));
  CLINICD_ASSIGN_OR_RETURN(
      const std::unique_ptr<sdk::Session> session,
      sdk::Session::SignIn(channel, options.credentials, {.retry = client::Patience()}));
  importer::ApiTarget target(*session);
  Progress progress(std::cerr, options.json ? Progress::Style::kNone : Progress::StyleOf(2),
                    globals.clock());
  importer::ImportResult result =
      importer::ImportSynthea(options.import, target, globals.clock(), progress);
  // The import is done; a session that cannot be ended ends by itself.
  static_cast<void>(session->SignOut());
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
  CLI::App* command = program.add_subcommand("import", "Brings data of other systems into a clinic");
  command->require_subcommand(1);
  CLI::App* synthea = command->add_subcommand(
      "synthea", "Imports patients, providers and encounters from Synthea's CSV files; exits with 0, "
                 "2 if rows were refused, or 1 if it could not run to its end");
  auto options = std::make_shared<Options>();
  synthea->add_option("directory", options->import.directory, "Directory with the CSV files")
      ->required();
  synthea->add_option("--clinic", options->credentials.clinic_slug, "Slug of the clinic")
      ->required();
  synthea->add_option("--data", options->data,
                      "Directory of a development server; signs in as the clinic's owner there");
  synthea->add_option("--server", options->endpoint.target,
                      "Server to sign in to: host:port, or unix:/path");
  synthea->add_option("--ca", options->endpoint.ca_file,
                      "PEM file with the authority to trust; default the machine's");
  synthea->add_option("--email", options->credentials.email, "E-mail address to sign in with");
  synthea->add_option("--password-file", options->password_file,
                      "File with the password, closed to others");
  synthea->add_flag("--dry-run", options->import.dry_run, "Checks every row, changes nothing");
  synthea->add_flag("--keep-digits", options->import.keep_digits,
                    "Keeps the digits that Synthea adds to names");
  synthea->add_flag("--json", options->json, "Prints the report as JSON");
  synthea->callback([options, &globals, &exit_code] { exit_code = Run(*options, globals); });
}

}  // namespace clinicd::server
