#include "services/server/demo/demo_plan.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "common/base/text.h"
#include "tests/support/fakes.h"

namespace clinicd::demo {
namespace {

// A Sunday.
constexpr absl::CivilDay kToday(2026, 3, 29);

std::string Serialized(const DemoPlan& plan) {
  std::string text;
  for (const DemoClinic& clinic : plan.clinics) {
    text += clinic.slug;
    for (const DemoUser& user : clinic.users)
      text += user.email + user.given_name + user.family_name;
    for (const auto& practitioner : clinic.practitioners) text += practitioner.SerializeAsString();
    for (const auto& location : clinic.locations) text += location.SerializeAsString();
    for (const DemoResource& planned : clinic.resources) {
      text += planned.resource.SerializeAsString() +
              (planned.location ? std::to_string(*planned.location) : "");
    }
    for (const auto& visit_type : clinic.visit_types) text += visit_type.SerializeAsString();
    for (const auto& patient : clinic.patients) text += patient.SerializeAsString();
    for (const DemoAppointment& planned : clinic.appointments) {
      text += std::to_string(planned.patient) + "/" + std::to_string(planned.practitioner) +
              planned.appointment.SerializeAsString() + planned.cancel_reason.value_or("");
    }
  }
  return text;
}

absl::CivilMinute Start(const DemoAppointment& planned) {
  absl::CivilMinute start;
  REQUIRE(absl::ParseCivilTime(planned.appointment.local_start(), &start));
  return start;
}

TEST_CASE("MakeDemoPlan repeats for a seed and a day", "[demo][unit]") {
  const std::string first = Serialized(MakeDemoPlan(7, DemoSize::kSmall, kToday));

  CHECK(Serialized(MakeDemoPlan(7, DemoSize::kSmall, kToday)) == first);
  CHECK(Serialized(MakeDemoPlan(8, DemoSize::kSmall, kToday)) != first);
  CHECK(Serialized(MakeDemoPlan(7, DemoSize::kSmall, kToday + 1)) != first);
}

TEST_CASE("MakeDemoPlan makes three clinics in three time zones", "[demo][unit]") {
  const DemoPlan plan = MakeDemoPlan(1, DemoSize::kSmall, kToday);

  REQUIRE(plan.clinics.size() == 3);
  std::set<std::string> zones;
  for (const DemoClinic& clinic : plan.clinics) {
    absl::TimeZone zone;
    CHECK(absl::LoadTimeZone(clinic.time_zone, &zone));
    zones.insert(clinic.time_zone);
    CHECK(clinic.users.size() == 6);
    CHECK(UserWith(clinic, identity::v1::ROLE_RECEPTIONIST).email ==
          "reception@" + clinic.slug + ".example");
  }
  CHECK(zones.size() == 3);
}

TEST_CASE("MakeDemoPlan has the size that was asked for", "[demo][unit]") {
  for (const DemoClinic& clinic : MakeDemoPlan(1, DemoSize::kSmall, kToday).clinics) {
    CHECK(clinic.patients.size() == 40);
    CHECK(clinic.practitioners.size() == 4);
    CHECK(clinic.locations.size() == 1);
    CHECK(clinic.resources.size() == 3 + 1);
    CHECK(clinic.visit_types.size() == 5);
    CHECK(clinic.appointments.size() > 150);
  }
  for (const DemoClinic& clinic : MakeDemoPlan(1, DemoSize::kMedium, kToday).clinics) {
    CHECK(clinic.patients.size() == 2000);
    CHECK(clinic.practitioners.size() == 12);
    CHECK(clinic.locations.size() == 2);
    CHECK(clinic.resources.size() == 6 + 2);
    CHECK(clinic.visit_types.size() == 5);
    CHECK(clinic.appointments.size() > 2000);
  }
}

TEST_CASE("MakeDemoPlan gives each location a chair and keeps most for the main site",
          "[demo][unit]") {
  for (const DemoClinic& clinic : MakeDemoPlan(1, DemoSize::kMedium, kToday).clinics) {
    std::set<std::string> external_ids;
    std::map<std::optional<std::size_t>, int> chairs;
    for (const DemoResource& planned : clinic.resources) {
      external_ids.insert(planned.resource.external_id());
      if (planned.resource.kind() != appointments::v1::RESOURCE_KIND_CHAIR) continue;
      ++chairs[planned.location];
    }
    const std::map<std::optional<std::size_t>, int> wanted = {{std::nullopt, 4}, {0, 1}, {1, 1}};
    CHECK(chairs == wanted);
    CHECK(external_ids.size() == clinic.resources.size());
  }
}

TEST_CASE("MakeDemoPlan never books a practitioner twice", "[demo][unit]") {
  for (const DemoClinic& clinic : MakeDemoPlan(3, DemoSize::kMedium, kToday).clinics) {
    std::map<std::size_t, absl::CivilMinute> busy_until;
    for (const DemoAppointment& planned : clinic.appointments) {
      const absl::CivilMinute start = Start(planned);
      const auto [busy, is_first] = busy_until.try_emplace(planned.practitioner, start);
      CHECK(start >= busy->second);
      busy->second = start + planned.appointment.duration_minutes();
      CHECK(planned.patient < clinic.patients.size());
    }
  }
}

TEST_CASE("MakeDemoPlan never has a patient in two places", "[demo][unit]") {
  for (const DemoClinic& clinic : MakeDemoPlan(3, DemoSize::kMedium, kToday).clinics) {
    std::map<std::pair<std::size_t, absl::CivilMinute>, absl::CivilMinute> visits;
    for (const DemoAppointment& planned : clinic.appointments) {
      const absl::CivilMinute start = Start(planned);
      const bool is_new =
          visits
              .try_emplace({planned.patient, start}, start + planned.appointment.duration_minutes())
              .second;
      CHECK(is_new);
    }
    for (auto visit = visits.begin(); visit != visits.end(); ++visit) {
      const auto next = std::next(visit);
      if (next == visits.end() || next->first.first != visit->first.first) continue;
      CHECK(next->first.second >= visit->second);
    }
  }
}

TEST_CASE("MakeDemoPlan books around today, which is never without appointments", "[demo][unit]") {
  for (const DemoClinic& clinic : MakeDemoPlan(1, DemoSize::kSmall, kToday).clinics) {
    int today = 0;
    for (const DemoAppointment& planned : clinic.appointments) {
      const absl::CivilDay day(Start(planned));
      CHECK(day >= kToday - 3);
      CHECK(day <= kToday + 3);
      if (day == kToday) ++today;
    }
    CHECK(today > 20);
  }
}

TEST_CASE("MakeDemoPlan gives what the API takes", "[demo][unit]") {
  for (const DemoClinic& clinic : MakeDemoPlan(5, DemoSize::kMedium, kToday).clinics) {
    std::set<std::string> external_ids;
    std::set<std::string> file_numbers;
    std::size_t alerts = 0;
    for (const auto& patient : clinic.patients) {
      const absl::CivilDay born(patient.birth_date().year(), patient.birth_date().month(),
                                patient.birth_date().day());
      CHECK(born <= kToday);
      CHECK(born >= absl::CivilDay(1880, 1, 1));
      CHECK(patient.phone().find('#') == std::string::npos);
      CHECK_FALSE(patient.given_name().empty());
      CHECK_FALSE(patient.family_name().empty());
      CHECK(CodePoints(patient.alert()) <= 200);
      if (!patient.alert().empty()) ++alerts;
      external_ids.insert(patient.external_id());
      file_numbers.insert(patient.file_number());
    }
    CHECK(external_ids.size() == clinic.patients.size());
    CHECK(file_numbers.size() == clinic.patients.size());
    CHECK(alerts > 0);
    CHECK(alerts < clinic.patients.size() / 10);
  }
}

TEST_CASE("MakeDemoPlan has names with accents", "[demo][unit]") {
  const DemoPlan plan = MakeDemoPlan(1, DemoSize::kSmall, kToday);

  for (const DemoClinic& clinic : plan.clinics) {
    bool accented = false;
    for (const auto& patient : clinic.patients) {
      const std::string name = patient.given_name() + patient.family_name();
      accented = accented || CodePoints(name) < name.size();
    }
    CHECK(accented);
  }
}

TEST_CASE("GivePasswords gives everyone a password of their own, from chance alone",
          "[demo][unit]") {
  DemoPlan plan = MakeDemoPlan(1, DemoSize::kSmall, kToday);
  DemoPlan other = plan;
  testing::FakeRandom random(1);

  GivePasswords(plan, random);
  GivePasswords(other, random);

  std::set<std::string> passwords;
  for (const DemoPlan* one : {&plan, &other}) {
    for (const DemoClinic& clinic : one->clinics) {
      for (const DemoUser& user : clinic.users) {
        CHECK(user.password.size() == 23);
        passwords.insert(user.password);
      }
    }
  }
  CHECK(passwords.size() == 36);
}

TEST_CASE("Appointments of the demo lie in the hours that it declares", "[demo][unit]") {
  for (const DemoClinic& clinic : MakeDemoPlan(3, DemoSize::kSmall, kToday).clinics) {
    REQUIRE_FALSE(clinic.hours.empty());
    for (const DemoAppointment& planned : clinic.appointments) {
      const absl::CivilMinute start = Start(planned);
      const int weekday = static_cast<int>(absl::GetWeekday(absl::CivilDay(start))) + 1;
      const std::string from = absl::FormatCivilTime(start).substr(11);
      const std::string to =
          absl::FormatCivilTime(start + planned.appointment.duration_minutes()).substr(11);
      const auto holds = [&](const auto& span) {
        return span.local_from() <= from && to <= span.local_to();
      };
      bool open = false;
      for (const auto& row : clinic.hours) open |= row.weekday() == weekday && holds(row);
      for (const auto& row : clinic.extra_hours) {
        open |= absl::CivilDay(start) == kToday && holds(row);
      }
      CAPTURE(clinic.slug, planned.appointment.local_start());
      CHECK(open);
    }
  }
}

}  // namespace
}  // namespace clinicd::demo
