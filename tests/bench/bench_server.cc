// The server under measurement: an own PostgreSQL with durable settings, one clinic with patients
// under computable ids, and clinicd on a Unix socket and behind its front door. Prints one JSON
// line with what a client needs and serves until SIGTERM. It is a program of its own, because
// access rows can be switched off here, which a real server does not offer.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/auth/access_token.h"
#include "common/auth/key_ring.h"
#include "common/base/ids.h"
#include "common/base/try.h"
#include "db/cluster/prepare.h"
#include "services/server/dev_certificates.h"
#include "services/server/run_server.h"

namespace clinicd::bench {
namespace {

constexpr char kDatabase[] = "clinicd";
constexpr char kClinic[] = "018f0000-0000-7000-8000-0000000000c1";
// Before the number of the first practitioner, so that no patient has the same.
constexpr int kFirstPractitioner = 0x1000000;
constexpr char kUser[] = "018f0000-0000-7000-8000-0000000000e1";

struct Options {
  std::filesystem::path data;
  int patients = 5000;
  int practitioners = 12;
  // Of full diaries in the past, so that the planner sees what it would see in a clinic at work.
  int history_days = 0;
  int workers = 8;
  bool access_rows = true;
};

// All practitioners, sixteen visits a day from 08:00 UTC on, each of another patient.
std::string HistorySql(const Options& options) {
  return absl::StrCat(
      "WITH visit AS (SELECT gen_random_uuid() AS id, p, timestamptz '2026-01-01 08:00Z' + "
      "make_interval(days => d, mins => 30 * s) AS starts_at, ((d * 16 + s) * ",
      options.practitioners, " + p) % ", options.patients,
      " + 1 AS patient FROM generate_series(1, ", options.practitioners,
      ") AS p, generate_series(1, ", options.history_days,
      ") AS d, generate_series(0, 15) AS s), booked AS (INSERT INTO clinicd.appointments "
      "(clinic_id, "
      "id, patient_id, practitioner_id, local_start, time_zone, duration_minutes, starts_at, "
      "ends_at) SELECT '",
      kClinic, "', id, lpad(to_hex(patient), 32, '0')::uuid, lpad(to_hex(", kFirstPractitioner,
      " + p), 32, '0')::uuid, starts_at AT TIME ZONE 'UTC', 'UTC', 30, starts_at, starts_at + "
      "interval '30 minutes' FROM visit RETURNING id, practitioner_id, patient_id, starts_at, "
      "ends_at) INSERT INTO clinicd.occupancies (clinic_id, position, appointment_id, "
      "practitioner_id, patient_id, starts_at, ends_at, offset_minutes, duration_minutes) SELECT '",
      kClinic, "', part, id, CASE part WHEN 1 THEN practitioner_id END, CASE part WHEN 2 THEN ",
      "patient_id END, starts_at, ends_at, 0, 30 FROM booked, generate_series(1, 2) AS part");
}

// Ids are the number of the patient or practitioner in hexadecimal, so that every tool can compute
// them.
absl::Status Fill(db::AdminConnection& connection, const Options& options) {
  CLINICD_ASSIGN_OR_RETURN(const std::string present,
                           connection.QueryValue("SELECT count(*) FROM clinicd.clinics"));
  if (present != "0") return absl::OkStatus();
  CLINICD_RETURN_IF_ERROR(connection.Execute(absl::StrCat(
      "INSERT INTO clinicd.clinics (id, slug, name, country_code, time_zone, currency_code, "
      "locale, state) VALUES ('",
      kClinic, "', 'bench', 'Bench', 'ES', 'Europe/Madrid', 'EUR', 'es-ES', 'active');",
      "INSERT INTO clinicd.users (id, email_key) VALUES ('", kUser, "', 'bench@bench.example');",
      "INSERT INTO clinicd.memberships (clinic_id, id, user_id, email, email_key, given_name, "
      "family_name, roles) VALUES ('",
      kClinic, "', '", kUser, "', '", kUser,
      "', 'bench@bench.example', 'bench@bench.example', 'B', 'B', '{receptionist}');",
      "INSERT INTO clinicd.patients (clinic_id, id, given_name, family_name, born_on, sex, phone, "
      "email, address, created_by) SELECT '",
      kClinic, "', lpad(to_hex(n), 32, '0')::uuid, 'Given' || n, 'Family' || n, ",
      "DATE '1950-01-01' + n % 20000, 'female', '+34 600 ' || lpad(n::text, 6, '0'), ",
      "'p' || n || '@example.org', 'Calle Mayor ' || n, '", kUser, "' FROM generate_series(1, ",
      options.patients, ") AS n;",
      "INSERT INTO clinicd.practitioners (clinic_id, id, given_name, family_name) SELECT '",
      kClinic, "', lpad(to_hex(", kFirstPractitioner,
      " + n), 32, '0')::uuid, 'Given' || n, 'Family' || n FROM generate_series(1, ",
      options.practitioners, ") AS n")));
  if (options.history_days > 0) CLINICD_RETURN_IF_ERROR(connection.Execute(HistorySql(options)));
  return connection.Execute("VACUUM (ANALYZE)");
}

absl::StatusOr<std::string> Token(const auth::KeyRing& keys, const IdSource& ids, absl::Time now) {
  auth::Claims claims;
  claims.user = *UserId::Parse(kUser);
  claims.clinic = *ClinicId::Parse(kClinic);
  claims.session = ids.New<SessionId>();
  claims.roles = 1u << 4;  // ROLE_RECEPTIONIST.
  claims.time_zone = "Europe/Madrid";
  claims.epoch = 1;
  claims.issued_at = absl::FromUnixSeconds(absl::ToUnixSeconds(now));
  claims.authenticated_at = claims.issued_at;
  claims.expires_at = claims.issued_at + absl::Minutes(10);
  return auth::TokenSigner(keys.signing_keys()).Sign(claims);
}

absl::Status Run(const Options& options) {
  const server::Signals signals;
  const SystemClock clock;
  SystemRandom random;
  const IdSource ids(clock, random);
  CLINICD_ASSIGN_OR_RETURN(
      const auto cluster,
      db::PrivateCluster::Open({.directory = options.data / "cluster"}, random));
  CLINICD_RETURN_IF_ERROR(cluster->Start());
  CLINICD_RETURN_IF_ERROR(db::PrepareDatabase(*cluster, kDatabase, {}));
  const db::ClusterEndpoint endpoint = cluster->endpoint();
  CLINICD_ASSIGN_OR_RETURN(db::AdminConnection admin, endpoint.Connect(kDatabase));
  CLINICD_RETURN_IF_ERROR(Fill(admin, options));

  const std::string keys_directory = (options.data / "keys").string();
  CLINICD_RETURN_IF_ERROR(auth::KeyRing::CreateMissing(keys_directory, random).status());
  CLINICD_ASSIGN_OR_RETURN(const auth::KeyRing keys, auth::KeyRing::Load(keys_directory));
  server::RunOptions run;
  CLINICD_ASSIGN_OR_RETURN(run.application.app_conninfo,
                           endpoint.ConninfoWithPassword("clinicd_app", kDatabase));
  CLINICD_ASSIGN_OR_RETURN(run.application.auth_conninfo,
                           endpoint.ConninfoWithPassword("clinicd_auth", kDatabase));
  run.application.key_directory = keys_directory;
  run.application.listeners.socket = options.data / "grpc";
  run.application.workers = options.workers;
  run.application.access_rows = options.access_rows;
  CLINICD_ASSIGN_OR_RETURN(
      const server::DevCertificates certificates,
      server::EnsureDevCertificates(options.data / "tls", clock.Now(), random));
  run.application.front_door.edge.listeners = {{.address = {.host = "127.0.0.1", .port = 0}}};
  run.application.front_door.tls = certificates.server;
  CLINICD_ASSIGN_OR_RETURN(const std::string token, Token(keys, ids, clock.Now()));
  nlohmann::json facts{{"target", "unix:" + (options.data / "grpc").string()},
                       {"token", token},
                       {"clinic", kClinic},
                       {"user", kUser},
                       {"patients", options.patients},
                       {"practitioners", options.practitioners},
                       {"database", run.application.app_conninfo},
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
  CLI::App program("Serves one clinic for measurements.");
  clinicd::bench::Options options;
  bool no_access_rows = false;
  program.add_option("--data", options.data, "Directory for database, keys and socket")->required();
  program.add_option("--patients", options.patients, "How many patients to make");
  program.add_option("--practitioners", options.practitioners, "How many practitioners to make");
  program.add_option("--history-days", options.history_days, "How many full days there were");
  program.add_option("--workers", options.workers, "Database connections of the server");
  program.add_flag("--no-access-rows", no_access_rows, "Reads leave no audit row");
  CLI11_PARSE(program, argc, argv);
  options.access_rows = !no_access_rows;
  const absl::Status status = clinicd::bench::Run(options);
  if (!status.ok()) std::cerr << status.message() << "\n";
  return status.ok() ? 0 : 1;
}
