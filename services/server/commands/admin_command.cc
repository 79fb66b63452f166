// `clinicd clinic create` and `clinicd user create`: what has to exist before anybody can sign in.
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <functional>

#include <iostream>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/auth/key_ring.h"
#include "common/base/ids.h"
#include "common/base/try.h"
#include "common/config/secret_file.h"
#include "services/identity/builtin_roles.h"
#include "services/identity/identity_admin.h"
#include "services/server/commands/command.h"
#include "services/server/commands/command_audit.h"

namespace clinicd::server {
namespace {

// What IdentityAdmin stands on, made from the configuration.
struct AdminParts {
  AdminParts(const std::string& app, const std::string& auth_conninfo,
             auth::PasswordHasher& with_hasher, const db::AuditWriter::Options& audit,
             Globals& globals)
      : ids(globals.clock(), globals.random()),
        pool(SmallPool(app), globals.clock()),
        auth_pool(SmallPool(auth_conninfo), globals.clock()),
        runner(pool, globals.clock(), ids, {.role_names = identity::RoleNames, .audit = audit}),
        admin({.runner = runner,
               .auth_pool = auth_pool,
               .hasher = with_hasher,
               .clock = globals.clock(),
               .ids = ids}) {}

  const IdSource ids;
  db::Pool pool;
  db::Pool auth_pool;
  db::TransactionRunner runner;
  const identity::IdentityAdmin admin;
};

absl::Status WithAdmin(Globals& globals,
                       const std::function<absl::Status(const identity::IdentityAdmin&)>& work) {
  CLINICD_ASSIGN_OR_RETURN(const config::Config config, globals.Load());
  if (config.db().conninfo.empty() || config.db().auth_conninfo.empty() ||
      config.keys().directory.empty()) {
    return absl::FailedPreconditionError(
        "Set db.conninfo, db.auth_conninfo and keys.directory; see `clinicd doctor`.");
  }
  CLINICD_ASSIGN_OR_RETURN(const auth::KeyRing keys, auth::KeyRing::Load(config.keys().directory));
  CLINICD_ASSIGN_OR_RETURN(
      const auto hasher,
      auth::PasswordHasher::Create({}, keys.pepper(), globals.random(), globals.clock()));
  CLINICD_ASSIGN_OR_RETURN(const std::string app,
                           WithPassword(config.db().conninfo, config.db().password_file));
  CLINICD_ASSIGN_OR_RETURN(const std::string auth_conninfo,
                           WithPassword(config.db().auth_conninfo, config.db().auth_password_file));
  CLINICD_ASSIGN_OR_RETURN(const std::unique_ptr<CommandAudit> audit,
                           CommandAudit::Open(config, globals));
  AdminParts parts(app, auth_conninfo, *hasher, audit->options(), globals);
  return work(parts.admin);
}

absl::StatusOr<std::string> PasswordFrom(const std::string& file) {
  if (!file.empty()) return config::ReadSecretFile(file);
  const std::unique_ptr<char, decltype(&free)> typed(
      isatty(STDIN_FILENO) != 0 ? strdup(getpass("Password: ")) : nullptr, &free);
  if (typed == nullptr) {
    return absl::InvalidArgumentError("Give the password with --password-file.");
  }
  return std::string(typed.get());
}

absl::StatusOr<auth::RoleSet> RolesFrom(const std::vector<std::string>& names) {
  auth::RoleSet roles = 0;
  for (const std::string& name : names) {
    const auto role = identity::ParseRoleNames(name);
    if (!role || *role == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", name, "' is no role; choose from ",
                       identity::RoleNames(static_cast<auth::RoleSet>(~auth::RoleSet{0})), "."));
    }
    roles |= *role;
  }
  return roles;
}

int Finish(const absl::Status& status) { return status.ok() ? kExitOk : PrintError(status); }

}  // namespace

void AddClinicCommand(CLI::App& program, Globals& globals, int& exit_code) {
  CLI::App* command = program.add_subcommand("clinic", "Manages clinics");
  command->require_subcommand(1);
  CLI::App* create = command->add_subcommand("create", "Creates a clinic and prints its id");
  auto form = std::make_shared<identity::NewClinicForm>();
  create->add_option("--slug", form->slug, "Short name used at sign-in")->required();
  create->add_option("--name", form->name, "Name as patients know it")->required();
  create->add_option("--country", form->country, "ISO 3166-1 code, for example ES")->required();
  create->add_option("--time-zone", form->time_zone, "IANA zone, for example Europe/Madrid")
      ->required();
  create->add_option("--currency", form->currency, "ISO 4217 code, for example EUR")->required();
  create->add_option("--locale", form->locale, "BCP 47 tag, for example es-ES")->required();
  create->callback([form, &globals, &exit_code] {
    exit_code =
        Finish(WithAdmin(globals, [&](const identity::IdentityAdmin& admin) -> absl::Status {
          CLINICD_ASSIGN_OR_RETURN(const identity::Clinic clinic, admin.CreateClinic(*form));
          std::cout << clinic.id.ToString() << "\n";
          return absl::OkStatus();
        }));
  });
}

void AddUserCommand(CLI::App& program, Globals& globals, int& exit_code) {
  CLI::App* command = program.add_subcommand("user", "Manages the users of clinics");
  command->require_subcommand(1);
  CLI::App* create = command->add_subcommand("create", "Adds a user to a clinic and prints the id");
  struct Options {
    identity::NewUserForm form;
    std::vector<std::string> roles;
    std::string password_file;
  };
  auto options = std::make_shared<Options>();
  create->add_option("--clinic", options->form.clinic_slug, "Slug of the clinic")->required();
  create->add_option("--email", options->form.email, "E-mail address used at sign-in")->required();
  create->add_option("--given-name", options->form.given_name, "Given name")->required();
  create->add_option("--family-name", options->form.family_name, "Family name")->required();
  create->add_option("--role", options->roles, "Role, for example owner; may be repeated")
      ->required();
  create->add_option("--password-file", options->password_file,
                     "File with the password, closed to others; asked for on a terminal otherwise");
  create->callback([options, &globals, &exit_code] {
    exit_code =
        Finish(WithAdmin(globals, [&](const identity::IdentityAdmin& admin) -> absl::Status {
          CLINICD_ASSIGN_OR_RETURN(options->form.roles, RolesFrom(options->roles));
          CLINICD_ASSIGN_OR_RETURN(options->form.password, PasswordFrom(options->password_file));
          CLINICD_ASSIGN_OR_RETURN(const identity::User user, admin.CreateUser(options->form));
          std::cout << user.id.ToString() << "\n";
          return absl::OkStatus();
        }));
  });
}

}  // namespace clinicd::server
