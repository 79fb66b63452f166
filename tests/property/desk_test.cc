// Everything that a front desk does, by 8 members of the staff at once, against a model of what
// they were told and against what the database holds in the end.
#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <iostream>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/support/desk_board.h"
#include "tests/support/desk_clients.h"
#include "tests/support/diary_scene.h"
#include "tests/support/fakes.h"
#include "tests/support/long_tests.h"
#include "tests/support/test_database.h"
#include "tests/support/test_server.h"
#include "tests/support/visit_ledger.h"

namespace clinicd::testing {
namespace {

constexpr int kClients = 8;
// Of a case.
constexpr int kCallsPerClient = 200;
constexpr int kFaultsShown = 10;

int CasesWanted() { return LongTests() ? 625 : 15; }

// Where clocks do not change.
constexpr char kTimeZone[] = "Asia/Kolkata";
absl::TimeZone Zone() { return absl::FixedTimeZone(5 * 3600 + 1800); }

struct Scene {
  TestDatabase database;
  // Not long after the machine's, because calls have deadlines by that; an hour before midnight.
  absl::CivilDay first_day = absl::ToCivilDay(absl::Now(), Zone()) + 1;
  absl::Time midnight = absl::FromCivil(first_day, Zone());
  FakeClock clock{midnight + absl::Hours(23)};
  // None once everybody has gone.
  std::optional<TestServer> server{TestServer::Options{
      .adjust = [](server::ApplicationOptions& options) { options.workers = kClients; },
      .database = &database,
      .clock = &clock}};
};

// Reads what the database holds of a clinic, in numbers; -1 is what nobody was told of.
class FactsReader final {
 public:
  using Numbers = std::map<std::string, int>;

  FactsReader(const Scene& scene, ClinicId clinic)
      : connection_(scene.database.Connect()),
        clinic_(clinic.ToString()),
        midnight_(absl::ToUnixSeconds(scene.midnight)) {}

  DeskFacts Read(const Numbers& resources, const Numbers& holds, const Numbers& members) {
    DeskFacts facts;
    for (const auto& row : Rows("SELECT reason, state, row_version::text FROM "
                                "clinicd.appointments WHERE clinic_id = $1")) {
      facts.visits[Visit(row[0])] = {.state = *row[1], .version = Number(row[2])};
    }
    for (const auto& row : Rows("SELECT id::text FROM clinicd.holds WHERE clinic_id = $1")) {
      facts.holds.insert(Number(holds, row[0]));
    }
    ReadEvents(members, facts);
    ReadParts(resources, holds, facts);
    return facts;
  }

 private:
  using Field = std::optional<std::string>;

  static int Number(const Field& text) {
    int number = -1;
    return text && absl::SimpleAtoi(*text, &number) ? number : -1;
  }
  static int Number(const Numbers& numbers, const Field& id) {
    const auto found = numbers.find(id.value_or(""));
    return found == numbers.end() ? -1 : found->second;
  }
  static int Visit(const Field& reason) { return VisitOf(reason.value_or("")).value_or(-1); }
  // Of text with seconds.
  int Minute(const Field& text) const {
    std::int64_t seconds = 0;
    RC_ASSERT(text && absl::SimpleAtoi(*text, &seconds));
    return static_cast<int>((seconds - midnight_) / 60);
  }

  db::AdminConnection::Rows Rows(const std::string& sql) {
    const auto rows = connection_.Query(sql, {clinic_});
    RC_ASSERT(rows.ok());
    return *rows;
  }

  void ReadEvents(const Numbers& members, DeskFacts& facts) {
    for (const auto& row :
         Rows("SELECT visit.reason, event.row_version::text, event.kind, event.state, "
              "extract(epoch FROM event.local_start AT TIME ZONE event.time_zone)::bigint::text, "
              "event.caused_by::text FROM clinicd.appointment_events AS event JOIN "
              "clinicd.appointments AS visit ON visit.clinic_id = event.clinic_id AND visit.id = "
              "event.appointment_id WHERE event.clinic_id = $1 ORDER BY visit.id, "
              "event.row_version")) {
      facts.events.push_back({.visit = Visit(row[0]),
                              .version = Number(row[1]),
                              .kind = *row[2],
                              .state = *row[3],
                              .start = Minute(row[4]),
                              .member = Number(members, row[5])});
    }
  }

  void ReadParts(const Numbers& resources, const Numbers& holds, DeskFacts& facts) {
    for (const auto& row :
         Rows("SELECT visit.reason, part.hold_id::text, part.occupant_id::text, part.lane::text, "
              "extract(epoch FROM part.starts_at)::bigint::text, extract(epoch FROM "
              "part.ends_at)::bigint::text, part.active::text FROM clinicd.occupancies AS part "
              "LEFT JOIN clinicd.appointments AS visit ON visit.clinic_id = part.clinic_id AND "
              "visit.id = part.appointment_id WHERE part.clinic_id = $1")) {
      facts.parts.push_back({.visit = row[0] ? Visit(row[0]) : 0,
                             .hold = row[1] ? Number(holds, row[1]) : 0,
                             .resource = Number(resources, row[2]),
                             .lane = Number(row[3]),
                             .minutes = {Minute(row[4]), Minute(row[5])},
                             .active = row[6] == "true"});
    }
  }

  db::AdminConnection connection_;
  const std::string clinic_;
  const std::int64_t midnight_;
};

// What happened over all cases.
struct Tally {
  std::map<std::pair<DeskVerb, DeskOutcome>, int> kinds;
  int calls = 0;
  int repeats = 0;
  std::vector<std::string> faults;
};

// One case: a new clinic, and everybody at its desk at once, each by a seed.
void WorkTogether(Scene& scene, const std::vector<unsigned>& seeds, Tally& tally) {
  TestServer& server = *scene.server;
  const TestClinic clinic = server.AddClinic(absl::StrCat("c-", server.RequestId()), kTimeZone);
  const DiaryScene diaries = AddDiaryScene(scene.database, clinic);
  DeskBoard board(scene.clock, scene.first_day, Zone());
  std::map<std::string, int> members;
  std::vector<std::thread> threads;
  for (const unsigned seed : seeds) {
    const TestUser user = server.AddUser(clinic, {identity::v1::ROLE_OWNER});
    const int number = static_cast<int>(members.size()) + 1;
    members.emplace(user.id.ToString(), number);
    const SessionId session(server.NewUuid());
    const DeskClient::Member member{
        .number = number, .channel = server.Channel(), .token = [&server, user, session] {
          return server.TokenFor(user, session, /*epoch=*/1);
        }};
    threads.emplace_back([&, member, seed] {
      DeskClient client(member, diaries, board, seed);
      // Nobody goes on once something cannot be explained.
      for (int i = 0; i < kCallsPerClient && board.surprises().empty(); ++i) client.Act();
    });
  }
  for (std::thread& thread : threads) thread.join();

  const std::vector<DeskCall> calls = board.TakeCalls();
  for (const DeskCall& call : calls) ++tally.kinds[{call.verb, call.outcome}];
  tally.calls += static_cast<int>(calls.size());
  tally.repeats += board.repeats();
  FactsReader reader(scene, clinic.id);
  std::vector<std::string> faults =
      FaultsOf(calls, reader.Read(diaries.Numbers(), board.HoldNumbers(), members));
  for (const std::string& surprise : board.surprises()) faults.push_back(surprise);
  // Of the first case that has some: another run of it goes another way.
  if (tally.faults.empty()) tally.faults = faults;
  RC_ASSERT(faults.empty());
}

// Deadlocks of all who have worked on the database, once they have gone: until then some are not
// counted.
std::string DeadlocksOf(const TestDatabase& database) {
  db::AdminConnection connection = database.Connect();
  const absl::Time end = absl::Now() + absl::Seconds(30);
  while (absl::Now() < end &&
         connection
                 .QueryValue("SELECT count(*) FROM pg_stat_activity WHERE datname = "
                             "current_database() AND pid <> pg_backend_pid()")
                 .value() != "0") {
  }
  return connection
      .QueryValue("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
      .value();
}

// All that can come of each call, but for what the server could only do wrong.
const std::set<std::pair<DeskVerb, DeskOutcome>>& AllKinds() {
  using V = DeskVerb;
  using O = DeskOutcome;
  static const std::set<std::pair<DeskVerb, DeskOutcome>> kinds = [] {
    std::set<std::pair<DeskVerb, DeskOutcome>> all = {
        {V::kBook, O::kTaken},     {V::kOverbook, O::kTaken},  {V::kOverbook, O::kNoLane},
        {V::kBookHeld, O::kTaken}, {V::kBookHeld, O::kNoHold}, {V::kMove, O::kTaken},
        {V::kMove, O::kNoLane},    {V::kHold, O::kTaken},      {V::kRelease, O::kNoHold},
        {V::kConfirm, O::kNotNow}, {V::kArrive, O::kNotNow},   {V::kArrive, O::kTaken},
        {V::kNoShow, O::kNotNow}};
    for (int number = 0; number < kDeskVerbs; ++number) {
      const auto verb = static_cast<V>(number);
      all.emplace(verb, O::kDone);
      if (!ChangesVisit(verb) || BooksVisit(verb)) continue;
      // Few visits are reopened, and fewer by two at once.
      if (verb != V::kReopen) all.emplace(verb, O::kStale);
      all.emplace(verb, O::kIllegal);
    }
    return all;
  }();
  return kinds;
}

TEST_CASE("Whatever 8 of the staff do at once, nothing is taken twice, lost, or done illegally",
          "[appointments][property]") {
  Scene scene;
  Tally tally;
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = CasesWanted();
  // Threads do not come in the same order again.
  params.disableShrinking = true;
  const absl::Time start = absl::Now();

  const rc::detail::TestResult result = rc::detail::checkTestable(
      [&] {
        const auto seeds = *rc::gen::resize(
            rc::kNominalSize,
            rc::gen::container<std::vector<unsigned>>(kClients, rc::gen::arbitrary<unsigned>()));
        WorkTogether(scene, seeds, tally);
      },
      rc::detail::TestMetadata(), params);

  std::cout << tally.calls << " calls, " << tally.repeats << " repeated, in "
            << absl::FormatDuration(absl::Now() - start) << "\n";
  for (const auto& [kind, count] : tally.kinds) {
    std::cout << NameOf(kind.first) << ", " << NameOf(kind.second) << ": " << count << "\n";
  }
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  INFO(text.str());
  for (const std::string& fault : tally.faults | std::views::take(kFaultsShown)) {
    FAIL_CHECK(fault);
  }
  REQUIRE(result.is<rc::detail::SuccessResult>());
  for (const auto& [verb, outcome] : AllKinds()) {
    INFO(NameOf(verb) << ", " << NameOf(outcome));
    CHECK(tally.kinds[{verb, outcome}] > 0);
  }
  scene.server.reset();
  // The server repeats what ends in one, so that nobody is told. Holds, moves and late arrivals at once
  // still do now and then: a few in 24,000 calls.
  std::cout << DeadlocksOf(scene.database) << " deadlocks\n";
}

}  // namespace
}  // namespace clinicd::testing
