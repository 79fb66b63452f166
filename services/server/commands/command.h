// What the sub-commands of clinicd share.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/config/config.h"
#include "db/access/pool.h"

namespace clinicd::server {

// Exit codes of all sub-commands.
inline constexpr int kExitOk = 0;
inline constexpr int kExitError = 1;
// Done, with findings that somebody should look at.
inline constexpr int kExitFindings = 2;
// The server does not start, because the audit log is not what was signed before; as the verdict of
// `clinicd audit verify` on something that is older than what is known.
inline constexpr int kExitLogBehind = 4;
// Another process does the same already.
inline constexpr int kExitBusy = 3;
// The command line makes no sense; for `clinicd audit`, whose other codes are verdicts.
inline constexpr int kExitUsage = 64;

// The options in front of a sub-command, and what every sub-command works with.
class Globals final {
 public:
  // Adds the options to the program.
  explicit Globals(CLI::App& program);

  // The sources of the configuration, with the settings of the sub-command's own flags.
  config::Sources SourcesWith(const std::vector<config::Setting>& flags = {}) const;
  absl::StatusOr<config::Config> Load(const std::vector<config::Setting>& flags = {}) const {
    return config::Config::Load(SourcesWith(flags));
  }

  const SystemClock& clock() const { return clock_; }
  SystemRandom& random() { return random_; }

 private:
  std::string file_;
  std::vector<std::string> settings_;
  SystemClock clock_;
  SystemRandom random_;
};

// A sub-command adds itself to the program; its callback sets the exit code.
void AddServeCommand(CLI::App& program, Globals& globals, int& exit_code);
void AddDevCommand(CLI::App& program, Globals& globals, int& exit_code);
void AddMigrateCommand(CLI::App& program, Globals& globals, int& exit_code);
void AddClinicCommand(CLI::App& program, Globals& globals, int& exit_code);
void AddUserCommand(CLI::App& program, Globals& globals, int& exit_code);
void AddImportCommand(CLI::App& program, Globals& globals, int& exit_code);
void AddDoctorCommand(CLI::App& program, Globals& globals, int& exit_code);
void AddConfigCommand(CLI::App& program, Globals& globals, int& exit_code);
void AddKeysCommand(CLI::App& program, Globals& globals, int& exit_code);
void AddIsolationCommand(CLI::App& program, Globals& globals, int& exit_code);
void AddTimeZonesCommand(CLI::App& program, Globals& globals, int& exit_code);
void AddAuditCommand(CLI::App& program, Globals& globals, int& exit_code);
// Parts of `clinicd audit`.
void AddAcknowledgeCommand(CLI::App& audit, Globals& globals, int& exit_code);
void AddAuditDigestCommand(CLI::App& audit, Globals& globals, int& exit_code);
void AddAuditExportCommand(CLI::App& audit, Globals& globals, int& exit_code);
void AddAuditSealCommands(CLI::App& audit, Globals& globals, int& exit_code);
void AddVersionCommand(CLI::App& program, int& exit_code);

// What audit events call this server.
std::string NodeName(const config::AuditConfig& audit);

// A pool of one connection, which is what a sub-command needs.
db::Pool::Options SmallPool(const std::string& conninfo);

// Prints what is wrong with the command line, or the help that was asked for; the exit code.
int ExitOnParseError(const CLI::App& program, const CLI::ParseError& error);

// Prints an error on standard error and returns kExitError.
int PrintError(const absl::Status& status);

// The conninfo with the password of its file, if it has one.
absl::StatusOr<std::string> WithPassword(const std::string& conninfo,
                                         const std::string& password_file);

// Where the service manager keeps this process's credentials; empty without.
std::string CredentialDirectory();

}  // namespace clinicd::server
