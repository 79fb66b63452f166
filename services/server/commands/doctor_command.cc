#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/auth/file_master.h"
#include "common/auth/key_ring.h"
#include "common/base/try.h"
#include "db/admin/database_checks.h"
#include "services/server/commands/command.h"

namespace clinicd::server {
namespace {

using db::Finding;
using Grade = Finding::Grade;

std::string_view NameOf(Grade grade) {
  return grade == Grade::kOk ? "OK" : grade == Grade::kWarn ? "WARN" : "FAIL";
}

Finding Failure(std::string_view check, const absl::Status& status, std::string_view fix) {
  return {.check = std::string(check),
          .grade = Grade::kFail,
          .detail = std::string(status.message()),
          .fix = std::string(fix)};
}

std::vector<Finding> CheckConfiguration(const Globals& globals) {
  std::vector<Finding> findings;
  for (const config::Problem& problem : config::ResolveAll(globals.SourcesWith()).problems) {
    findings.push_back(
        {.check = "configuration",
         .grade = Grade::kFail,
         .detail = problem.ToText(),
         .fix = "Correct it where the line says; see `clinicd config show --sources`."});
  }
  if (findings.empty()) {
    findings.push_back({.check = "configuration", .detail = "every key is known and in range"});
  }
  return findings;
}

Finding CheckServing(const config::Config& config) {
  const absl::Status serving = config.CheckForServing();
  if (serving.ok()) return {.check = "configuration.serving", .detail = "complete"};
  return Failure("configuration.serving", serving, "Set what is missing.");
}

Finding CheckKeys(const config::Config& config, Random& random) {
  if (config.keys().directory.empty()) {
    return {.check = "keys",
            .grade = Grade::kFail,
            .detail = "No key directory is named.",
            .fix = "Set keys.directory to a directory outside the database and its backups."};
  }
  const absl::StatusOr<auth::KeyRing> keys = auth::KeyRing::Load(config.keys().directory);
  if (!keys.ok()) {
    return Failure("keys", keys.status(), "Restore the keys from their safe place.");
  }
  const auto master = auth::FileMaster::Load(
      {.key_directory = config.keys().directory, .credential_directory = CredentialDirectory()},
      random);
  if (!master.ok()) {
    return Failure("keys", master.status(),
                   "Restore the master key, or run `clinicd keys create` if there never was one.");
  }
  return {.check = "keys",
          .detail = absl::StrCat(config.keys().directory, " is complete and closed to others")};
}

Finding CheckAnchor(const config::Config& config) {
  if (!config.audit().anchor_directory.empty()) {
    return {.check = "audit.anchor", .detail = "a restore from a backup would be noticed"};
  }
  if (config.db().sealer_conninfo.empty()) {
    return {.check = "audit.anchor", .detail = "this server seals no audit events"};
  }
  const bool witnessed = !config.audit().witnesses.empty();
  return {.check = "audit.anchor",
          .grade = Grade::kWarn,
          .detail = witnessed ? "After a restore from a backup only the witnesses know that events "
                                "are missing, and not which."
                              : "Nobody would know that events are missing after a restore from a "
                                "backup.",
          .fix = "Set audit.anchor_directory to a directory outside the database and its backups."};
}

absl::StatusOr<std::vector<Finding>> CheckDatabase(const config::Config& config, absl::Time now) {
  CLINICD_ASSIGN_OR_RETURN(const std::string conninfo,
                           WithPassword(config.db().conninfo, config.db().password_file));
  CLINICD_ASSIGN_OR_RETURN(db::AdminConnection connection, db::AdminConnection::Open(conninfo));
  return db::CheckDatabase(connection, now);
}

std::vector<Finding> Examine(Globals& globals) {
  std::vector<Finding> findings = CheckConfiguration(globals);
  const absl::StatusOr<config::Config> config = globals.Load();
  if (!config.ok()) return findings;
  findings.push_back(CheckServing(*config));
  findings.push_back(CheckKeys(*config, globals.random()));
  findings.push_back(CheckAnchor(*config));
  absl::StatusOr<std::vector<Finding>> database = CheckDatabase(*config, globals.clock().Now());
  if (!database.ok()) {
    findings.push_back(Failure("database.connection", database.status(),
                               "Check db.conninfo, db.password_file and that PostgreSQL runs."));
    return findings;
  }
  findings.insert(findings.end(), database->begin(), database->end());
  return findings;
}

void PrintText(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    std::cout << absl::StrFormat("%-4s  %-22s  %s\n", std::string(NameOf(finding.grade)),
                                 finding.check, finding.detail);
    if (!finding.fix.empty()) std::cout << "      -> " << finding.fix << "\n";
  }
}

void PrintJson(const std::vector<Finding>& findings) {
  nlohmann::ordered_json checks = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    checks.push_back({{"check", finding.check},
                      {"grade", std::string(NameOf(finding.grade))},
                      {"detail", finding.detail},
                      {"fix", finding.fix}});
  }
  std::cout << nlohmann::ordered_json{{"checks", checks}}.dump(2) << "\n";
}

}  // namespace

void AddDoctorCommand(CLI::App& program, Globals& globals, int& exit_code) {
  CLI::App* command = program.add_subcommand(
      "doctor",
      "Examines configuration, keys, database and clock; exits with 0, 2 or 1 for OK, "
      "WARN or FAIL");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Prints JSON");
  command->callback([json, &globals, &exit_code] {
    const std::vector<Finding> findings = Examine(globals);
    *json ? PrintJson(findings) : PrintText(findings);
    exit_code = kExitOk;
    for (const Finding& finding : findings) {
      if (finding.grade == Grade::kWarn && exit_code == kExitOk) exit_code = kExitFindings;
      if (finding.grade == Grade::kFail) exit_code = kExitError;
    }
  });
}

}  // namespace clinicd::server
