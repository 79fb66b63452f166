// `clinicd keys`: what operators do to the keys of private fields.
#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/auth/key_ring.h"
#include "common/base/ids.h"
#include "common/base/progress.h"
#include "common/base/try.h"
#include "db/access/login_directory.h"
#include "db/access/pool.h"
#include "db/access/transaction_runner.h"
#include "db/vault/key_admin.h"
#include "services/identity/builtin_roles.h"
#include "services/identity/login_store.h"
#include "services/server/commands/command.h"
#include "services/server/commands/command_audit.h"

namespace clinicd::server {
namespace {

using db::KeyAdmin;

constexpr absl::Duration kPatience = absl::Seconds(30);

struct Options {
  std::string clinic;
  std::string patient;
  bool retire = false;
  bool destroy = false;
  bool json = false;
};

// What a sub-command stands on, made from the configuration.
struct Parts {
  Parts(const std::string& app_conninfo, const std::string& auth_conninfo, ClinicVault& with_vault,
        Globals& globals)
      : ids(globals.clock(), globals.random()),
        vault(with_vault),
        pool(SmallPool(app_conninfo), globals.clock()),
        auth_pool(SmallPool(auth_conninfo), globals.clock()),
        runner(pool, globals.clock(), ids, {.role_names = identity::RoleNames}),
        directory(auth_pool),
        logins(directory, runner, ids),
        admin({.runner = runner,
               .keys = vault.keys(),
               .master = vault.master(),
               .clock = globals.clock(),
               .ids = ids,
               .random = globals.random()}),
        progress(std::cerr, Progress::StyleOf(2), globals.clock()) {}

  const IdSource ids;
  ClinicVault& vault;
  db::Pool pool;
  db::Pool auth_pool;
  db::TransactionRunner runner;
  db::LoginDirectory directory;
  const identity::LoginStore logins;
  KeyAdmin admin;
  Progress progress;
};

absl::Status WithParts(Globals& globals, const std::function<absl::Status(Parts&)>& work) {
  CLINICD_ASSIGN_OR_RETURN(const config::Config config, globals.Load());
  const config::DbConfig& db = config.db();
  if (db.conninfo.empty() || db.auth_conninfo.empty() || config.keys().directory.empty()) {
    return absl::FailedPreconditionError(
        "Set db.conninfo, db.auth_conninfo and keys.directory; see `clinicd doctor`.");
  }
  CLINICD_ASSIGN_OR_RETURN(const std::string app, WithPassword(db.conninfo, db.password_file));
  CLINICD_ASSIGN_OR_RETURN(const std::string auth_conninfo,
                           WithPassword(db.auth_conninfo, db.auth_password_file));
  CLINICD_ASSIGN_OR_RETURN(const auto audit, CommandAudit::Open(config, globals));
  Parts parts(app, auth_conninfo, audit->vault(), globals);
  return work(parts);
}

// The clinic of an id, which need not be in use any more, or of a slug.
absl::StatusOr<ClinicId> ChosenClinic(const std::string& text, Parts& parts, absl::Time now) {
  if (const auto id = ClinicId::Parse(text)) return *id;
  CLINICD_ASSIGN_OR_RETURN(const std::optional<ClinicId> clinic,
                           parts.logins.FindClinic(text, now + kPatience));
  if (!clinic) return absl::NotFoundError(absl::StrCat("There is no clinic '", text, "'."));
  return *clinic;
}

absl::StatusOr<PatientId> ChosenPatient(const std::string& text) {
  const auto patient = PatientId::Parse(text);
  if (!patient) {
    return absl::InvalidArgumentError(absl::StrCat("'", text, "' is no patient's id (a UUID)."));
  }
  return *patient;
}

nlohmann::ordered_json ToJson(const ClinicId& clinic, const KeyAdmin::ClinicStatus& status) {
  nlohmann::ordered_json versions = nlohmann::ordered_json::array();
  for (const auto& version : status.versions) {
    versions.push_back(
        {{"version", version.number}, {"kept", version.kept}, {"data_keys", version.data_keys}});
    if (version.kept) {
      versions.back()["made_at"] =
          absl::FormatTime(absl::RFC3339_sec, version.made_at, absl::UTCTimeZone());
    }
  }
  return {{"clinic_id", clinic.ToString()},
          {"shredded", status.shredded},
          {"versions", versions},
          {"shredded_patients", status.shredded_patients},
          {"unfinished", status.unfinished},
          {"under_newest_master", status.under_newest_master}};
}

// What an operator should do about it; empty if nothing.
std::string AdviceOn(const KeyAdmin::ClinicStatus& status) {
  std::string advice;
  std::int64_t older = 0;
  for (const auto& version : status.versions) {
    if (!version.kept && !status.shredded) {
      absl::StrAppend(&advice, "  data keys under version ", version.number,
                      ", which is not kept: restore the clinic's key file\n");
    }
    if (&version != &status.versions.back()) older += version.data_keys;
  }
  if (status.unfinished > 0) {
    absl::StrAppend(&advice, "  a shredding was interrupted: run it again\n");
  } else if (older > 0) {
    absl::StrAppend(&advice, "  a rotation was interrupted: run clinicd keys rotate-clinic\n");
  }
  if (!status.under_newest_master) {
    absl::StrAppend(&advice, "  run clinicd keys rotate-master to finish its rotation\n");
  }
  return advice;
}

void PrintStatus(const ClinicId& clinic, const KeyAdmin::ClinicStatus& status) {
  std::cout << "clinic " << clinic.ToString() << (status.shredded ? "  shredded" : "") << "\n";
  for (const auto& version : status.versions) {
    std::cout << "  version " << version.number << "  " << version.data_keys << " data keys"
              << (version.kept ? "" : ", not kept") << "\n";
  }
  if (status.shredded_patients > 0) {
    std::cout << "  " << status.shredded_patients << " patients shredded\n";
  }
  std::cout << AdviceOn(status);
}

absl::Status ShowStatus(const Options& options, Globals& globals, int& exit_code) {
  return WithParts(globals, [&](Parts& parts) -> absl::Status {
    CLINICD_ASSIGN_OR_RETURN(const std::uint32_t master, parts.vault.master().NewestNumber());
    CLINICD_ASSIGN_OR_RETURN(std::vector<ClinicId> clinics, parts.vault.keys().List());
    if (!options.clinic.empty()) {
      CLINICD_ASSIGN_OR_RETURN(const ClinicId clinic,
                               ChosenClinic(options.clinic, parts, globals.clock().Now()));
      clinics = {clinic};
    }
    nlohmann::ordered_json report = nlohmann::ordered_json::array();
    if (!options.json) std::cout << "master key " << master << "\n";
    exit_code = kExitOk;
    for (const ClinicId& clinic : clinics) {
      CLINICD_ASSIGN_OR_RETURN(const KeyAdmin::ClinicStatus status, parts.admin.Status(clinic));
      if (!AdviceOn(status).empty()) exit_code = kExitFindings;
      if (options.json) {
        report.push_back(ToJson(clinic, status));
      } else {
        PrintStatus(clinic, status);
      }
    }
    if (options.json) {
      std::cout << nlohmann::ordered_json{{"master_key", master}, {"clinics", report}}.dump(2)
                << "\n";
    }
    return absl::OkStatus();
  });
}

absl::Status Create(Globals& globals) {
  CLINICD_ASSIGN_OR_RETURN(const config::Config config, globals.Load());
  if (config.keys().directory.empty()) {
    return absl::FailedPreconditionError(
        "Set keys.directory to a directory outside the database and its backups.");
  }
  CLINICD_ASSIGN_OR_RETURN(const std::vector<std::string> made,
                           auth::KeyRing::CreateMissing(config.keys().directory, globals.random()));
  for (const std::string& file : made) std::cout << "made " << file << "\n";
  if (made.empty()) std::cout << "nothing is missing\n";
  return absl::OkStatus();
}

absl::Status RotateMaster(const Options& options, Globals& globals) {
  return WithParts(globals, [&](Parts& parts) -> absl::Status {
    parts.progress.Start("clinics", 0);
    CLINICD_ASSIGN_OR_RETURN(const KeyAdmin::MasterRotation rotation,
                             parts.admin.RotateMaster(options.retire, [&](std::int64_t count) {
                               parts.progress.Advance(count);
                             }));
    parts.progress.Finish();
    std::cout << "master key " << rotation.number << " wraps all clinics' keys, "
              << rotation.rewrapped << " of them newly; " << rotation.retired
              << " older master keys destroyed\n";
    if (rotation.retired == 0) {
      std::cout << "Copy the key directory to its safe place; then --retire destroys older master "
                   "keys.\n";
    }
    return absl::OkStatus();
  });
}

absl::Status RotateClinic(const Options& options, Globals& globals) {
  return WithParts(globals, [&](Parts& parts) -> absl::Status {
    CLINICD_ASSIGN_OR_RETURN(const ClinicId clinic,
                             ChosenClinic(options.clinic, parts, globals.clock().Now()));
    const KeyAdmin::Advance advance = [&](std::int64_t count) { parts.progress.Advance(count); };
    parts.progress.Start("data keys", 0);
    CLINICD_ASSIGN_OR_RETURN(const KeyAdmin::Rotation rotation,
                             options.retire ? parts.admin.RetireClinic(clinic, advance)
                                            : parts.admin.RotateClinic(clinic, advance));
    parts.progress.Finish();
    std::cout << "version " << rotation.version << " of the clinic's key wraps all data keys, "
              << rotation.rewrapped << " of them newly; " << rotation.retired
              << " older versions destroyed\n";
    if (!options.retire) {
      std::cout
          << "Copy the key directory to its safe place. Older versions are kept for backups of "
             "the database; when those are gone, --retire destroys them.\n";
    }
    return absl::OkStatus();
  });
}

absl::Status RotatePatient(const Options& options, Globals& globals) {
  return WithParts(globals, [&](Parts& parts) -> absl::Status {
    CLINICD_ASSIGN_OR_RETURN(const ClinicId clinic,
                             ChosenClinic(options.clinic, parts, globals.clock().Now()));
    std::optional<PatientId> patient;
    if (!options.patient.empty()) {
      CLINICD_ASSIGN_OR_RETURN(patient, ChosenPatient(options.patient));
    }
    CLINICD_ASSIGN_OR_RETURN(const std::int32_t version,
                             parts.admin.RotateDataKey(clinic, patient));
    std::cout << "version " << version
              << " of the data key seals new values within a minute; older versions open\n";
    return absl::OkStatus();
  });
}

absl::Status Shred(const Options& options, Globals& globals, bool whole_clinic) {
  const std::string whose = whole_clinic ? "the clinic" : "the patient";
  if (!options.destroy) {
    return absl::FailedPreconditionError(absl::StrCat(
        "This destroys the keys of ", whose, " for ever. All private fields of ", whose,
        " and what the audit trail keeps of them become unreadable, in this database and in every "
        "backup of it; nothing brings them back but an older copy of the key directory, which must "
        "be destroyed too. Say --yes-destroy to do it."));
  }
  return WithParts(globals, [&](Parts& parts) -> absl::Status {
    CLINICD_ASSIGN_OR_RETURN(const ClinicId clinic,
                             ChosenClinic(options.clinic, parts, globals.clock().Now()));
    absl::StatusOr<std::int64_t> deleted;
    if (whole_clinic) {
      deleted = parts.admin.ShredClinic(clinic);
    } else {
      CLINICD_ASSIGN_OR_RETURN(const PatientId patient, ChosenPatient(options.patient));
      deleted = parts.admin.ShredPatient(clinic, patient);
    }
    if (!deleted.ok()) {
      std::cerr << "clinicd: the shredding may be half done; run this again until it succeeds\n";
      return deleted.status();
    }
    std::cout
        << "The keys of " << whose << " are destroyed, " << *deleted
        << " data keys deleted. Running servers forget them within a minute. Now replace every "
           "copy of the key directory by a new one.\n";
    return absl::OkStatus();
  });
}

int Finish(const absl::Status& status) { return status.ok() ? kExitOk : PrintError(status); }

// A sub-command that runs `work`.
CLI::App* AddSubcommand(CLI::App* keys, const std::string& name, const std::string& description,
                        int& exit_code, std::function<absl::Status()> work) {
  CLI::App* command = keys->add_subcommand(name, description);
  command->callback([&exit_code, work = std::move(work)] { exit_code = Finish(work()); });
  return command;
}

void AddClinicOption(CLI::App* command, const std::shared_ptr<Options>& options) {
  command->add_option("--clinic", options->clinic, "Slug or id of the clinic")->required();
}

void AddShredCommands(CLI::App* keys, const std::shared_ptr<Options>& options, Globals& globals,
                      int& exit_code) {
  CLI::App* patient =
      AddSubcommand(keys, "shred-patient", "Destroys the keys of a patient, backups included",
                    exit_code, [=, &globals] { return Shred(*options, globals, false); });
  patient->add_option("--patient", options->patient, "Id of the patient")->required();
  CLI::App* clinic =
      AddSubcommand(keys, "shred-clinic", "Destroys all keys of a clinic, backups included",
                    exit_code, [=, &globals] { return Shred(*options, globals, true); });
  for (CLI::App* shred : {patient, clinic}) {
    AddClinicOption(shred, options);
    shred->add_flag("--yes-destroy", options->destroy, "Says that this is meant");
  }
}

}  // namespace

void AddKeysCommand(CLI::App& program, Globals& globals, int& exit_code) {
  CLI::App* keys = program.add_subcommand("keys", "Makes, rotates and destroys keys");
  keys->require_subcommand(1);
  auto options = std::make_shared<Options>();
  AddSubcommand(keys, "create", "Makes the keys that the key directory lacks", exit_code,
                [&globals] { return Create(globals); });
  CLI::App* status = keys->add_subcommand(
      "status", "Shows how keys stand; exits with 2 if something was left unfinished");
  status->callback([options, &globals, &exit_code] {
    const absl::Status shown = ShowStatus(*options, globals, exit_code);
    if (!shown.ok()) exit_code = PrintError(shown);
  });
  status->add_option("--clinic", options->clinic, "Slug or id of the only clinic; default all");
  status->add_flag("--json", options->json, "Prints JSON");
  CLI::App* master = AddSubcommand(
      keys, "rotate-master", "Makes a master key and wraps all clinics' keys under it", exit_code,
      [=, &globals] { return RotateMaster(*options, globals); });
  master->add_flag("--retire", options->retire,
                   "Finishes a rotation and destroys older master keys, instead of a new one");
  CLI::App* clinic = AddSubcommand(
      keys, "rotate-clinic", "Adds a version to a clinic's key and wraps its data keys under it",
      exit_code, [=, &globals] { return RotateClinic(*options, globals); });
  clinic->add_flag("--retire", options->retire,
                   "Destroys older versions, instead of a new one: no backup of the database from "
                   "before the last rotation can be read any more");
  CLI::App* patient =
      AddSubcommand(keys, "rotate-patient",
                    "Adds a version to the data key of a patient, or of the clinic's own "
                    "values",
                    exit_code, [=, &globals] { return RotatePatient(*options, globals); });
  patient->add_option("--patient", options->patient,
                      "Id of the patient; default what belongs to no patient");
  for (CLI::App* rotate : {clinic, patient}) AddClinicOption(rotate, options);
  AddShredCommands(keys, options, globals, exit_code);
}

}  // namespace clinicd::server
