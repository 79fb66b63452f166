// `clinicd dev`: a server with a PostgreSQL of its own and demo clinics, for a first look, for
// development and for tests of clients.
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/auth/key_ring.h"
#include "common/base/ids.h"
#include "common/base/progress.h"
#include "common/base/try.h"
#include "db/cluster/prepare.h"
#include "services/identity/builtin_roles.h"
#include "services/identity/identity_admin.h"
#include "services/server/commands/command.h"
#include "services/server/demo/demo_fill.h"
#include "services/server/demo/demo_plan.h"
#include "services/server/demo/dev_file.h"
#include "services/server/dev_certificates.h"
#include "services/server/restore_gate.h"
#include "services/server/run_server.h"

namespace clinicd::server {
namespace {

constexpr char kDatabase[] = "clinicd";
constexpr std::uint64_t kDemoSeed = 20270322;
// Longer paths do not fit into a Unix socket's address.
constexpr std::size_t kSocketPathMax = 100;

struct Options {
  std::filesystem::path data;
  std::string listen = "127.0.0.1:8443";
  std::string admin = "127.0.0.1:0";
  std::string demo = "small";
};

// What a first start leaves for the next one, beside the database: the logins.
std::filesystem::path DevFilePath(const Options& options) { return options.data / "dev.json"; }

absl::StatusOr<config::Address> Loopback(const std::string& text, std::string_view flag) {
  const std::optional<config::Address> address = config::ParseAddress(text);
  if (!address) {
    return absl::InvalidArgumentError(
        absl::StrCat(std::string(flag), " takes host:port, not '", text, "'."));
  }
  if (!config::IsLoopback(*address)) {
    return absl::InvalidArgumentError(
        absl::StrCat(std::string(flag),
                     " of a development server must be on loopback, for its passwords lie in "
                     "dev.json; use `clinicd serve` for a network."));
  }
  return *address;
}

// A directory for the gRPC socket whose path is short enough: DATA itself, or one of ours in the
// system's temporary directory.
absl::StatusOr<std::filesystem::path> SocketPath(const std::filesystem::path& data) {
  const std::filesystem::path plain = data / "grpc.sock";
  if (plain.string().size() <= kSocketPathMax) return plain;
  std::string pattern = (std::filesystem::temp_directory_path() / "clinicd-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    return absl::UnavailableError(absl::StrCat("Cannot make a directory in ",
                                               std::filesystem::temp_directory_path().string(),
                                               " for the gRPC socket; choose a shorter --data."));
  }
  return std::filesystem::path(pattern) / "grpc.sock";
}

std::string LowerRole(identity::v1::Role role) {
  return identity::RoleNames(identity::RoleBit(role));
}

// Makes the clinics and their users, with the plan's passwords.
absl::Status CreateClinics(const demo::DemoPlan& plan, const identity::IdentityAdmin& admin) {
  for (const demo::DemoClinic& clinic : plan.clinics) {
    CLINICD_RETURN_IF_ERROR(admin
                                .CreateClinic({.slug = clinic.slug,
                                               .name = clinic.name,
                                               .country = clinic.country_code,
                                               .time_zone = clinic.time_zone,
                                               .currency = clinic.currency_code,
                                               .locale = clinic.locale})
                                .status());
    for (const demo::DemoUser& user : clinic.users) {
      CLINICD_RETURN_IF_ERROR(admin
                                  .CreateUser({.clinic_slug = clinic.slug,
                                               .email = user.email,
                                               .given_name = user.given_name,
                                               .family_name = user.family_name,
                                               .roles = identity::RoleBit(user.role),
                                               .password = user.password})
                                  .status());
    }
  }
  return absl::OkStatus();
}

std::vector<demo::DevLogin> LoginsOf(const demo::DemoPlan& plan) {
  std::vector<demo::DevLogin> logins;
  for (const demo::DemoClinic& clinic : plan.clinics) {
    for (const demo::DemoUser& user : clinic.users) {
      logins.push_back({.clinic_slug = clinic.slug,
                        .email = user.email,
                        .password = user.password,
                        .role = LowerRole(user.role),
                        .totp_secret = ""});
    }
  }
  return logins;
}

absl::StatusOr<std::string> CountClinics(const db::ClusterEndpoint& endpoint) {
  CLINICD_ASSIGN_OR_RETURN(db::AdminConnection connection, endpoint.Connect(kDatabase));
  return connection.QueryValue("SELECT count(*) FROM clinicd.clinics WHERE state <> 'canary'");
}

// One development server, from the opening of its directory to its end.
class DevServer final {
 public:
  DevServer(const Options& options, Globals& globals) : options_(options), globals_(globals) {}

  absl::Status Run(const Signals& signals) {
    CLINICD_RETURN_IF_ERROR(Prepare());
    CLINICD_ASSIGN_OR_RETURN(
        const std::unique_ptr<log::Logger> logger,
        log::Logger::Open(log::Level::kInfo, (options_.data / "clinicd.log").string(),
                          globals_.clock()));
    run_.serving = [this](Application& application) { return Serving(application); };
    const absl::Status served =
        RunServer(run_, signals, globals_.clock(), globals_.random(), *logger);
    const absl::Status stopped = cluster_->Stop();
    return served.ok() ? stopped : served;
  }

 private:
  absl::Status Prepare() {
    CLINICD_ASSIGN_OR_RETURN(const config::Address listen, Loopback(options_.listen, "--listen"));
    CLINICD_ASSIGN_OR_RETURN(run_.admin, Loopback(options_.admin, "--admin-listen"));
    CLINICD_ASSIGN_OR_RETURN(
        cluster_, db::PrivateCluster::Open(
                      {.directory = options_.data / "postgres", .lock_patience = absl::Seconds(5)},
                      globals_.random()));
    CLINICD_RETURN_IF_ERROR(cluster_->Start());
    CLINICD_RETURN_IF_ERROR(db::PrepareDatabase(*cluster_, kDatabase, {}));
    const std::string keys = (options_.data / "keys").string();
    CLINICD_RETURN_IF_ERROR(auth::KeyRing::CreateMissing(keys, globals_.random()).status());
    CLINICD_ASSIGN_OR_RETURN(
        certificates_,
        EnsureDevCertificates(options_.data / "tls", globals_.clock().Now(), globals_.random()));
    const db::ClusterEndpoint endpoint = cluster_->endpoint();
    ApplicationOptions& application = run_.application;
    CLINICD_ASSIGN_OR_RETURN(application.app_conninfo,
                             endpoint.ConninfoWithPassword("clinicd_app", kDatabase));
    CLINICD_ASSIGN_OR_RETURN(application.auth_conninfo,
                             endpoint.ConninfoWithPassword("clinicd_auth", kDatabase));
    CLINICD_ASSIGN_OR_RETURN(application.jobs_conninfo,
                             endpoint.ConninfoWithPassword("clinicd_jobs", kDatabase));
    CLINICD_ASSIGN_OR_RETURN(application.sealer_conninfo,
                             endpoint.ConninfoWithPassword("clinicd_sealer", kDatabase));
    application.audit_anchor = (options_.data / "anchor").string();
    application.node = "dev";
    application.key_directory = keys;
    application.front_door.edge.listeners = {
        {.kind = edge::ListenerOptions::Kind::kTls, .address = listen}};
    application.front_door.tls = certificates_.server;
    CLINICD_ASSIGN_OR_RETURN(application.listeners.socket, SocketPath(options_.data));
    return absl::OkStatus();
  }

  // Fills an empty database, writes dev.json, says that it serves.
  absl::Status Serving(Application& application) {
    demo::DevFile file;
    CLINICD_ASSIGN_OR_RETURN(file.logins, Logins(application));
    const std::optional<config::Address> asked = config::ParseAddress(options_.listen);
    file.url = absl::StrCat(
        "https://",
        config::ToText({.host = asked->host,
                        .port = static_cast<std::uint16_t>(application.front_door()->port())}));
    file.ca = certificates_.authority.string();
    file.grpc = absl::StrCat("unix:", run_.application.listeners.socket.string());
    file.database = run_.application.app_conninfo;
    CLINICD_ASSIGN_OR_RETURN(file.database_owner,
                             cluster_->endpoint().ConninfoWithPassword(db::kSuperuser, kDatabase));
    CLINICD_RETURN_IF_ERROR(demo::WriteDevFile(DevFilePath(options_).string(), file));
    std::cout << "logins and addresses: " << DevFilePath(options_).string() << "\nready "
              << file.url << std::endl;
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<demo::DevLogin>> Logins(Application& application) {
    CLINICD_ASSIGN_OR_RETURN(const std::string clinics, CountClinics(cluster_->endpoint()));
    const absl::StatusOr<demo::DevFile> earlier = demo::ReadDevFile(DevFilePath(options_).string());
    if (clinics != "0" || options_.demo == "none") {
      return earlier.ok() ? earlier->logins : std::vector<demo::DevLogin>();
    }
    const absl::CivilDay today = absl::ToCivilDay(globals_.clock().Now(), absl::UTCTimeZone());
    demo::DemoPlan plan = demo::MakeDemoPlan(
        kDemoSeed, options_.demo == "medium" ? demo::DemoSize::kMedium : demo::DemoSize::kSmall,
        today);
    demo::GivePasswords(plan, globals_.random());
    CLINICD_RETURN_IF_ERROR(CreateClinics(plan, application.identity_admin()));
    Progress progress(std::cerr, Progress::StyleOf(2), globals_.clock());
    CLINICD_RETURN_IF_ERROR(demo::FillDemo(plan, application.grpc().InProcessChannel(), progress));
    return LoginsOf(plan);
  }

  const Options& options_;
  Globals& globals_;
  RunOptions run_;
  std::unique_ptr<db::PrivateCluster> cluster_;
  DevCertificates certificates_;
};

absl::Status Dev(Options options, Globals& globals) {
  const Signals signals;
  std::error_code error;
  options.data = std::filesystem::absolute(options.data);
  std::filesystem::create_directories(options.data, error);
  if (error) {
    return absl::FailedPreconditionError(absl::StrCat("Cannot make ", options.data.string(), ": ",
                                                      error.message(),
                                                      "; name another directory with --data."));
  }
  std::filesystem::permissions(
      options.data, std::filesystem::perms::group_write | std::filesystem::perms::others_write,
      std::filesystem::perm_options::remove, error);
  return DevServer(options, globals).Run(signals);
}

}  // namespace

void AddDevCommand(CLI::App& program, Globals& globals, int& exit_code) {
  CLI::App* command =
      program.add_subcommand("dev", "Serves demo clinics on loopback with a PostgreSQL of its own");
  auto options = std::make_shared<Options>();
  command->add_option("--data", options->data, "Directory of this server; kept between runs")
      ->required();
  command->add_option("--listen", options->listen,
                      "host:port of the TLS listener, port 0 for any; default 127.0.0.1:8443");
  command->add_option("--admin-listen", options->admin,
                      "host:port of metrics and health; default any port of 127.0.0.1");
  command->add_option("--demo", options->demo, "Demo data of a new directory; default small")
      ->check(CLI::IsMember({"none", "small", "medium"}));
  command->callback([options, &globals, &exit_code] {
    const absl::Status done = Dev(*options, globals);
    exit_code = done.ok() ? kExitOk : PrintError(done);
    if (IsLogBehind(done)) exit_code = kExitLogBehind;
  });
}

}  // namespace clinicd::server
