// The waiting room, through the whole server.
#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "absl/time/clock.h"
#include "tests/integration/diary_scene.h"
#include "tests/support/local_time.h"

namespace clinicd::testing {
namespace {

using appointments::v1::GetWaitingRoomRequest;
using appointments::v1::WaitingRoom;

// Has an appointment of somebody who is there have come to that at another time.
void SetTimes(const TestServer& server, const std::string& id, absl::Time arrived,
              std::optional<absl::Time> seated = std::nullopt) {
  const auto text = [](absl::Time time) {
    return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone());
  };
  const auto changed = server.database().Connect().Query(
      "UPDATE clinicd.appointments SET arrived_at = $2, seated_at = $3 WHERE id = $1",
      {id, text(arrived), seated ? std::optional(text(*seated)) : std::nullopt});
  INFO(changed.status());
  REQUIRE(changed.ok());
}

int MinutesUntil(const google::protobuf::Timestamp& as_of, absl::Time since) {
  return static_cast<int>(absl::ToInt64Minutes(absl::FromUnixSeconds(as_of.seconds()) +
                                               absl::Nanoseconds(as_of.nanos()) - since));
}

TEST_CASE("The waiting room shows who came when, whether they were late and whether we are",
          "[diary][integration]") {
  TestServer server;
  const absl::Time now = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
  const auto ago = [now](double minutes) { return now - minutes * absl::Minutes(1); };
  const std::string zone = ZoneWhereItIs(12, now);
  const DiaryDesk at(server, zone);
  const std::string harbour = at.AddLocation("Harbour");
  const std::string chair = at.AddChair("Chair", harbour);
  const auto form = [&](const std::string& name, absl::Time start) {
    patients::v1::Patient patient = PatientForm("Ana", name);
    patient.set_alert("Alert of " + name);
    return AppointmentForm(at.desk.Register(patient).response.id(), at.desk.AddPractitioner(),
                           LocalAt(start, zone));
  };
  const auto in_time = at.desk.Booked(form("Waits", ago(5)));
  const auto late = at.desk.Booked(InChair(form("Late", ago(10)), chair));
  const auto seated = at.desk.Booked(form("Seated", ago(20)));
  at.desk.Booked(form("Absent", ago(5)));
  for (const auto& visit : {in_time, late, seated}) REQUIRE(at.desk.CheckIn(visit.id()).ok());
  at.Seat(seated.id());
  SetTimes(server, in_time.id(), ago(14.5));
  SetTimes(server, late.id(), ago(8.5));
  SetTimes(server, seated.id(), ago(25.25), ago(9.5));

  const WaitingRoom room = at.Waiting();
  GetWaitingRoomRequest at_harbour;
  at_harbour.add_location_ids(harbour);

  REQUIRE(room.patients_size() == 3);
  CHECK(room.patients(0).appointment().id() == in_time.id());
  CHECK(room.patients(0).waiting_minutes() == MinutesUntil(room.as_of_time(), ago(14.5)));
  CHECK_FALSE(room.patients(0).arrived_late());
  CHECK(room.patients(0).kept_waiting());
  CHECK(room.patients(0).location_id().empty());
  CHECK(room.patients(0).patient_alert() == "Alert of Waits");
  CHECK(room.patients(1).appointment().id() == late.id());
  CHECK(room.patients(1).waiting_minutes() == MinutesUntil(room.as_of_time(), ago(8.5)));
  CHECK(room.patients(1).arrived_late());
  CHECK_FALSE(room.patients(1).kept_waiting());
  CHECK(room.patients(2).appointment().id() == seated.id());
  CHECK(room.patients(2).waiting_minutes() == 15);
  CHECK(room.patients(2).in_chair_minutes() == MinutesUntil(room.as_of_time(), ago(9.5)));
  const WaitingRoom there = at.Waiting(at_harbour);
  REQUIRE(there.patients_size() == 1);
  CHECK(there.patients(0).appointment().patient_family_name() == "Late");
}

TEST_CASE("Who was never noted to have left is in the waiting room until the next day",
          "[diary][integration]") {
  TestServer server;
  const absl::Time now = absl::Now();
  const std::string zone = ZoneWhereItIs(8, now);
  const DiaryDesk at(server, zone);
  const auto visit =
      at.desk.Booked(AppointmentForm(at.patient, at.practitioner, LocalAt(now, zone)));
  REQUIRE(at.desk.CheckIn(visit.id()).ok());

  SetTimes(server, visit.id(), now - absl::Hours(11.9));
  CHECK(at.Waiting().patients_size() == 1);
  SetTimes(server, visit.id(), now - absl::Hours(12.1));
  CHECK(at.Waiting().patients_size() == 0);
}

}  // namespace
}  // namespace clinicd::testing
