// kill -9 of the server while somebody watches it.
#include <catch2/catch.hpp>

#include "absl/strings/str_format.h"
#include "tests/support/front_desk.h"
#include "tests/support/server_process.h"
#include "tests/support/watcher.h"

namespace clinicd::testing {
namespace {

using appointments::v1::Appointment;

constexpr int kKills = 5;
constexpr int kChangesPerLife = 8;

std::shared_ptr<grpc::Channel> QuickChannel(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

TEST_CASE("Who goes on from a token after a kill of the server misses no change", "[fault]") {
  const TestDatabase database;
  ServerProcess process(database);
  // Books on the same database, and is not killed.
  TestServer::Options options;
  options.database = &database;
  options.key_directory = process.key_directory();
  TestServer other(options);
  const FrontDesk desk(other, "a");
  const std::string patient = desk.RegisteredPatient();
  const std::string practitioner = desk.AddPractitioner();
  process.Start();
  std::map<std::string, std::string> expected;
  std::map<std::string, std::string> seen;
  std::string token;
  int slot = 0;

  for (int life = 0; life <= kKills; ++life) {
    const Client client(QuickChannel(process.target()), desk.client().token());
    REQUIRE(client.channel()->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Minutes(1))));
    Watcher watcher(client, DayRequest(2027, 3, 29, token));
    // Some changes are made while the server is away, some while it tells of others.
    for (int i = 0; i < kChangesPerLife; ++i, ++slot) {
      Appointment form = AppointmentForm(
          patient, practitioner, absl::StrFormat("2027-03-29T%02d:%02d", slot / 12, slot % 12 * 5));
      form.set_duration_minutes(5);
      const Appointment booked = desk.Booked(form);
      expected[booked.id()] = booked.etag();
      if (i % 3 != 0) continue;
      REQUIRE(desk.Cancel(booked.id()).ok());
      expected.erase(booked.id());
    }
    const auto take = [&](const Watcher::Event& event) {
      if (event.has_snapshot()) {
        CHECK(life == 0);
        for (const Appointment& each : event.snapshot().appointments()) {
          seen[each.id()] = each.etag();
        }
      }
      if (event.has_upsert()) seen[event.upsert().id()] = event.upsert().etag();
      if (event.has_remove()) seen.erase(event.remove().id());
    };
    // In its last life the server may tell everything; before, it is killed after one event.
    std::optional<Watcher::Event> event = watcher.Next();
    while (event) {
      take(*event);
      const bool wait = life == kKills ? seen != expected : watcher.token().empty();
      if (!wait) break;
      event = watcher.Next();
    }
    if (!watcher.token().empty()) token = watcher.token();
    if (life == kKills) break;
    process.Kill();
    process.Start();
  }

  CHECK(seen == expected);
}

}  // namespace
}  // namespace clinicd::testing
