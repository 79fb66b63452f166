#include "services/server/demo/demo_fill.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "tests/support/test_server.h"

namespace clinicd::testing {
namespace {

// A small plan whose clinics and users exist.
demo::DemoPlan PreparedPlan(TestServer& server) {
  demo::DemoPlan plan = demo::MakeDemoPlan(1, demo::DemoSize::kSmall,
                                           absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()));
  for (demo::DemoClinic& clinic : plan.clinics) {
    const TestClinic added = server.AddClinic(clinic.slug, clinic.time_zone);
    for (demo::DemoUser& user : clinic.users) {
      user.password = kTestPassword;
      server.AddUserWithPassword(added, user.email, {user.role});
    }
  }
  return plan;
}

absl::Status Fill(const demo::DemoPlan& plan, TestServer& server) {
  const SystemClock clock;
  std::ostringstream out;
  Progress progress(out, Progress::Style::kNone, clock);
  return demo::FillDemo(plan, server.Channel(), progress);
}

std::size_t Count(const TestServer& server, const std::string& from) {
  const auto count = server.database().Connect().QueryValue("SELECT count(*) FROM clinicd." + from);
  REQUIRE(count.ok());
  return std::stoul(*count);
}

TEST_CASE("FillDemo brings the whole plan into the clinics, once", "[demo][integration]") {
  TestServer server;
  const demo::DemoPlan plan = PreparedPlan(server);
  std::size_t patients = 0;
  std::size_t appointments = 0;
  std::size_t cancelled = 0;
  for (const demo::DemoClinic& clinic : plan.clinics) {
    patients += clinic.patients.size();
    appointments += clinic.appointments.size();
    for (const demo::DemoAppointment& planned : clinic.appointments) {
      if (planned.cancel_reason) ++cancelled;
    }
  }

  const absl::Status first = Fill(plan, server);
  const absl::Status second = Fill(plan, server);

  INFO(first.ToString());
  CHECK(first.ok());
  CHECK(second.ok());
  CHECK(Count(server, "practitioners") == 12);
  CHECK(Count(server, "practitioners WHERE membership_id IS NOT NULL") == 6);
  CHECK(Count(server, "locations") == 3);
  CHECK(Count(server, "resources") == 12);
  CHECK(Count(server, "resources WHERE location_id IS NOT NULL") == 3);
  CHECK(Count(server, "visit_types") == 15);
  CHECK(Count(server, "appointments WHERE visit_type_id IS NULL") == 0);
  CHECK(Count(server, "patients") == patients);
  CHECK(Count(server, "appointments") == appointments);
  CHECK(Count(server, "appointments WHERE state = 'cancelled'") == cancelled);
}

}  // namespace
}  // namespace clinicd::testing
