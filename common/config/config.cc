#include "common/config/config.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace clinicd::config {
namespace {

std::string Text(const Resolution& resolution, std::string_view name) {
  return resolution.Get<std::string>(name);
}

// Bounds in key.cc keep every integer within int.
int Integer(const Resolution& resolution, std::string_view name) {
  return static_cast<int>(resolution.Get<std::int64_t>(name));
}

absl::Duration Duration(const Resolution& resolution, std::string_view name) {
  return resolution.Get<absl::Duration>(name);
}

std::optional<Address> Listener(const Resolution& resolution, std::string_view name) {
  return ParseAddress(resolution.Get<std::string>(name));  // "off" is no address.
}

// What "localhost" means must not depend on a resolver.
std::optional<Address> LoopbackListener(const Resolution& resolution, std::string_view name) {
  std::optional<Address> address = Listener(resolution, name);
  if (address && address->host == "localhost") address->host = "127.0.0.1";
  return address;
}

Problem Incomplete(const Resolution& resolution, std::string_view given, std::string_view missing) {
  return {Reason::kIncomplete, std::string(missing), resolution.Find(given).origin,
          absl::StrCat("must be set as well when ", ToAbsl(given), " is")};
}

}  // namespace

Resolution ResolveAll(const Sources& sources) {
  constexpr std::string_view kCertificate = "server.tls_certificate_file";
  constexpr std::string_view kKey = "server.tls_key_file";
  Resolution resolution = Resolve(Keys(), sources);
  const bool certificate = !Text(resolution, kCertificate).empty();
  const bool key = !Text(resolution, kKey).empty();
  if (certificate && !key) {
    resolution.problems.push_back(Incomplete(resolution, kCertificate, kKey));
  }
  if (key && !certificate) {
    resolution.problems.push_back(Incomplete(resolution, kKey, kCertificate));
  }
  return resolution;
}

absl::StatusOr<Config> Config::Load(const Sources& sources) {
  const Resolution resolution = ResolveAll(sources);
  if (resolution.problems.empty()) return Config(resolution);
  std::string message = "the configuration cannot be used:";
  for (const Problem& problem : resolution.problems) {
    absl::StrAppend(&message, "\n  ", problem.ToText());
  }
  return absl::InvalidArgumentError(message);
}

Config::Config(const Resolution& resolution)
    : server_{.listen = Listener(resolution, "server.listen"),
              .grpc_socket = Text(resolution, "server.grpc_socket"),
              .tls_certificate_file = Text(resolution, "server.tls_certificate_file"),
              .tls_key_file = Text(resolution, "server.tls_key_file"),
              .http_redirect_listen = Listener(resolution, "server.http_redirect_listen"),
              .public_authority = Text(resolution, "server.public_authority"),
              .clear_listen = LoopbackListener(resolution, "server.clear_listen"),
              .clear_socket = Text(resolution, "server.clear_socket"),
              .cors_origins = resolution.Get<std::vector<std::string>>("server.cors_origins"),
              .security_contact = Text(resolution, "server.security_contact"),
              .connections_max = Integer(resolution, "server.connections_max"),
              .connections_per_address = Integer(resolution, "server.connections_per_address"),
              .admin_listen = LoopbackListener(resolution, "server.admin_listen"),
              .callback_threads = Integer(resolution, "server.callback_threads"),
              .drain = Duration(resolution, "server.drain_seconds"),
              .stream_age_max = Duration(resolution, "server.stream_minutes_max"),
              .stream_heartbeat = Duration(resolution, "server.stream_heartbeat_seconds")},
      db_{.conninfo = Text(resolution, "db.conninfo"),
          .password_file = Text(resolution, "db.password_file"),
          .auth_conninfo = Text(resolution, "db.auth_conninfo"),
          .auth_password_file = Text(resolution, "db.auth_password_file"),
          .jobs_conninfo = Text(resolution, "db.jobs_conninfo"),
          .jobs_password_file = Text(resolution, "db.jobs_password_file"),
          .sealer_conninfo = Text(resolution, "db.sealer_conninfo"),
          .sealer_password_file = Text(resolution, "db.sealer_password_file"),
          .workers = Integer(resolution, "db.workers"),
          .queue = Integer(resolution, "db.queue"),
          .statement_timeout = Duration(resolution, "db.statement_timeout_ms"),
          .tenant_mode = Text(resolution, "db.tenant_mode") == "set_local"
                             ? TenantMode::kSetLocal
                             : TenantMode::kSetConfig},
      keys_{.directory = Text(resolution, "keys.directory")},
      auth_{.access_token_life = Duration(resolution, "auth.access_token_minutes"),
            .hash_concurrency = Integer(resolution, "auth.hash_concurrency"),
            .refresh_life = Duration(resolution, "auth.refresh_days")},
      audit_{.strict_reads = resolution.Get<bool>("audit.strict_reads"),
             .origin = Text(resolution, "audit.origin"),
             .node = Text(resolution, "audit.node"),
             .anchor_directory = Text(resolution, "audit.anchor_directory"),
             .witnesses = resolution.Get<std::vector<std::string>>("audit.witnesses"),
             .witness_authorities_file = Text(resolution, "audit.witness_authorities_file")},
      isolation_{.probe_hour = Integer(resolution, "isolation.probe_hour")},
      log_{.level = log::ParseLevel(Text(resolution, "log.level")).value_or(log::Level::kInfo),
           .file = Text(resolution, "log.file")} {}

absl::Status Config::CheckForServing() const {
  std::string message;
  const auto need = [&message](bool met, std::string_view sentence) {
    if (!met) absl::StrAppend(&message, "\n  ", ToAbsl(sentence));
  };
  need(server_.listen || server_.clear_listen || !server_.clear_socket.empty() ||
           !server_.grpc_socket.empty(),
       "server.listen is off and server.grpc_socket is empty: set one of them");
  need(!server_.listen || !server_.tls_certificate_file.empty(),
       "server.listen needs server.tls_certificate_file and server.tls_key_file: set them, or set "
       "server.listen to off");
  need(!server_.http_redirect_listen || !server_.tls_certificate_file.empty(),
       "server.http_redirect_listen leads to HTTPS and needs server.tls_certificate_file: set it, "
       "or "
       "set server.http_redirect_listen to off");
  need(!db_.conninfo.empty(), "db.conninfo is empty: set it, for example to \"dbname=clinicd\"");
  need(!db_.auth_conninfo.empty(), "db.auth_conninfo is empty: set it like db.conninfo");
  if (message.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the configuration is not enough for a server:", message));
}

}  // namespace clinicd::config
