// How sub-commands that are clients of a running server sign in to it.
#pragma once

#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clinicd/sdk/channel.h"
#include "clinicd/sdk/session.h"

namespace clinicd::server {

// What the command line says about server and login.
struct ClientLogin {
  sdk::Endpoint endpoint;
  sdk::Credentials credentials;
  std::string password_file;
  // Directory of a development server, whose owner of the clinic signs in.
  std::string data;
};

// Adds --clinic, --data, --server, --ca, --email and --password-file. `login` must outlive the
// parsing.
void AddLoginOptions(CLI::App& command, ClientLogin& login);

struct SignedInClient {
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<sdk::Session> session;
};
// Signs in. INVALID_ARGUMENT where something is missing; else the server's errors.
absl::StatusOr<SignedInClient> SignInAs(ClientLogin& login);

}  // namespace clinicd::server
