// Acceptances that race.
#include <array>
#include <atomic>
#include <barrier>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/appointments/appointment_convert.h"
#include "tests/integration/waitlist_scene.h"
#include "tests/support/lock_waits.h"

namespace clinicd::testing {
namespace {

constexpr std::size_t kClients = 8;

// What the calls of one round came to.
struct Round {
  std::atomic<int> booked = 0;
  std::atomic<int> over = 0;
  std::atomic<int> others = 0;
};

// Accepts offers at once, one a client, round by round: `offers` of each client.
std::vector<Round> Race(WaitlistScene& scene,
                        const std::array<std::vector<std::string>, kClients>& offers) {
  std::vector<Round> rounds(offers.front().size());
  std::barrier start(static_cast<std::ptrdiff_t>(kClients));
  std::vector<std::thread> clients;
  for (const std::vector<std::string>& own : offers) {
    clients.emplace_back([&, client = scene.server().SignedIn(scene.desk().clinic(),
                                                              {identity::v1::ROLE_RECEPTIONIST})] {
      for (std::size_t i = 0; i < own.size(); ++i) {
        appointments::v1::AcceptWaitlistOfferRequest request;
        request.set_id(own[i]);
        request.set_request_id(scene.server().RequestId());
        start.arrive_and_wait();
        const Reply<Appointment> reply =
            client.Call(client.waitlist(), &WaitlistService::Stub::AcceptWaitlistOffer, request);
        if (reply.ok()) {
          ++rounds[i].booked;
        } else if (reply.reason() == ErrorReason::WAITLIST_OFFER_OVER) {
          ++rounds[i].over;
        } else {
          ++rounds[i].others;
        }
      }
    });
  }
  for (std::thread& client : clients) client.join();
  return rounds;
}

// A new time a round, every half hour.
std::string StartOf(std::size_t number) {
  return appointments::FormatLocal(absl::CivilMinute(2027, 3, 1, 8, 0) +
                                   30 * static_cast<int>(number));
}

void CheckQuiet(const WaitlistScene& scene) {
  CHECK(scene.Sql("SELECT deadlocks::text FROM pg_stat_database WHERE datname = "
                  "current_database()") == "0");
  CHECK(scene.Sql("SELECT count(*)::text FROM clinicd.holds") == "0");
  CHECK(scene.Sql("SELECT count(*)::text FROM clinicd.occupancies WHERE hold_id IS NOT NULL") ==
        "0");
}

TEST_CASE("Of 8 who accept offers of one time at once exactly one has it, 50 times",
          "[waitlist][integration]") {
  constexpr std::size_t kRounds = 50;
  WaitlistScene scene("Asia/Kolkata");
  std::vector<std::string> patients;
  for (std::size_t i = 0; i < kClients; ++i) {
    patients.push_back(scene.desk().RegisteredPatient("Ana", absl::StrCat("Racer", i)));
  }
  std::array<std::vector<std::string>, kClients> offers;
  for (std::size_t round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < kClients; ++i) {
      WaitlistEntry form;
      form.set_patient_id(patients[i]);
      form.set_duration_minutes(30);
      form.set_urgency(WaitlistEntry::URGENCY_ROUTINE);
      offers[i].push_back(scene.Offered(scene.Added(form), scene.Time(StartOf(round))).id());
    }
  }

  const std::vector<Round> rounds = Race(scene, offers);

  for (const Round& round : rounds) {
    CHECK(round.booked == 1);
    CHECK(round.over == static_cast<int>(kClients) - 1);
    CHECK(round.others == 0);
  }
  CHECK(scene.Sql("SELECT count(*)::text FROM clinicd.appointments") == absl::StrCat(kRounds));
  CHECK(scene.Sql("SELECT count(*)::text FROM clinicd.waitlist_offers WHERE state = 'taken'") ==
        absl::StrCat(kRounds * (kClients - 1)));
  CheckQuiet(scene);
}

TEST_CASE("An entry that is edited while it is withdrawn is withdrawn as it is then, or not at all",
          "[waitlist][integration]") {
  WaitlistScene scene;
  const WaitlistEntry entry = scene.Added();
  const std::string etag = GENERATE(true, false) ? entry.etag() : "";
  Reply<WaitlistEntry> withdrawn;

  // An edit that is not committed before the call has read the entry.
  db::AdminConnection editor = scene.server().database().Connect();
  REQUIRE(editor.Execute("BEGIN").ok());
  REQUIRE(editor
              .Query("UPDATE clinicd.waitlist_entries SET note = 'Edited', row_version = "
                     "row_version + 1 WHERE id = $1",
                     {entry.id()})
              .ok());
  std::thread withdrawal([&] { withdrawn = scene.Withdraw(entry.id(), etag); });
  const bool waits = AwaitWaiting(scene.server().database(), 1);
  const bool edited = editor.Execute("COMMIT").ok();
  withdrawal.join();

  REQUIRE(waits);
  REQUIRE(edited);
  const WaitlistEntry after = scene.Get(entry.id()).response;
  CHECK(after.note() == "Edited");
  if (etag.empty()) {
    REQUIRE(withdrawn.ok());
    CHECK(withdrawn.response.SerializeAsString() == after.SerializeAsString());
  } else {
    CHECK(withdrawn.reason() == ErrorReason::ETAG_MISMATCH);
    CHECK(after.state() == WaitlistEntry::STATE_WAITING);
  }
}

TEST_CASE("An entry that is offered 8 times gets one of them, 10 times",
          "[waitlist][integration]") {
  constexpr std::size_t kRounds = 10;
  WaitlistScene scene("Asia/Kolkata");
  std::array<std::vector<std::string>, kClients> offers;
  for (std::size_t round = 0; round < kRounds; ++round) {
    const WaitlistEntry entry = scene.Added();
    for (std::size_t i = 0; i < kClients; ++i) {
      offers[i].push_back(scene.Offered(entry, scene.Time(StartOf(round * kClients + i))).id());
    }
  }

  const std::vector<Round> rounds = Race(scene, offers);

  for (const Round& round : rounds) {
    CHECK(round.booked == 1);
    CHECK(round.over == static_cast<int>(kClients) - 1);
    CHECK(round.others == 0);
  }
  CheckQuiet(scene);
}

TEST_CASE("Where everybody is offered everything nobody gets two times and no time gets two",
          "[waitlist][integration]") {
  constexpr std::size_t kEach = 4;
  constexpr std::size_t kBatches = 5;
  WaitlistScene scene("Asia/Kolkata");
  std::array<std::vector<std::string>, kClients> offers;
  for (std::size_t batch = 0; batch < kBatches; ++batch) {
    for (std::size_t person = 0; person < kEach; ++person) {
      const WaitlistEntry entry = scene.Added();
      for (std::size_t time = 0; time < kEach; ++time) {
        // Clients cross each other's people and times.
        const std::size_t client = (person * kEach + (time + person) % kEach) % kClients;
        offers[client].push_back(
            scene.Offered(entry, scene.Time(StartOf(batch * kEach + time))).id());
      }
    }
  }

  const std::vector<Round> rounds = Race(scene, offers);

  int booked = 0;
  for (const Round& round : rounds) {
    booked += round.booked;
    CHECK(round.others == 0);
  }
  // As many as can be: whoever is left would have accepted a time that was left.
  CHECK(booked == static_cast<int>(kBatches * kEach));
  CHECK(scene.Sql("SELECT count(DISTINCT hold_id)::text FROM clinicd.waitlist_offers WHERE state = "
                  "'accepted'") == absl::StrCat(booked));
  CHECK(scene.Sql("SELECT count(DISTINCT entry_id)::text FROM clinicd.waitlist_offers WHERE state "
                  "= 'accepted'") == absl::StrCat(booked));
  CheckQuiet(scene);
}

}  // namespace
}  // namespace clinicd::testing
