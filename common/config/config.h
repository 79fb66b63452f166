// The configuration of a process: complete, checked, typed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/config/address.h"
#include "common/config/resolve.h"
#include "common/log/logger.h"

namespace clinicd::config {

inline constexpr char kDefaultFile[] = "/etc/clinicd/clinicd.toml";

// Empty texts and absent addresses mean "off" or "none". Meanings and bounds: key.cc.
struct ServerConfig {
  std::optional<Address> listen;
  std::string grpc_socket;
  std::string tls_certificate_file;
  std::string tls_key_file;
  std::optional<Address> http_redirect_listen;
  std::string public_authority;
  std::optional<Address> clear_listen;
  std::string clear_socket;
  std::vector<std::string> cors_origins;
  std::string security_contact;
  int connections_max = 0;
  int connections_per_address = 0;
  std::optional<Address> admin_listen;
  int callback_threads = 0;
  absl::Duration drain;
  absl::Duration stream_age_max;
  absl::Duration stream_heartbeat;
};

enum class TenantMode { kSetConfig, kSetLocal };

// Passwords are read with ReadSecretFile() whenever a connection is made.
struct DbConfig {
  std::string conninfo;
  std::string password_file;
  std::string auth_conninfo;
  std::string auth_password_file;
  std::string jobs_conninfo;
  std::string jobs_password_file;
  std::string sealer_conninfo;
  std::string sealer_password_file;
  int workers = 0;
  int queue = 0;
  absl::Duration statement_timeout;
  TenantMode tenant_mode = TenantMode::kSetConfig;
};

struct KeysConfig {
  std::string directory;
};

struct AuthConfig {
  absl::Duration access_token_life;
  int hash_concurrency = 0;
  absl::Duration refresh_life;
};

struct AuditConfig {
  bool strict_reads = false;
  std::string origin;
  // Empty: the name of the machine.
  std::string node;
  // Empty: off.
  std::string anchor_directory;
  // "url key" each.
  std::vector<std::string> witnesses;
  // Empty: the authorities of the system.
  std::string witness_authorities_file;
};

struct IsolationConfig {
  // Of UTC; below 0: off.
  int probe_hour = 0;
};

struct LogConfig {
  log::Level level = log::Level::kInfo;
  std::string file;  // "-": standard error
};

// Immutable; copies are cheap enough for start-up and not meant for later.
class Config final {
 public:
  // INVALID_ARGUMENT when anything is wrong; its message lists all problems, one a line.
  static absl::StatusOr<Config> Load(const Sources& sources);

  // What a server lacks that other commands do not need: a listener, its certificate, databases.
  // FAILED_PRECONDITION that lists all of it.
  absl::Status CheckForServing() const;

  const ServerConfig& server() const { return server_; }
  const DbConfig& db() const { return db_; }
  const KeysConfig& keys() const { return keys_; }
  const AuthConfig& auth() const { return auth_; }
  const AuditConfig& audit() const { return audit_; }
  const IsolationConfig& isolation() const { return isolation_; }
  const LogConfig& log() const { return log_; }

 private:
  explicit Config(const Resolution& resolution);

  ServerConfig server_;
  DbConfig db_;
  KeysConfig keys_;
  AuthConfig auth_;
  AuditConfig audit_;
  IsolationConfig isolation_;
  LogConfig log_;
};

// Resolves clinicd's keys, and finds keys that need each other. For reports; servers use Load().
Resolution ResolveAll(const Sources& sources);

}  // namespace clinicd::config
