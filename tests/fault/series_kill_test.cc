// kill -9 of the server while it books, moves and cancels series.
#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "tests/support/front_desk.h"
#include "tests/support/server_process.h"

namespace clinicd::testing {
namespace {

using appointments::v1::SeriesService;

constexpr int kKills = 8;
constexpr int kClients = 2;
// Answers between two kills, so that each kill hits a server at work.
constexpr int kAnswersPerLife = 5;
constexpr int kVisits = 40;

struct Scene {
  std::string token;
  std::vector<std::string> patients;
  std::vector<std::string> practitioners;
};

// Fills a database for one clinic through a server in this process, which is gone afterwards.
Scene Prepare(const TestDatabase& database, const std::filesystem::path& keys) {
  TestServer server({.database = &database, .key_directory = keys});
  const FrontDesk desk(server, "sol");
  Scene scene{.token = desk.client().token(), .patients = {}, .practitioners = {}};
  for (int i = 0; i < kClients; ++i) {
    scene.patients.push_back(desk.RegisteredPatient());
    scene.practitioners.push_back(desk.AddPractitioner());
  }
  return scene;
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

// Books one series after the other; each is moved, and then cancelled from its middle on.
class Booker final {
 public:
  Booker(const ServerProcess& server, const Scene& scene, int number, Answers& answers,
         const std::atomic<bool>& stop)
      : scene_(scene),
        number_(static_cast<std::size_t>(number)),
        client_(QuickChannel(server.target()), scene.token),
        ids_(clock_, random_),
        answers_(answers),
        stop_(stop) {}

  void Run() {
    for (int day = 0; !stop_; ++day) {
      appointments::v1::CreateSeriesRequest create;
      auto& form = *create.mutable_series()->mutable_appointment();
      const absl::CivilDay first = absl::CivilDay(2031, 1, 1) + day * kVisits;
      form = AppointmentForm(
          scene_.patients[number_], scene_.practitioners[number_],
          absl::StrFormat("%04d-%02d-%02dT09:00", first.year(), first.month(), first.day()));
      create.mutable_series()->set_rule(absl::StrCat("FREQ=DAILY;COUNT=", kVisits));
      const auto created = Call(&SeriesService::Stub::CreateSeries, create);
      if (!created) return;
      appointments::v1::UpdateSeriesRequest update;
      update.set_id(created->series().id());
      update.set_etag(created->series().etag());
      update.set_scope(appointments::v1::SERIES_SCOPE_ALL_FUTURE);
      update.set_local_time("16:30");
      if (!Call(&SeriesService::Stub::UpdateSeries, update)) return;
      appointments::v1::CancelSeriesRequest cancel;
      cancel.set_id(created->series().id());
      cancel.set_scope(appointments::v1::SERIES_SCOPE_ALL_FUTURE);
      cancel.set_cancelled_by(appointments::v1::CANCELLED_BY_CLINIC);
      cancel.set_reason("closed");
      if (!Call(&SeriesService::Stub::CancelSeries, cancel)) return;
    }
  }

  const std::vector<std::string>& surprises() const { return surprises_; }

 private:
  static std::shared_ptr<grpc::Channel> QuickChannel(const std::string& target) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
    return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
  }

  // Calls under one request id until it is answered; nullopt at the end or at a surprise.
  template <typename Request, typename Response>
  std::optional<Response> Call(grpc::Status (SeriesService::Stub::*method)(grpc::ClientContext*,
                                                                           const Request&,
                                                                           Response*),
                               Request request) {
    request.set_request_id(ids_.NewUuid().ToString());
    while (!stop_) {
      const auto reply = client_.Call(client_.series(), method, request, absl::Seconds(5));
      if (reply.ok()) {
        answers_.Add();
        return reply.response;
      }
      const bool passing = reply.code() == grpc::StatusCode::UNAVAILABLE ||
                           reply.code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
                           reply.code() == grpc::StatusCode::CANCELLED;
      if (!passing) {
        surprises_.push_back(absl::StrCat(reply.code(), " ", reply.status.error_message()));
        return std::nullopt;
      }
      client_.channel()->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(1)));
    }
    return std::nullopt;
  }

  const Scene& scene_;
  const std::size_t number_;
  const Client client_;
  SystemClock clock_;
  SystemRandom random_;
  const IdSource ids_;
  Answers& answers_;
  const std::atomic<bool>& stop_;
  std::vector<std::string> surprises_;
};

TEST_CASE("No series is booked, moved or cancelled by half after kills of the server", "[fault]") {
  const TestDatabase database;
  ServerProcess server(database);
  const Scene scene = Prepare(database, server.key_directory());
  server.Start();
  Answers answers;
  std::atomic<bool> stop = false;
  std::vector<std::unique_ptr<Booker>> bookers;
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    bookers.push_back(std::make_unique<Booker>(server, scene, i, answers, stop));
    threads.emplace_back([booker = bookers.back().get()] { booker->Run(); });
  }

  int lives = 0;
  for (; lives < kKills && answers.AwaitMore(kAnswersPerLife); ++lives) {
    server.Kill();
    server.Start();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();

  CHECK(lives == kKills);
  for (const auto& booker : bookers) CHECK(booker->surprises() == std::vector<std::string>());
  auto connection = database.Connect();
  const auto count = [&connection](const std::string& sql) {
    return connection.QueryValue("SELECT count(*) FROM " + sql).value();
  };
  CHECK(count("clinicd.appointment_series") != "0");
  // All of one series are the same: as many as the rule says, of one version, time and state.
  CHECK(
      count("(SELECT FROM clinicd.appointment_series AS series LEFT JOIN clinicd.appointments "
            "AS visit ON visit.series_id = series.id GROUP BY series.id, series.row_version HAVING "
            "count(visit.id) <> " +
            std::to_string(kVisits) +
            " OR count(DISTINCT (visit.row_version, visit.state, visit.local_start::time)) <> 1 "
            "OR min(visit.row_version) <> series.row_version) AS half") == "0");
  CHECK(count("(SELECT FROM clinicd.appointments AS visit LEFT JOIN clinicd.appointment_events AS "
              "event ON event.appointment_id = visit.id GROUP BY visit.clinic_id, visit.id HAVING "
              "count(event.kind) <> visit.row_version) AS half") == "0");
  CHECK(count("(SELECT FROM clinicd.appointments AS visit LEFT JOIN clinicd.occupancies AS part ON "
              "part.appointment_id = visit.id AND part.active = (visit.state = 'booked') AND "
              "part.starts_at = visit.starts_at GROUP BY visit.clinic_id, visit.id HAVING "
              "count(part.position) <> 2) AS half") == "0");
}

}  // namespace
}  // namespace clinicd::testing
