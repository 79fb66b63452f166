// The server under measurement: an own PostgreSQL with durable settings, clinics whose rows have
// computable ids (clinicbench/dataset.h), and clinicd on a Unix socket and behind its front door.
// Prints one JSON line with what a client needs and serves until SIGTERM. It is a program of its
// own, because what a real server does not offer can be switched here: access rows off, sealing
// off, and a database role that row-level security does not bind.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/auth/key_ring.h"
#include "common/base/try.h"
#include "db/cluster/prepare.h"
#include "services/server/dev_certificates.h"
#include "services/server/run_server.h"
#include "tests/bench/clinicbench/dataset_loader.h"
#include "tests/bench/clinicbench/tokens.h"

namespace clinicd::bench {
namespace {

constexpr char kDatabase[] = "clinicd";
// Reads without row-level security, to measure what that costs.
constexpr char kUnboundRole[] = "bench_unbound";

struct Options {
  std::filesystem::path data;
  Dataset dataset = {};
  int appointments = 5000;
  int workers = 8;
  std::string shared_buffers = "1GB";
  bool no_access_rows = false;
  bool sealing = false;
  bool unbound = false;
  // Of /metrics, on 127.0.0.1; 0: nowhere.
  std::uint16_t admin_port = 0;
};

// Of a machine that is there for this: the defaults of a private cluster are those of a laptop.
absl::Status Tune(const Options& options) {
  const std::filesystem::path file =
      options.data / "cluster" / "server" / "data" / "postgresql.auto.conf";
  std::ofstream out(file, std::ios::trunc);
  out << "shared_buffers = '" << options.shared_buffers << "'\n"
      << "max_wal_size = '8GB'\ncheckpoint_timeout = '30min'\nwal_compression = 'lz4'\n"
      // As clinicd sets it for itself, so that nobody is compared with a worse plan.
      << "plan_cache_mode = force_generic_plan\n";
  out.close();
  return out ? absl::OkStatus() : absl::InternalError(absl::StrCat("cannot write ", file.string()));
}

// What the directory was filled with, if it was.
absl::StatusOr<Dataset> Fill(db::AdminConnection& connection, const Options& options,
                             const Clock& clock) {
  const std::filesystem::path file = options.data / "dataset.json";
  Dataset wanted = options.dataset;
  wanted.days = options.appointments / (wanted.practitioners * kVisitsOfDay);
  if (std::filesystem::exists(file)) {
    std::ifstream in(file);
    const std::optional<Dataset> present =
        DatasetFromJson(nlohmann::json::parse(in, nullptr, false));
    if (!present) return absl::FailedPreconditionError(absl::StrCat("cannot read ", file.string()));
    wanted.first_day = present->first_day;
    Dataset same = *present;
    same.arrivals = wanted.arrivals;
    if (same != wanted) {
      return absl::FailedPreconditionError(
          absl::StrCat(options.data.string(), " holds another dataset: ", ToJson(same).dump()));
    }
    return wanted;
  }
  wanted.first_day = absl::ToCivilDay(clock.Now(), absl::UTCTimeZone()) - wanted.days / 2;
  CLINICD_RETURN_IF_ERROR(LoadDataset(
      connection, wanted, [](std::string_view what) { std::cerr << what << std::endl; }));
  std::ofstream(file) << ToJson(wanted).dump() << "\n";
  return wanted;
}

absl::StatusOr<std::string> UnboundConninfo(db::AdminConnection& admin,
                                            const db::ClusterEndpoint& endpoint) {
  constexpr char kPassword[] = "unbound";
  CLINICD_RETURN_IF_ERROR(admin.Execute(
      absl::StrCat("DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '",
                   kUnboundRole, "') THEN CREATE ROLE ", kUnboundRole,
                   " LOGIN BYPASSRLS IN ROLE clinicd_app; END IF; END $$")));
  CLINICD_RETURN_IF_ERROR(admin.SetPassword(kUnboundRole, kPassword));
  return absl::StrCat(endpoint.Conninfo(kUnboundRole, kDatabase), " password='", kPassword, "'");
}

// In place of what names the clinic to row-level security.
std::string WithoutContext(std::string_view sql) {
  if (!absl::StrContains(absl::string_view(sql.data(), sql.size()), "'clinicd.clinic_id'")) {
    return std::string(sql);
  }
  return "SELECT FROM (VALUES ($1::text, $2::text, $3::text, $4::text, $5::text, $6::text)) AS v";
}

absl::StatusOr<server::RunOptions> ServerOptions(const Options& options,
                                                 const db::ClusterEndpoint& endpoint,
                                                 const std::string& unbound_conninfo) {
  server::RunOptions run;
  server::ApplicationOptions& application = run.application;
  CLINICD_ASSIGN_OR_RETURN(application.app_conninfo,
                           endpoint.ConninfoWithPassword("clinicd_app", kDatabase));
  CLINICD_ASSIGN_OR_RETURN(application.auth_conninfo,
                           endpoint.ConninfoWithPassword("clinicd_auth", kDatabase));
  if (options.sealing) {
    CLINICD_ASSIGN_OR_RETURN(application.sealer_conninfo,
                             endpoint.ConninfoWithPassword("clinicd_sealer", kDatabase));
  }
  application.key_directory = (options.data / "keys").string();
  application.listeners.socket = options.data / "grpc";
  application.workers = options.workers;
  application.access_rows = !options.no_access_rows;
  if (options.unbound) {
    application.app_conninfo = unbound_conninfo;
    application.check_database_role = false;
    application.rewrite_sql = WithoutContext;
  }
  if (options.admin_port != 0) run.admin = {.host = "127.0.0.1", .port = options.admin_port};
  application.front_door.edge.listeners = {{.address = {.host = "127.0.0.1", .port = 0}}};
  return run;
}

absl::Status Run(const Options& options) {
  const server::Signals signals;
  const SystemClock clock;
  SystemRandom random;
  CLINICD_ASSIGN_OR_RETURN(
      const auto cluster,
      db::PrivateCluster::Open({.directory = options.data / "cluster"}, random));
  CLINICD_RETURN_IF_ERROR(Tune(options));
  CLINICD_RETURN_IF_ERROR(cluster->Start());
  CLINICD_RETURN_IF_ERROR(db::PrepareDatabase(*cluster, kDatabase, {}));
  const db::ClusterEndpoint endpoint = cluster->endpoint();
  CLINICD_ASSIGN_OR_RETURN(db::AdminConnection admin, endpoint.Connect(kDatabase));
  CLINICD_ASSIGN_OR_RETURN(const Dataset dataset, Fill(admin, options, clock));
  CLINICD_RETURN_IF_ERROR(LoadArrivals(admin, dataset, clock.Now()));

  const std::string keys_directory = (options.data / "keys").string();
  CLINICD_RETURN_IF_ERROR(auth::KeyRing::CreateMissing(keys_directory, random).status());
  CLINICD_ASSIGN_OR_RETURN(const std::string unbound, UnboundConninfo(admin, endpoint));
  CLINICD_ASSIGN_OR_RETURN(server::RunOptions run, ServerOptions(options, endpoint, unbound));
  CLINICD_ASSIGN_OR_RETURN(
      const server::DevCertificates certificates,
      server::EnsureDevCertificates(options.data / "tls", clock.Now(), random));
  run.application.front_door.tls = certificates.server;
  CLINICD_ASSIGN_OR_RETURN(const TokenMint mint, TokenMint::Open(keys_directory));
  CLINICD_ASSIGN_OR_RETURN(const std::string token, mint.For(1, clock.Now()));
  CLINICD_ASSIGN_OR_RETURN(const std::string app,
                           endpoint.ConninfoWithPassword("clinicd_app", kDatabase));
  nlohmann::json facts{{"target", "unix:" + (options.data / "grpc").string()},
                       {"keys", keys_directory},
                       {"token", token},
                       {"clinic", ClinicIdOf(1)},
                       {"user", kUser},
                       {"patients", dataset.patients},
                       {"practitioners", dataset.practitioners},
                       {"dataset", ToJson(dataset)},
                       {"database", app},
                       {"unbound_database", unbound},
                       {"admin_socket", endpoint.socket_directory().string()},
                       {"admin_password_file", endpoint.PasswordFile("postgres").string()},
                       {"postmaster", cluster->pid()},
                       {"ca", certificates.authority.string()},
                       {"pid", ::getpid()}};
  run.serving = [&](server::Application& application) {
    facts["tls_target"] = "localhost:" + std::to_string(application.front_door()->port());
    std::cout << facts.dump() << std::endl;
    return absl::OkStatus();
  };
  CLINICD_ASSIGN_OR_RETURN(const auto logger, log::Logger::Open(log::Level::kInfo, "-", clock));
  CLINICD_RETURN_IF_ERROR(server::RunServer(run, signals, clock, random, *logger));
  return cluster->Stop();
}

}  // namespace
}  // namespace clinicd::bench

int main(int argc, char** argv) {
  CLI::App program("Serves clinics for measurements.");
  clinicd::bench::Options options;
  clinicd::bench::Dataset& dataset = options.dataset;
  program.add_option("--data", options.data, "Directory for database, keys and socket; kept")
      ->required();
  program.add_option("--clinics", dataset.clinics, "How many clinics to make");
  program.add_option("--patients", dataset.patients, "Patients of each; a multiple of 20, at least 20");
  program.add_option("--practitioners", dataset.practitioners, "Practitioners of each");
  program.add_option("--appointments", options.appointments, "Visits of each clinic, in full days");
  program.add_option("--arrivals", dataset.arrivals, "Visits of each that can be checked in now");
  program.add_flag("--big-clinic", dataset.big_clinic, "One more clinic with 100,000 visits");
  program.add_option("--workers", options.workers, "Database connections of the server");
  program.add_option("--shared-buffers", options.shared_buffers, "Memory of PostgreSQL");
  program.add_flag("--no-access-rows", options.no_access_rows, "Reads leave no audit row");
  program.add_flag("--sealing", options.sealing, "Seal audit events meanwhile");
  program.add_flag("--unbound", options.unbound, "Without row-level security; writes would fail");
  program.add_option("--admin-port", options.admin_port, "Where /metrics is; 0: nowhere");
  CLI11_PARSE(program, argc, argv);
  const absl::Status status = clinicd::bench::Run(options);
  if (!status.ok()) std::cerr << status.message() << "\n";
  return status.ok() ? 0 : 1;
}
