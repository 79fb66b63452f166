// sign-in, sign-out, whoami.
#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "clients/clinicctl/context.h"
#include "clients/clinicctl/dev_login.h"
#include "clients/clinicctl/output.h"
#include "clients/clinicctl/password.h"
#include "clients/clinicctl/session_file.h"
#include "clients/clinicctl/text.h"
#include "clinicd/sdk/audit_log.h"
#include "clinicd/sdk/channel.h"
#include "common/base/try.h"

namespace clinicd::clinicctl {
namespace {

struct SignInOptions {
  std::string url;
  std::string ca_file;
  sdk::Credentials credentials;
  std::string password_file;
};

absl::Status Complete(SignInOptions& options, const Context& context) {
  if (!context.dev().empty()) {
    CLINICD_ASSIGN_OR_RETURN(
        const DevLogin login,
        ReadDevLogin(context.dev(), options.credentials.clinic_slug, context.dev_role()));
    options.url = login.url;
    options.ca_file = login.ca_file;
    options.credentials = login.credentials;
    return absl::OkStatus();
  }
  if (options.url.empty() || options.credentials.clinic_slug.empty() ||
      options.credentials.email.empty()) {
    return absl::InvalidArgumentError(
        "Give --server, --clinic and --email, or --dev with a development server's directory.");
  }
  CLINICD_ASSIGN_OR_RETURN(
      options.credentials.password,
      ReadPassword(options.password_file,
                   absl::StrCat("Password of ", options.credentials.email, ": ")));
  return absl::OkStatus();
}

void PrintIdentity(const identity::v1::WhoAmIResponse& me) {
  std::cout << Printable(absl::StrCat(me.user().given_name(), " ", me.user().family_name(), ", ",
                                      me.user().email(), ", at ", me.clinic().name(), " (",
                                      me.clinic().time_zone(), ")"))
            << "\n";
}

// An alarm about the audit log; whatever else is wrong keeps nobody from working.
absl::Status CheckAuditLog(sdk::Session& session, Context& context, const std::string& clinic_id) {
  CLINICD_ASSIGN_OR_RETURN(sdk::CheckpointStore & store, context.Checkpoints());
  CLINICD_ASSIGN_OR_RETURN(const auto log,
                           sdk::AuditLog::Create(session, store, {.clinic_id = clinic_id}));
  const absl::Status checked = log->Check().status();
  return sdk::AlarmOf(checked) ? checked : absl::OkStatus();
}

absl::Status SignIn(SignInOptions& options, Context& context) {
  CLINICD_RETURN_IF_ERROR(Complete(options, context));
  CLINICD_ASSIGN_OR_RETURN(std::string path, SessionFile::DefaultPath());
  CLINICD_ASSIGN_OR_RETURN(const auto channel, sdk::OpenChannel({.target = options.url,
                                                                 .ca_file = options.ca_file,
                                                                 .user_agent = UserAgent()}));
  CLINICD_ASSIGN_OR_RETURN(const sdk::Tokens tokens, sdk::SignIn(channel, options.credentials));
  const auto file = std::make_shared<SessionFile>(std::move(path));
  CLINICD_RETURN_IF_ERROR(file->Write({.url = options.url,
                                       .ca_file = options.ca_file,
                                       .clinic = options.credentials.clinic_slug,
                                       .email = options.credentials.email,
                                       .tokens = tokens}));
  CLINICD_ASSIGN_OR_RETURN(const auto session, sdk::Session::Resume(channel, file));
  CLINICD_ASSIGN_OR_RETURN(const identity::v1::WhoAmIResponse me, session->WhoAmI());
  if (context.json()) {
    PrintJson(me);
  } else {
    std::cout << "Signed in: ";
    PrintIdentity(me);
  }
  return CheckAuditLog(*session, context, me.clinic().id());
}

absl::Status SignOut(Context& context) {
  CLINICD_ASSIGN_OR_RETURN(std::string path, SessionFile::DefaultPath());
  const SessionFile file(std::move(path));
  if (absl::IsNotFound(file.Read().status())) {
    if (!context.json()) std::cout << "Nobody was signed in.\n";
    return absl::OkStatus();
  }
  const absl::StatusOr<std::reference_wrapper<sdk::Session>> session = context.Session();
  absl::Status ended = session.ok() ? session->get().SignOut() : session.status();
  // A session that the server has ended already is not worth keeping either.
  if (!ended.ok() && ExitOf(ended) != Exit::kSignedOut) return ended;
  CLINICD_RETURN_IF_ERROR(file.Remove());
  if (!context.json()) std::cout << "Signed out.\n";
  return absl::OkStatus();
}

absl::Status WhoAmI(Context& context) {
  CLINICD_ASSIGN_OR_RETURN(const identity::v1::WhoAmIResponse& me, context.Me());
  if (context.json()) {
    PrintJson(me);
    return absl::OkStatus();
  }
  PrintIdentity(me);
  for (const std::string& permission : me.permissions()) {
    std::cout << "  " << Printable(permission) << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

void AddSessionCommands(CLI::App& program, Context& context) {
  CLI::App* const sign_in = program.add_subcommand(
      "sign-in", "Signs in and keeps the session for the commands that follow");
  const auto options = std::make_shared<SignInOptions>();
  sign_in->add_option("--server", options->url, "The server: https://host:port");
  sign_in->add_option("--ca", options->ca_file,
                      "PEM file with the authority to trust; default the machine's");
  sign_in->add_option("--clinic", options->credentials.clinic_slug, "Slug of the clinic");
  sign_in->add_option("--email", options->credentials.email, "E-mail address to sign in with");
  sign_in->add_option("--password-file", options->password_file,
                      "File with the password, closed to others; default: asks for it");
  sign_in->callback([options, &context] { context.Finish("sign in", SignIn(*options, context)); });
  program.add_subcommand("sign-out", "Ends the session")->callback([&context] {
    context.Finish("sign out", SignOut(context));
  });
  program.add_subcommand("whoami", "Tells who is signed in, where, and what they may do")
      ->callback([&context] { context.Finish("tell who you are", WhoAmI(context)); });
}

}  // namespace clinicd::clinicctl
