// kill -9 of the server while it books.
#include <signal.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "tests/support/server_process.h"
#include "tests/support/test_server.h"

namespace clinicd::testing {
namespace {

using appointments::v1::AppointmentService;

constexpr int kKills = 20;
constexpr int kClients = 4;
// Answers between two kills, so that each kill hits a server at work.
constexpr int kAnswersPerLife = 12;

// Fills a database for one clinic through a server in this process, which is gone afterwards.
struct Scene {
  std::string token;
  std::string patient;
  std::string practitioner;
};

Scene Prepare(const TestDatabase& database, const std::filesystem::path& keys) {
  TestServer::Options options;
  options.database = &database;
  options.key_directory = keys;
  TestServer server(options);
  const TestClinic clinic = server.AddClinic("sol");
  const Client owner = server.SignedIn(clinic, {identity::v1::ROLE_OWNER});
  patients::v1::CreatePatientRequest patient;
  patient.set_request_id(server.RequestId());
  patient.mutable_patient()->set_given_name("Eva");
  patient.mutable_patient()->set_family_name("Gil");
  patient.mutable_patient()->mutable_birth_date()->set_year(1980);
  patient.mutable_patient()->mutable_birth_date()->set_month(2);
  patient.mutable_patient()->mutable_birth_date()->set_day(3);
  identity::v1::CreatePractitionerRequest practitioner;
  practitioner.set_request_id(server.RequestId());
  practitioner.mutable_practitioner()->set_given_name("Ana");
  practitioner.mutable_practitioner()->set_family_name("Ruiz");
  practitioner.mutable_practitioner()->set_active(true);
  const auto made_patient = owner.Call(
      owner.patients(), &patients::v1::PatientService::Stub::CreatePatient, patient);
  const auto made_practitioner =
      owner.Call(owner.practitioners(),
                 &identity::v1::PractitionerService::Stub::CreatePractitioner, practitioner);
  REQUIRE(made_patient.ok());
  REQUIRE(made_practitioner.ok());
  return {owner.token(), made_patient.response.id(), made_practitioner.response.id()};
}

// Counts answers and waits for them.
class Answers final {
 public:
  void Add() {
    const absl::MutexLock lock(&mutex_);
    ++count_;
  }
  // Waits for `more` further answers; false if they take longer than a minute.
  bool AwaitMore(int more) {
    const absl::MutexLock lock(&mutex_);
    const int target = count_ + more;
    const auto reached = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return count_ >= target; };
    return mutex_.AwaitWithTimeout(absl::Condition(&reached), absl::Minutes(1));
  }

 private:
  absl::Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

std::shared_ptr<grpc::Channel> QuickChannel(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

// Books one slot after the other, each under one request id until it is answered.
class Booker final {
 public:
  Booker(const ServerProcess& server, const Scene& scene, int number)
      : scene_(scene),
        number_(number),
        client_(QuickChannel(server.target()), scene.token),
        ids_(clock_, random_) {}

  void Run(Answers& answers, const std::atomic<bool>& stop) {
    for (int slot = 0; !stop; ++slot) {
      appointments::v1::CreateAppointmentRequest request;
      request.set_request_id(ids_.NewUuid().ToString());
      auto& wanted = *request.mutable_appointment();
      wanted.set_patient_id(scene_.patient);
      wanted.set_practitioner_id(scene_.practitioner);
      const absl::CivilMinute start = absl::CivilMinute(2031, 1, 1) + 10 * (slot * kClients + number_);
      wanted.set_local_start(absl::StrFormat("%04d-%02d-%02dT%02d:%02d", start.year(),
                                             start.month(), start.day(), start.hour(),
                                             start.minute()));
      wanted.set_duration_minutes(10);
      if (Book(request, stop)) answers.Add();
    }
  }

  const std::map<std::string, std::string>& acknowledged() const { return acknowledged_; }
  const std::vector<std::string>& surprises() const { return surprises_; }

 private:
  bool Book(const appointments::v1::CreateAppointmentRequest& request,
            const std::atomic<bool>& stop) {
    while (!stop) {
      const auto reply = client_.Call(client_.appointments(),
                                      &AppointmentService::Stub::CreateAppointment, request,
                                      absl::Seconds(5));
      if (reply.ok()) {
        acknowledged_[request.request_id()] = reply.response.id();
        return true;
      }
      const bool passing = reply.code() == grpc::StatusCode::UNAVAILABLE ||
                           reply.code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
                           reply.code() == grpc::StatusCode::CANCELLED;
      if (!passing) {
        surprises_.push_back(absl::StrCat(reply.code(), " ", reply.status.error_message()));
        return false;
      }
      client_.channel()->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(1)));
    }
    return false;
  }

  const Scene& scene_;
  const int number_;
  const Client client_;
  SystemClock clock_;
  SystemRandom random_;
  const IdSource ids_;
  std::map<std::string, std::string> acknowledged_;
  std::vector<std::string> surprises_;
};

TEST_CASE("Every acknowledged booking exists once after 20 kills of the server", "[fault]") {
  const TestDatabase database;
  ServerProcess server(database);
  const Scene scene = Prepare(database, server.key_directory());
  server.Start();
  Answers answers;
  std::atomic<bool> stop = false;
  std::vector<std::unique_ptr<Booker>> bookers;
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    bookers.push_back(std::make_unique<Booker>(server, scene, i));
    threads.emplace_back([&, booker = bookers.back().get()] { booker->Run(answers, stop); });
  }

  int lives = 0;
  for (; lives < kKills && answers.AwaitMore(kAnswersPerLife); ++lives) {
    server.Kill();
    server.Start();
  }
  CHECK(lives == kKills);
  CHECK(answers.AwaitMore(kAnswersPerLife));
  stop = true;
  for (std::thread& thread : threads) thread.join();

  std::set<std::string> ids;
  std::size_t acknowledged = 0;
  for (const auto& booker : bookers) {
    CHECK(booker->surprises() == std::vector<std::string>());
    for (const auto& [request_id, id] : booker->acknowledged()) {
      ids.insert(id);
      ++acknowledged;
    }
  }
  CHECK(ids.size() == acknowledged);
  auto connection = database.Connect();
  const auto rows = connection.Query("SELECT id::text FROM clinicd.appointments");
  REQUIRE(rows.ok());
  std::set<std::string> stored;
  for (const auto& row : *rows) stored.insert(row[0].value());
  for (const std::string& id : ids) CHECK(stored.count(id) == 1);
  // What is stored and was not acknowledged is at most what each client had under way at the end.
  CHECK(stored.size() <= ids.size() + kClients);
  // One audit row and one stored answer for each, whichever way it came about.
  CHECK(connection.QueryValue("SELECT count(*) FROM clinicd.audit_events WHERE entity_type = "
                              "'appointment' AND outcome = 'OK'")
            .value() == std::to_string(stored.size()));
}

TEST_CASE("SIGTERM ends the server cleanly", "[fault]") {
  const TestDatabase database;
  ServerProcess server(database);
  const Scene scene = Prepare(database, server.key_directory());
  server.Start();
  const Client client(QuickChannel(server.target()), scene.token);
  REQUIRE(client.channel()->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Minutes(1))));

  CHECK(server.Stop(SIGTERM) == 0);
}

}  // namespace
}  // namespace clinicd::testing
