#include <memory>

#include "absl/strings/str_cat.h"
#include "common/base/try.h"
#include "common/log/logger.h"
#include "common/systemd/systemd.h"
#include "services/server/commands/command.h"
#include "services/server/edge_options.h"
#include "services/server/restore_gate.h"
#include "services/server/run_server.h"

namespace clinicd::server {
namespace {

absl::StatusOr<RunOptions> OptionsFrom(const config::Config& config) {
  RunOptions options;
  ApplicationOptions& application = options.application;
  CLINICD_ASSIGN_OR_RETURN(application.app_conninfo,
                           WithPassword(config.db().conninfo, config.db().password_file));
  CLINICD_ASSIGN_OR_RETURN(application.auth_conninfo,
                           WithPassword(config.db().auth_conninfo, config.db().auth_password_file));
  if (!config.db().jobs_conninfo.empty()) {
    CLINICD_ASSIGN_OR_RETURN(
        application.jobs_conninfo,
        WithPassword(config.db().jobs_conninfo, config.db().jobs_password_file));
  }
  if (!config.db().sealer_conninfo.empty()) {
    CLINICD_ASSIGN_OR_RETURN(
        application.sealer_conninfo,
        WithPassword(config.db().sealer_conninfo, config.db().sealer_password_file));
  }
  application.audit_origin = config.audit().origin;
  application.audit_anchor = config.audit().anchor_directory;
  application.audit_witnesses = config.audit().witnesses;
  application.audit_witness_authorities = config.audit().witness_authorities_file;
  application.node = NodeName(config.audit());
  application.key_directory = config.keys().directory;
  application.credential_directory = CredentialDirectory();
  application.listeners.socket = config.server().grpc_socket;
  CLINICD_ASSIGN_OR_RETURN(const std::vector<systemd::InheritedSocket> sockets,
                           systemd::TakeSockets());
  CLINICD_ASSIGN_OR_RETURN(application.front_door.edge, EdgeOptionsFrom(config.server(), sockets));
  application.front_door.tls = {.certificate = config.server().tls_certificate_file,
                                .key = config.server().tls_key_file};
  application.front_door.cors_origins = config.server().cors_origins;
  application.front_door.security_contact = config.server().security_contact;
  application.workers = config.db().workers;
  application.queue_max = static_cast<std::size_t>(config.db().queue);
  application.tenant_mode = config.db().tenant_mode == config::TenantMode::kSetLocal
                                ? db::TenantMode::kSetLocal
                                : db::TenantMode::kSetConfig;
  application.hash_concurrency = config.auth().hash_concurrency;
  application.access_token_lifetime = config.auth().access_token_life;
  application.refresh_token_lifetime = config.auth().refresh_life;
  application.isolation_hour = config.isolation().probe_hour;
  application.strict_reads = config.audit().strict_reads;
  application.stream_age_max = config.server().stream_age_max;
  application.stream_heartbeat = config.server().stream_heartbeat;
  options.admin = config.server().admin_listen;
  options.drain = config.server().drain;
  return options;
}

absl::Status Serve(Globals& globals, const std::vector<config::Setting>& flags) {
  const Signals signals;
  CLINICD_ASSIGN_OR_RETURN(const config::Config config, globals.Load(flags));
  CLINICD_RETURN_IF_ERROR(config.CheckForServing());
  CLINICD_ASSIGN_OR_RETURN(const RunOptions options, OptionsFrom(config));
  CLINICD_ASSIGN_OR_RETURN(
      const std::unique_ptr<log::Logger> logger,
      log::Logger::Open(config.log().level, config.log().file, globals.clock()));
  return RunServer(options, signals, globals.clock(), globals.random(), *logger);
}

}  // namespace

void AddServeCommand(CLI::App& program, Globals& globals, int& exit_code) {
  CLI::App* command = program.add_subcommand("serve", "Serves clinics, as configured");
  auto listen = std::make_shared<std::string>();
  command->add_option("--listen", *listen, "host:port of the TLS listener (server.listen)");
  command->callback([listen, &globals, &exit_code] {
    std::vector<config::Setting> flags;
    if (!listen->empty()) {
      flags.push_back(
          {.name = "server.listen", .given = config::Untyped{*listen}, .origin = "--listen"});
    }
    const absl::Status served = Serve(globals, flags);
    exit_code = served.ok() ? kExitOk : PrintError(served);
    if (IsLogBehind(served)) exit_code = kExitLogBehind;
  });
}

}  // namespace clinicd::server
