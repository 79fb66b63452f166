#include "services/server/commands/command.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/try.h"
#include "common/config/secret_file.h"
#include "common/status/error.h"

namespace clinicd::server {

Globals::Globals(CLI::App& program) {
  program.add_option("--config", file_,
                     absl::StrCat("Configuration file (TOML); default ", config::kDefaultFile));
  program
      .add_option("--set", settings_,
                  "Sets section.key=value for this run; stronger than environment and file")
      ->allow_extra_args(false);
}

config::Sources Globals::SourcesWith(const std::vector<config::Setting>& flags) const {
  config::Sources sources{.flags = flags,
                          .arguments = settings_,
                          .environment = config::ProcessEnvironment(),
                          .default_file = config::kDefaultFile};
  if (!file_.empty()) sources.file = file_;
  return sources;
}

int ExitOnParseError(const CLI::App& program, const CLI::ParseError& error) {
  const int code = program.exit(error);
  return code != kExitOk && program.got_subcommand("audit") ? kExitUsage : code;
}

int PrintError(const absl::Status& status) {
  std::cerr << "clinicd: " << status.message() << "\n";
  google::rpc::BadRequest bad_request;
  const google::rpc::Status details = status::DetailsOf(status);
  for (const auto& detail : details.details()) {
    if (!detail.UnpackTo(&bad_request)) continue;
    for (const auto& violation : bad_request.field_violations()) {
      std::cerr << "  " << violation.field() << " " << violation.description() << "\n";
    }
  }
  return kExitError;
}

absl::StatusOr<std::string> WithPassword(const std::string& conninfo,
                                         const std::string& password_file) {
  if (password_file.empty()) return conninfo;
  CLINICD_ASSIGN_OR_RETURN(const std::string password, config::ReadSecretFile(password_file));
  const std::string quoted = absl::StrReplaceAll(password, {{"\\", "\\\\"}, {"'", "\\'"}});
  return absl::StrCat(conninfo, " password='", quoted, "'");
}

std::string NodeName(const config::AuditConfig& audit) {
  if (!audit.node.empty()) return audit.node;
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::string CredentialDirectory() {
  const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
  return directory == nullptr ? "" : directory;
}

db::Pool::Options SmallPool(const std::string& conninfo) {
  return {.connection = {.conninfo = conninfo, .mode = {}, .rewrite_sql = {}},
          .workers = 1,
          .queue_max = 4};
}

}  // namespace clinicd::server
