// A closed-loop client: a fixed number of clients who all book on one day of one clinic over the
// raw gRPC socket, at random times with random practitioners, for a fixed time. When so much of the
// day has been asked for that little is left, all go on to the next one. What is neither booked nor
// taken ends up in the figures by its code.
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "clinicd/appointments/v1/appointment_service.grpc.pb.h"
#include "common/base/ids.h"

namespace clinicd::bench {
namespace {

constexpr absl::CivilDay kFirstDay(2031, 7, 1);
// As bench_server numbers them.
constexpr int kFirstPractitioner = 0x1000000;
constexpr int kMinutesOfDay = 24 * 60;

struct Options {
  std::string target;
  std::string token;
  int patients = 5000;
  int practitioners = 12;
  int clients = 32;
  int channels = 4;
  int attempts_per_day = 4000;
  // Of those that no round before has filled.
  int first_day = 0;
  double seconds = 10;
  double warm_up_seconds = 2;
};

std::string NumberedId(int number) {
  return absl::StrFormat("00000000-0000-0000-0000-%012x", number);
}

class HotDay final {
 public:
  explicit HotDay(const Options& options) : options_(options), ids_(clock_, random_) {
    for (int i = 0; i < options.channels; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      stubs_.push_back(appointments::v1::AppointmentService::NewStub(grpc::CreateCustomChannel(
          options.target, grpc::InsecureChannelCredentials(), arguments)));
    }
  }

  int Run() {
    const absl::Time start = absl::Now();
    const absl::Time count_from = start + absl::Seconds(options_.warm_up_seconds);
    const absl::Time end = count_from + absl::Seconds(options_.seconds);
    for (int i = 0; i < options_.clients; ++i) Send(static_cast<std::size_t>(i));
    int in_flight = options_.clients;
    void* tag = nullptr;
    bool ok = false;
    while (in_flight > 0 && queue_.Next(&tag, &ok)) {
      const std::unique_ptr<Flight> flight(static_cast<Flight*>(tag));
      const absl::Time now = absl::Now();
      Count(*flight, now, now >= count_from && now < end);
      if (now < end) {
        Send(flight->stub);
      } else {
        --in_flight;
      }
    }
    Print();
    return others_.empty() ? 0 : 1;
  }

 private:
  struct Flight {
    grpc::ClientContext context;
    grpc::Status status;
    appointments::v1::Appointment response;
    std::size_t stub = 0;
    absl::Time sent;
    std::unique_ptr<grpc::ClientAsyncResponseReader<appointments::v1::Appointment>> reader;
  };

  int Below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(engine_); }

  appointments::v1::CreateAppointmentRequest AnyRequest() {
    appointments::v1::CreateAppointmentRequest request;
    appointments::v1::Appointment& form = *request.mutable_appointment();
    form.set_patient_id(NumberedId(1 + Below(options_.patients)));
    form.set_practitioner_id(NumberedId(kFirstPractitioner + 1 + Below(options_.practitioners)));
    const absl::CivilDay day = kFirstDay + options_.first_day + sent_ / options_.attempts_per_day;
    const int minute = 5 * Below(kMinutesOfDay / 5 - 3);
    form.set_local_start(absl::StrCat(absl::FormatCivilTime(day),
                                      absl::StrFormat("T%02d:%02d", minute / 60, minute % 60)));
    form.set_duration_minutes(10 + 5 * Below(2));
    request.set_request_id(ids_.NewUuid().ToString());
    return request;
  }

  void Send(std::size_t stub) {
    auto* flight = new Flight();
    flight->stub = stub;
    const appointments::v1::CreateAppointmentRequest request = AnyRequest();
    ++sent_;
    flight->sent = absl::Now();
    flight->context.AddMetadata("authorization", "Bearer " + options_.token);
    flight->context.set_deadline(absl::ToChronoTime(flight->sent + absl::Seconds(10)));
    flight->reader =
        stubs_[stub % stubs_.size()]->AsyncCreateAppointment(&flight->context, request, &queue_);
    flight->reader->Finish(&flight->response, &flight->status, flight);
  }

  void Count(const Flight& flight, absl::Time now, bool measured) {
    const bool booked = flight.status.ok();
    if (!booked && flight.status.error_code() != grpc::StatusCode::FAILED_PRECONDITION) {
      ++others_[absl::StrCat("code_", flight.status.error_code())];
    }
    if (!measured) return;
    ++(booked ? booked_ : taken_);
    latencies_us_.push_back(absl::ToDoubleMicroseconds(now - flight.sent));
  }

  void Print() {
    std::sort(latencies_us_.begin(), latencies_us_.end());
    const auto at = [&](double part) {
      return latencies_us_.empty() ? 0.0
                                   : latencies_us_[static_cast<std::size_t>(
                                         part * static_cast<double>(latencies_us_.size() - 1))];
    };
    nlohmann::ordered_json result{
        {"attempts_per_second", static_cast<double>(latencies_us_.size()) / options_.seconds},
        {"attempts", sent_},
        {"booked", booked_},
        {"taken", taken_},
        {"p50_us", at(0.5)},
        {"p99_us", at(0.99)},
        {"max_us", at(1.0)},
        {"others", others_}};
    std::cout << result.dump() << "\n";
  }

  const Options options_;
  SystemClock clock_;
  SystemRandom random_;
  const IdSource ids_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<appointments::v1::AppointmentService::Stub>> stubs_;
  std::mt19937 engine_{42};
  std::vector<double> latencies_us_;
  int sent_ = 0;
  int booked_ = 0;
  int taken_ = 0;
  // Of all the time: what no client should be told.
  std::map<std::string, int> others_;
};

}  // namespace
}  // namespace clinicd::bench

int main(int argc, char** argv) {
  CLI::App program("Loads a clinicd with bookings on one day.");
  clinicd::bench::Options options;
  program.add_option("--target", options.target, "gRPC target")->required();
  program.add_option("--token", options.token, "Access token")->required();
  program.add_option("--patients", options.patients, "Number of patients");
  program.add_option("--practitioners", options.practitioners, "Number of practitioners");
  program.add_option("--clients", options.clients, "Calls in flight");
  program.add_option("--channels", options.channels, "Connections");
  program.add_option("--attempts-per-day", options.attempts_per_day, "Until the next day");
  program.add_option("--first-day", options.first_day, "Which of the days is the first one");
  program.add_option("--seconds", options.seconds, "Measured time");
  CLI11_PARSE(program, argc, argv);
  return clinicd::bench::HotDay(options).Run();
}
