// A closed-loop client: a fixed number of GetPatient calls in flight over the raw gRPC socket, or
// over TLS, for a fixed time. Every answer is checked for the right patient; a wrong one ends the
// run.
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "clinicd/patients/v1/patient_service.grpc.pb.h"

namespace clinicd::bench {
namespace {

struct Options {
  std::string target;
  std::string token;
  // PEM file of the authority that the server's certificate is from; empty: clear text.
  std::string authority;
  int patients = 5000;
  int streams = 16;
  int channels = 1;
  double seconds = 5;
  double warm_up_seconds = 1;
};

std::shared_ptr<grpc::ChannelCredentials> Credentials(const Options& options) {
  if (options.authority.empty()) return grpc::InsecureChannelCredentials();
  std::ostringstream authority;
  authority << std::ifstream(options.authority).rdbuf();
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = authority.str();
  return grpc::SslCredentials(tls);
}

std::string PatientId(int number) {
  return absl::StrFormat("00000000-0000-0000-0000-%012x", number);
}

class Load final {
 public:
  explicit Load(const Options& options) : options_(options) {
    for (int i = 0; i < options.channels; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      stubs_.push_back(patients::v1::PatientService::NewStub(
          grpc::CreateCustomChannel(options.target, Credentials(options), arguments)));
    }
  }

  int Run() {
    const absl::Time start = absl::Now();
    const absl::Time count_from = start + absl::Seconds(options_.warm_up_seconds);
    const absl::Time end = count_from + absl::Seconds(options_.seconds);
    for (int i = 0; i < options_.streams; ++i) Send(static_cast<std::size_t>(i));
    int in_flight = options_.streams;
    void* tag = nullptr;
    bool ok = false;
    while (in_flight > 0 && queue_.Next(&tag, &ok)) {
      const std::unique_ptr<Flight> flight(static_cast<Flight*>(tag));
      const absl::Time now = absl::Now();
      if (!ok || !flight->status.ok() || flight->response.id() != flight->expected) {
        std::cerr << "wrong answer: code " << flight->status.error_code() << "\n";
        return 1;
      }
      ++calls_;
      if (now >= count_from && now < end) {
        latencies_us_.push_back(absl::ToDoubleMicroseconds(now - flight->sent));
      }
      if (now < end) {
        Send(flight->stub);
      } else {
        --in_flight;
      }
    }
    Print();
    return 0;
  }

 private:
  struct Flight {
    grpc::ClientContext context;
    grpc::Status status;
    patients::v1::Patient response;
    std::string expected;
    std::size_t stub = 0;
    absl::Time sent;
    std::unique_ptr<grpc::ClientAsyncResponseReader<patients::v1::Patient>> reader;
  };

  void Send(std::size_t stub) {
    auto* flight = new Flight();
    flight->stub = stub;
    flight->expected = PatientId(std::uniform_int_distribution<int>(1, options_.patients)(engine_));
    flight->sent = absl::Now();
    flight->context.AddMetadata("authorization", "Bearer " + options_.token);
    flight->context.set_deadline(absl::ToChronoTime(flight->sent + absl::Seconds(10)));
    patients::v1::GetPatientRequest request;
    request.set_id(flight->expected);
    flight->reader =
        stubs_[stub % stubs_.size()]->AsyncGetPatient(&flight->context, request, &queue_);
    flight->reader->Finish(&flight->response, &flight->status, flight);
  }

  void Print() {
    std::sort(latencies_us_.begin(), latencies_us_.end());
    const auto at = [&](double part) {
      return latencies_us_.empty() ? 0.0
                                   : latencies_us_[static_cast<std::size_t>(
                                         part * static_cast<double>(latencies_us_.size() - 1))];
    };
    const nlohmann::ordered_json result{
        {"calls", calls_},
        {"calls_per_second", static_cast<double>(latencies_us_.size()) / options_.seconds},
        {"p50_us", at(0.5)},
        {"p99_us", at(0.99)},
        {"max_us", at(1.0)}};
    std::cout << result.dump() << "\n";
  }

  const Options options_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<patients::v1::PatientService::Stub>> stubs_;
  std::mt19937 engine_{42};
  std::vector<double> latencies_us_;
  // All of them, those before and after the measured time as well.
  int calls_ = 0;
};

}  // namespace
}  // namespace clinicd::bench

int main(int argc, char** argv) {
  CLI::App program("Loads a clinicd with GetPatient.");
  clinicd::bench::Options options;
  program.add_option("--target", options.target, "gRPC target")->required();
  program.add_option("--ca", options.authority, "Authority of the server: calls over TLS");
  program.add_option("--token", options.token, "Access token")->required();
  program.add_option("--patients", options.patients, "Number of patients");
  program.add_option("--streams", options.streams, "Calls in flight");
  program.add_option("--channels", options.channels, "Connections");
  program.add_option("--seconds", options.seconds, "Measured time");
  CLI11_PARSE(program, argc, argv);
  return clinicd::bench::Load(options).Run();
}
