// dev.json: what a client needs to know of a development server.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace clinicd::demo {

struct DevLogin {
  std::string clinic_slug = {};
  std::string email = {};
  std::string password = {};
  // "owner", "receptionist": the role's name without ROLE_, in lower case.
  std::string role = {};
  // Base32; empty while the user has no second factor.
  std::string totp_secret = {};
};

// The members of the JSON object are `url`, `ca`, `grpc`, `database`, `database_owner` and `logins`
// (each with `clinic`, `email`, `password`, `role`, and `totp_secret` where there is one). Scripts
// rely on these names.
struct DevFile {
  // "https://host:port" of the TLS listener.
  std::string url = {};
  // PEM file with the authority that issued its certificate.
  std::string ca = {};
  // gRPC target of the raw socket: "unix:/path".
  std::string grpc = {};
  // libpq connection strings, with passwords, of the role that clinicd uses and of the superuser of
  // the private cluster.
  std::string database = {};
  std::string database_owner = {};
  std::vector<DevLogin> logins = {};
};

std::string ToJson(const DevFile& file);

// INVALID_ARGUMENT if it is not what ToJson() writes.
absl::StatusOr<DevFile> ParseDevFile(std::string_view json);

// Replaces the file at once, readable by its owner only: it holds passwords.
absl::Status WriteDevFile(const std::string& path, const DevFile& file);

// Errors name the file; NOT_FOUND if there is none.
absl::StatusOr<DevFile> ReadDevFile(const std::string& path);

// The login of a clinic's user with a role ("owner"); nothing if there is none.
std::optional<DevLogin> FindLogin(const DevFile& file, std::string_view clinic_slug,
                                  std::string_view role);

}  // namespace clinicd::demo
