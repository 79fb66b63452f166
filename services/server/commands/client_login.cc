#include "services/server/commands/client_login.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/try.h"
#include "common/config/secret_file.h"
#include "services/server/client/patience.h"
#include "services/server/demo/dev_file.h"

namespace clinicd::server {
namespace {

// Takes address and login of the clinic's owner from a development server's dev.json.
absl::Status UseDevServer(ClientLogin& login) {
  CLINICD_ASSIGN_OR_RETURN(const demo::DevFile file,
                           demo::ReadDevFile(absl::StrCat(login.data, "/dev.json")));
  const std::optional<demo::DevLogin> owner =
      demo::FindLogin(file, login.credentials.clinic_slug, "owner");
  if (!owner) {
    return absl::NotFoundError(absl::StrCat("The development server in ", login.data,
                                            " has no clinic '", login.credentials.clinic_slug,
                                            "'; its dev.json lists those it has."));
  }
  login.endpoint = {.target = file.grpc, .ca_file = ""};
  login.credentials.email = owner->email;
  login.credentials.password = owner->password;
  return absl::OkStatus();
}

absl::Status Complete(ClientLogin& login) {
  if (!login.data.empty()) return UseDevServer(login);
  if (login.endpoint.target.empty() || login.credentials.email.empty() ||
      login.password_file.empty()) {
    return absl::InvalidArgumentError(
        "Give --server, --email and --password-file, or --data with a development server's "
        "directory.");
  }
  CLINICD_ASSIGN_OR_RETURN(login.credentials.password, config::ReadSecretFile(login.password_file));
  return absl::OkStatus();
}

}  // namespace

void AddLoginOptions(CLI::App& command, ClientLogin& login) {
  command.add_option("--clinic", login.credentials.clinic_slug, "Slug of the clinic")->required();
  command.add_option("--data", login.data,
                     "Directory of a development server; signs in as the clinic's owner there");
  command.add_option("--server", login.endpoint.target,
                     "Server to sign in to: host:port, or unix:/path");
  command.add_option("--ca", login.endpoint.ca_file,
                     "PEM file with the authority to trust; default the machine's");
  command.add_option("--email", login.credentials.email, "E-mail address to sign in with");
  command.add_option("--password-file", login.password_file,
                     "File with the password, closed to others");
}

absl::StatusOr<SignedInClient> SignInAs(ClientLogin& login) {
  CLINICD_RETURN_IF_ERROR(Complete(login));
  SignedInClient client;
  CLINICD_ASSIGN_OR_RETURN(client.channel, sdk::OpenChannel(login.endpoint));
  CLINICD_ASSIGN_OR_RETURN(client.session, sdk::Session::SignIn(client.channel, login.credentials,
                                                                {.retry = client::Patience()}));
  return client;
}

}  // namespace clinicd::server
