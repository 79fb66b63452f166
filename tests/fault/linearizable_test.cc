// kill -9 of the server while clients work on the same diaries, and whether all that they were told
// can be true.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/support/diary_clients.h"
#include "tests/support/diary_history.h"
#include "tests/support/long_tests.h"
#include "tests/support/server_process.h"

namespace clinicd::testing {
namespace {

constexpr int kClients = 8;

struct Extent {
  int calls;
  int kills;
};

Extent Wanted() { return LongTests() ? Extent{100'000, 40} : Extent{4'000, 6}; }

std::shared_ptr<grpc::Channel> QuickChannel(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

// A server that is killed, and one beside it that hands out tokens and does nothing else.
struct Scene {
  Scene()
      : process(database),
        tokens({.database = &database, .key_directory = process.key_directory()}),
        // Clocks change nowhere, so that every time exists.
        clinic(tokens.AddClinic("a", "Asia/Kolkata")),
        receptionist(tokens.AddUser(clinic, {identity::v1::ROLE_RECEPTIONIST})),
        diaries(AddDiaryScene(database, clinic)) {}

  Client Connect() const {
    return Client(QuickChannel(process.target()),
                  tokens.TokenFor(receptionist, SessionId(tokens.NewUuid()), /*epoch=*/1));
  }

  TestDatabase database;
  ServerProcess process;
  TestServer tokens;
  TestClinic clinic;
  TestUser receptionist;
  DiaryScene diaries;
};

// Lets the clients work through so many kills, and reads every day in the end.
std::vector<DiaryCall> RunThroughKills(Scene& scene, DiaryBoard& board, const Extent& extent) {
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  scene.process.Start();
  for (unsigned seed = 1; seed <= kClients; ++seed) {
    threads.emplace_back([&, seed] {
      DiaryClient client([&scene] { return scene.Connect(); }, scene.diaries, board, seed);
      while (!stop) client.Act();
    });
  }
  for (int kill = 1; kill <= extent.kills; ++kill) {
    // The server is killed at work.
    const bool at_work = board.AwaitCalls(kill * (extent.calls / (extent.kills + 1)));
    CHECK(at_work);
    if (!at_work) break;
    scene.process.Kill();
    scene.process.Start();
  }
  CHECK(board.AwaitCalls(extent.calls));
  stop = true;
  for (std::thread& thread : threads) thread.join();
  DiaryClient last([&scene] { return scene.Connect(); }, scene.diaries, board, 0);
  const int last_day = board.day();
  for (int day = 0; day <= last_day; ++day) last.Read(day);
  return board.TakeHistory();
}

// By when they began.
std::string TextOf(std::vector<DiaryOperation> operations) {
  std::ranges::sort(operations, {}, &DiaryOperation::invoked);
  std::ostringstream text;
  for (const DiaryOperation& operation : operations) text << operation << "\n";
  return text.str();
}

// All that the database has of the clinic's visits, by day and instants, with what they take.
std::string StoredVisits(const Scene& scene) {
  const auto rows = scene.database.Connect().Query(
      "SELECT visit.reason || ' version ' || visit.row_version || ' ' || visit.state || ' lane ' "
      "|| visit.lane || ' ' || visit.local_start || ' ' || visit.time_zone || ' ' || "
      "visit.starts_at || ' - ' || visit.ends_at || COALESCE((SELECT string_agg(format(' (%s of "
      "%s lane %s %s - %s%s)', part.position, part.occupant_id, part.lane, part.starts_at, "
      "part.ends_at, CASE WHEN NOT part.active THEN ' free' END), '' ORDER BY part.position) FROM "
      "clinicd.occupancies AS part WHERE part.clinic_id = visit.clinic_id AND part.holder_id = "
      "visit.id), '') FROM clinicd.appointments AS visit WHERE visit.clinic_id = $1::uuid ORDER BY "
      "visit.starts_at, visit.id",
      {scene.clinic.id.ToString()});
  if (!rows.ok()) return rows.status().ToString();
  std::string text;
  for (const auto& row : *rows) absl::StrAppend(&text, row[0].value_or("?"), "\n");
  return text;
}

using Diaries = decltype(ByDiary({}));

// Checks that all of each diary can be true. What cannot is printed whole: nobody sees it again.
void CheckDiaries(const Scene& scene, const Diaries& diaries) {
  bool all_linearizable = true;
  for (const auto& [key, of_diary] : diaries) {
    const Verdict verdict = CheckLinearizable(of_diary);
    INFO("resource " << key.resource << ", day " << key.day << ": " << verdict.stuck);
    CHECK(verdict.linearizable);
    if (verdict.linearizable) continue;
    all_linearizable = false;
    std::cout << "all of that diary:\n" << TextOf(of_diary) << "\n";
  }
  if (all_linearizable) return;
  for (std::size_t number = 0; number < scene.diaries.ids.size(); ++number) {
    std::cout << number << ": " << scene.diaries.ids[number] << "\n";
  }
  std::cout << StoredVisits(scene);
}

TEST_CASE("What 8 clients are told of a diary through kills of the server is linearizable",
          "[appointments][fault]") {
  const Extent extent = Wanted();
  Scene scene;
  DiaryBoard board;
  const absl::Time start = absl::Now();

  const std::vector<DiaryCall> history = RunThroughKills(scene, board, extent);

  const absl::Time end = absl::Now();
  CHECK(board.surprises() == std::vector<std::string>());
  const Diaries diaries = ByDiary(history);
  CheckDiaries(scene, diaries);
  std::size_t operations = 0;
  for (const auto& [key, of_diary] : diaries) operations += of_diary.size();
  std::map<std::pair<DiaryVerb, DiaryOutcome>, int> kinds;
  for (const DiaryCall& call : history) ++kinds[{call.verb, call.outcome}];
  for (const auto& [kind, count] : kinds) {
    std::cout << "verb " << static_cast<int>(kind.first) << ", outcome "
              << static_cast<int>(kind.second) << ": " << count << "\n";
  }
  std::cout << history.size() << " calls in " << absl::FormatDuration(end - start) << ", "
            << extent.kills << " kills, " << diaries.size() << " diaries with " << operations
            << " operations checked in " << absl::FormatDuration(absl::Now() - end) << "\n";
  // The clients met: of all that could happen, everything did.
  CHECK(kinds[{DiaryVerb::kBook, DiaryOutcome::kTaken}] > 0);
  CHECK(kinds[{DiaryVerb::kMove, DiaryOutcome::kDone}] > 0);
  CHECK(kinds[{DiaryVerb::kMove, DiaryOutcome::kTaken}] > 0);
  CHECK(kinds[{DiaryVerb::kMove, DiaryOutcome::kStale}] > 0);
  CHECK(kinds[{DiaryVerb::kCancel, DiaryOutcome::kDone}] > 0);
  CHECK(kinds[{DiaryVerb::kCancel, DiaryOutcome::kCancelled}] > 0);
  CHECK(scene.database.Connect()
            .QueryValue("SELECT deadlocks FROM pg_stat_database WHERE datname = "
                        "current_database()")
            .value() == "0");
}

// Indexes grow from one page to many while statements read them, which they do only once each.
TEST_CASE("The first visits of a database are linearizable", "[appointments][fault]") {
  const int databases = LongTests() ? 200 : 2;
  for (int number = 0; number < databases; ++number) {
    Scene scene;
    DiaryBoard board;
    const std::vector<DiaryCall> history =
        RunThroughKills(scene, board, {.calls = 400, .kills = 0});

    CHECK(board.surprises() == std::vector<std::string>());
    CHECK(history.size() >= 400);
    CheckDiaries(scene, ByDiary(history));
  }
}

}  // namespace
}  // namespace clinicd::testing
