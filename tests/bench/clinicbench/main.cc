// The load generator: one driver, one workload, one time; prints one line of JSON.
// tests/bench/run.py puts such runs together; README.md says what they mean.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/try.h"
#include "tests/bench/clinicbench/grpc_driver.h"
#include "tests/bench/clinicbench/http_driver.h"
#include "tests/bench/clinicbench/libpq_driver.h"
#include "tests/bench/clinicbench/load.h"
#include "tests/bench/clinicbench/peer.h"
#include "tests/bench/clinicbench/pgbench_script.h"
#include "tests/bench/clinicbench/rpc.h"
#include "tests/bench/clinicbench/script.h"
#include "tests/bench/clinicbench/tokens.h"

namespace clinicd::bench {
namespace {

enum class DriverKind { kGrpc, kEdge, kLibpq };

struct Options {
  std::string facts;
  std::string workload = "W1";
  DriverKind driver = DriverKind::kGrpc;
  LibpqMode mode = LibpqMode::kPrepared;
  bool pgbench_alike = false;
  ScriptOptions script;
  bool no_access_rows = false;
  bool no_context = false;
  bool unbound = false;
  // File of what a peer printed; empty: clinicd.
  std::string peer;
  int channels = 1;
  double seconds = 5;
  double warm_up_seconds = 1;
  double rate = 0;
  double deadline_seconds = 10;
  std::string booking_day;
  LoadOptions load;
  OperationSource::Options source;
};

absl::StatusOr<nlohmann::json> ReadFacts(const std::string& path) {
  std::ifstream in(path);
  nlohmann::json facts = nlohmann::json::parse(in, nullptr, false);
  if (facts.is_discarded() || !facts.contains("dataset")) {
    return absl::InvalidArgumentError(absl::StrCat(path, " holds no facts of a bench_server"));
  }
  return facts;
}

absl::StatusOr<std::vector<std::string>> TokensOf(const nlohmann::json& facts,
                                                  const Dataset& dataset) {
  CLINICD_ASSIGN_OR_RETURN(const TokenMint mint,
                           TokenMint::Open(facts.at("keys").get<std::string>()));
  std::vector<std::string> tokens(1);
  for (int clinic = 1; clinic <= dataset.clinics + (dataset.big_clinic ? 1 : 0); ++clinic) {
    CLINICD_ASSIGN_OR_RETURN(std::string token, mint.For(clinic, absl::Now()));
    tokens.push_back(std::move(token));
  }
  return tokens;
}

absl::StatusOr<std::unique_ptr<Driver>> ConnectPeer(const Options& options,
                                                    const Dataset& dataset) {
  CLINICD_ASSIGN_OR_RETURN(Peer peer, ReadPeer(options.peer, dataset, options.script.access_rows));
  if (peer.http) {
    return ConnectHttp({.target = std::move(peer.target),
                        .templates = std::move(peer.templates),
                        .tokens = std::move(peer.tokens),
                        .slots = options.load.slots},
                       dataset);
  }
  return ConnectGrpc({.target = std::move(peer.target),
                      .channels = options.channels,
                      .slots = options.load.slots,
                      .tokens = std::move(peer.tokens),
                      .deadline = absl::Seconds(options.deadline_seconds),
                      .threaded = options.rate > 0},
                     dataset);
}

absl::StatusOr<std::unique_ptr<Driver>> Connect(const Options& options, Workload workload,
                                                const nlohmann::json& facts,
                                                const Dataset& dataset) {
  if (!options.peer.empty()) return ConnectPeer(options, dataset);
  if (options.driver == DriverKind::kLibpq) {
    const std::optional<Script> script = options.pgbench_alike
                                             ? PgbenchAlike(workload, options.script, dataset)
                                             : ScriptOf(workload, options.script);
    if (!script) return absl::InvalidArgumentError("this workload has no statements of its own");
    return ConnectLibpq(
        {.conninfo = facts.at(options.unbound ? "unbound_database" : "database").get<std::string>(),
         .mode = options.mode,
         .slots = options.load.slots},
        *script, dataset);
  }
  const bool edge = options.driver == DriverKind::kEdge;
  CLINICD_ASSIGN_OR_RETURN(std::vector<std::string> tokens, TokensOf(facts, dataset));
  return ConnectGrpc({.target = facts.at(edge ? "tls_target" : "target").get<std::string>(),
                      .authority = edge ? facts.at("ca").get<std::string>() : "",
                      .channels = options.channels,
                      .slots = options.load.slots,
                      .tokens = std::move(tokens),
                      .deadline = absl::Seconds(options.deadline_seconds),
                      .threaded = options.rate > 0},
                     dataset);
}

nlohmann::ordered_json ToJson(const Histogram& histogram) {
  const auto micros = [](absl::Duration duration) { return absl::ToDoubleMicroseconds(duration); };
  return {{"count", histogram.count()},
          {"mean_us", micros(histogram.Mean())},
          {"p50_us", micros(histogram.Quantile(0.5))},
          {"p90_us", micros(histogram.Quantile(0.9))},
          {"p99_us", micros(histogram.Quantile(0.99))},
          {"p999_us", micros(histogram.Quantile(0.999))},
          {"max_us", micros(histogram.max())}};
}

double ProcessorMicros() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return absl::ToDoubleMicroseconds(absl::DurationFromTimeval(usage.ru_utime) +
                                    absl::DurationFromTimeval(usage.ru_stime));
}

struct Spent {
  double processor_us = 0;
  std::int64_t arrivals = 0;
};

void Print(const LoadResult& result, const Options& options, const Spent& spent) {
  nlohmann::ordered_json json{
      {"workload", options.workload},
      {"calls_per_second", result.CallsPerSecond()},
      {"seconds", result.seconds},
      {"right", result.right},
      {"taken", result.taken},
      {"refused", result.refused},
      {"calls", result.calls},
      {"arrivals", spent.arrivals},
      {"client_us_per_call",
       result.calls > 0 ? spent.processor_us / static_cast<double>(result.calls) : 0},
      {"service", ToJson(result.service)}};
  if (options.rate > 0) {
    json["rate"] = options.rate;
    json["latency"] = ToJson(result.latency);
    json["late"] = result.late;
    json["sent"] = result.sent;
    json["valid"] = result.valid();
  }
  if (result.refused > 0) {
    json["refusal"] = ToJson(result.refusal);
    json["refusals"] = result.refusals;
  }
  std::cout << json.dump() << std::endl;
}

absl::StatusOr<Workload> WorkloadOf(const std::string& name) {
  if (name == "W5") return absl::InvalidArgumentError("W5, an invoice, waits for billing");
  const std::optional<Workload> workload = WorkloadFromName(name);
  if (!workload) return absl::InvalidArgumentError(absl::StrCat("no workload ", name));
  return *workload;
}

absl::StatusOr<Dataset> DatasetOf(const nlohmann::json& facts) {
  const std::optional<Dataset> dataset = DatasetFromJson(facts.at("dataset"));
  if (!dataset) return absl::InvalidArgumentError("the facts hold no dataset");
  return *dataset;
}

absl::Status Run(Options& options) {
  CLINICD_ASSIGN_OR_RETURN(const nlohmann::json facts, ReadFacts(options.facts));
  CLINICD_ASSIGN_OR_RETURN(const Dataset dataset, DatasetOf(facts));
  CLINICD_ASSIGN_OR_RETURN(const Workload workload, WorkloadOf(options.workload));
  options.script = {.access_rows = !options.no_access_rows, .context = !options.no_context};
  options.source.workload = workload;
  options.source.salt = static_cast<std::uint64_t>(absl::GetCurrentTimeNanos());
  if (workload == Workload::kMakeKeys && options.load.calls_max == 0) {
    options.load.calls_max = std::int64_t{dataset.clinics} * kWalkInPatients;
  }
  if (!options.booking_day.empty() &&
      !absl::ParseCivilTime(options.booking_day, &options.source.booking_day)) {
    return absl::InvalidArgumentError("--booking-day is no date");
  }
  options.load.measured = absl::Seconds(options.seconds);
  options.load.warm_up = absl::Seconds(options.warm_up_seconds);
  if (options.rate > 0) options.load.rate = options.rate;
  CLINICD_ASSIGN_OR_RETURN(const std::unique_ptr<Driver> driver,
                           Connect(options, workload, facts, dataset));
  OperationSource source(dataset, options.source);
  const double before = ProcessorMicros();
  CLINICD_ASSIGN_OR_RETURN(const LoadResult result, RunLoad(*driver, source, options.load));
  Print(result, options, {ProcessorMicros() - before, source.arrivals()});
  return absl::OkStatus();
}

// For pgbench.
absl::Status PrintScript(const Options& options, bool pipelined) {
  CLINICD_ASSIGN_OR_RETURN(const nlohmann::json facts, ReadFacts(options.facts));
  CLINICD_ASSIGN_OR_RETURN(const Dataset dataset, DatasetOf(facts));
  CLINICD_ASSIGN_OR_RETURN(const Workload workload, WorkloadOf(options.workload));
  const std::string script = PgbenchScript(
      workload, {.access_rows = !options.no_access_rows, .context = !options.no_context}, dataset,
      options.source.spread, pipelined);
  if (script.empty()) return absl::InvalidArgumentError("no script of pgbench for this workload");
  std::cout << script;
  return absl::OkStatus();
}

// For h2load: the body of one call to a file, its path and bearer as a line of JSON.
absl::Status WriteCall(const Options& options, const std::string& file) {
  CLINICD_ASSIGN_OR_RETURN(const nlohmann::json facts, ReadFacts(options.facts));
  CLINICD_ASSIGN_OR_RETURN(const Dataset dataset, DatasetOf(facts));
  CLINICD_ASSIGN_OR_RETURN(const Workload workload, WorkloadOf(options.workload));
  CLINICD_ASSIGN_OR_RETURN(const std::vector<std::string> tokens, TokensOf(facts, dataset));
  const RpcRequest request = Encode({.workload = workload}, dataset);
  const auto size = static_cast<std::uint32_t>(request.message.size());
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.put(0);
  for (int shift = 24; shift >= 0; shift -= 8) out.put(static_cast<char>(size >> shift));
  out << request.message;
  out.close();
  if (!out) return absl::InternalError(absl::StrCat("cannot write ", file));
  std::cout << nlohmann::json{{"path", request.path}, {"token", tokens.at(1)}}.dump() << "\n";
  return absl::OkStatus();
}

void AddRunOptions(CLI::App& run, Options& options) {
  const std::map<std::string, DriverKind> drivers = {
      {"grpc", DriverKind::kGrpc}, {"edge", DriverKind::kEdge}, {"libpq", DriverKind::kLibpq}};
  const std::map<std::string, LibpqMode> modes = {{"simple", LibpqMode::kSimple},
                                                  {"prepared", LibpqMode::kPrepared},
                                                  {"pipelined", LibpqMode::kPipelined}};
  const std::map<std::string, ArrivalKind> arrivals = {{"poisson", ArrivalKind::kPoisson},
                                                       {"constant", ArrivalKind::kConstant}};
  run.add_option("--driver", options.driver, "How to call")
      ->transform(CLI::CheckedTransformer(drivers));
  run.add_option("--mode", options.mode, "Of libpq")->transform(CLI::CheckedTransformer(modes));
  run.add_flag("--pgbench-alike", options.pgbench_alike, "libpq sends what pgbench would send");
  run.add_flag("--unbound", options.unbound, "libpq connects past row-level security");
  run.add_option("--peer", options.peer, "What a peer printed, to call it instead");
  run.add_option("--streams", options.load.slots, "Calls in flight, at most");
  run.add_option("--channels", options.channels, "Connections of gRPC");
  run.add_option("--seconds", options.seconds, "Measured time")->check(CLI::Range(0.1, 600.0));
  run.add_option("--warm-up", options.warm_up_seconds, "Seconds before it");
  run.add_option("--calls", options.load.calls_max, "Stop after so many; 0: never");
  run.add_option("--rate", options.rate, "Calls a second; 0: closed loop");
  run.add_option("--arrivals", options.load.arrivals, "Of an open loop")
      ->transform(CLI::CheckedTransformer(arrivals));
  run.add_option("--deadline", options.deadline_seconds, "Seconds a call may take");
  run.add_flag("--refusals", options.load.refusals, "Count refusals instead of stopping");
  run.add_option("--first-clinic", options.source.first_clinic, "Only clinics from this one");
  run.add_option("--last-clinic", options.source.last_clinic, "to that one; 0: the last");
  run.add_option("--seed", options.source.seed, "Of keys and arrivals");
  run.add_option("--conflicts", options.source.conflicts, "Share of bookings of a taken time");
  run.add_option("--booking-day", options.booking_day, "Book from this day on, YYYY-MM-DD");
  run.add_option("--first-arrival", options.source.first_arrival, "How many are checked in");
}

int Main(int argc, char** argv) {
  CLI::App program("Generates load for clinicd and PostgreSQL.");
  program.require_subcommand(1);
  program.fallthrough();
  Options options;
  const std::map<std::string, Spread> spreads = {{"zipf", Spread::kZipf},
                                                 {"uniform", Spread::kUniform}};
  program.add_option("--facts", options.facts, "What bench_server printed")->required();
  program.add_option("--workload", options.workload, "W0 to W8, keys, hot_day, diary, slots");
  program.add_option("--keys", options.source.spread, "Which clinics and patients")
      ->transform(CLI::CheckedTransformer(spreads));
  program.add_flag("--no-access-rows", options.no_access_rows, "As the server was told");
  program.add_flag("--no-context", options.no_context, "Statements name no clinic to the session");
  CLI::App* run = program.add_subcommand("run", "Calls, and prints what came of it");
  AddRunOptions(*run, options);
  CLI::App* script = program.add_subcommand("script", "Prints the statements for pgbench");
  bool pipelined = false;
  script->add_flag("--pipelined", pipelined, "In one flush");
  CLI::App* call = program.add_subcommand("call", "Writes one call for h2load");
  std::string file;
  call->add_option("--body", file, "Where its body goes")->required();
  CLI11_PARSE(program, argc, argv);
  options.load.seed = options.source.seed;
  absl::Status status;
  if (run->parsed()) status = Run(options);
  if (script->parsed()) status = PrintScript(options, pipelined);
  if (call->parsed()) status = WriteCall(options, file);
  if (!status.ok()) std::cerr << "clinicbench: " << status.message() << "\n";
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace clinicd::bench

int main(int argc, char** argv) { return clinicd::bench::Main(argc, argv); }
