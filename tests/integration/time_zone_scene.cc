#include "tests/integration/time_zone_scene.h"

#include <catch2/catch.hpp>
#include <utility>

#include "absl/strings/str_cat.h"

namespace clinicd::testing {

using appointments::TimeZoneReport;
using appointments::v1::Appointment;
using appointments::v1::AppointmentService;

TimeZoneMachine::TimeZoneMachine(const TestServer& server)
    : ids_(clock_, random_),
      vault_(server.key_directory().string(), clock_),
      pool_({.connection = {.conninfo = server.database().app(), .mode = {}, .rewrite_sql = {}},
             .workers = 1,
             .queue_max = 4},
            clock_),
      runner_(pool_, clock_, ids_,
              {.role_names = [](auth::RoleSet) { return std::string(); },
               .audit = {.node = "test", .build = "test", .sealer = &vault_.vault()}}),
      update_({.runner = runner_, .clock = clock_, .ids = ids_}) {}

TimeZoneReport TimeZoneMachine::Run(const FrontDesk& desk,
                                    appointments::TimeZoneUpdate::Order order) const {
  if (order.version.empty()) order.version = kVersion;
  absl::StatusOr<TimeZoneReport> report = update_.Run(desk.clinic().id, order);
  INFO(report.status());
  REQUIRE(report.ok());
  return *std::move(report);
}

TimeZoneDesk::TimeZoneDesk(TestServer& server, const std::string& slug)
    : server_(server),
      desk_(server, slug),
      patient_(desk_.RegisteredPatient()),
      practitioner_(desk_.AddPractitioner()) {}

Appointment TimeZoneDesk::Book(const std::string& local_start, int minutes) const {
  Appointment form = AppointmentForm(patient_, practitioner_, local_start);
  form.set_duration_minutes(minutes);
  return desk_.Booked(form);
}

Appointment TimeZoneDesk::Get(const std::string& id) const {
  const Reply<Appointment> reply = desk_.GetAppointment(id);
  REQUIRE(reply.ok());
  return reply.response;
}

std::string TimeZoneDesk::Hold(const std::string& local_start) const {
  appointments::v1::HoldSlotRequest request;
  request.mutable_hold()->set_practitioner_id(practitioner_);
  request.mutable_hold()->set_local_start(local_start);
  request.mutable_hold()->set_duration_minutes(30);
  request.set_request_id(server_.RequestId());
  const auto reply = desk_.client().Call(desk_.client().appointments(),
                                         &AppointmentService::Stub::HoldSlot, request);
  REQUIRE(reply.ok());
  return reply.response.id();
}

void TimeZoneDesk::File(int minutes_later) const {
  Shift(minutes_later, "starts_at >= '2027-03-28 01:00Z' AND starts_at < '2027-10-31 01:00Z'");
}

void TimeZoneDesk::File(int minutes_later, const std::string& id) const {
  Shift(minutes_later, absl::StrCat("id = '", id, "'"));
}

void TimeZoneDesk::Shift(int minutes, const std::string& which) const {
  const std::string set =
      absl::StrCat(" SET starts_at = starts_at + interval '", minutes,
                   " minutes', ends_at = ends_at + interval '", minutes, " minutes' ");
  const std::string mine = absl::StrCat(" clinic_id = '", desk_.clinic().id.ToString(), "' ");
  const std::string where = absl::StrCat("WHERE", mine, "AND ", which, " ");
  const std::string holders =
      absl::StrCat("WHERE", mine, "AND holder_id IN (SELECT id FROM shifted)");
  // What takes no time cannot be in the way of what is to get there.
  Execute(absl::StrCat(
      "BEGIN; CREATE TEMPORARY TABLE shifted AS SELECT id, true AS active FROM "
      "clinicd.appointments ",
      where, "UNION ALL SELECT id, true FROM clinicd.holds ", where, "; ",
      "DELETE FROM shifted WHERE id IN (SELECT holder_id FROM clinicd.occupancies WHERE NOT "
      "active)",
      "; UPDATE clinicd.occupancies SET active = false ", holders, "; UPDATE clinicd.occupancies",
      set, holders, "; UPDATE clinicd.appointments", set, "WHERE id IN (SELECT id FROM shifted)",
      "; UPDATE clinicd.holds", set, "WHERE id IN (SELECT id FROM shifted)",
      "; UPDATE clinicd.waitlist_offers", set, "WHERE hold_id IN (SELECT id FROM shifted)",
      "; UPDATE clinicd.occupancies SET active = true ", holders, "; COMMIT"));
}

std::string TimeZoneDesk::Times() const {
  const std::string mine = absl::StrCat(" WHERE clinic_id = '", desk_.clinic().id.ToString(), "' ");
  const auto rows = [&mine](const std::string& table, const std::string& columns) {
    return absl::StrCat("COALESCE((SELECT string_agg(concat_ws(' ', ", columns,
                        "), E'\\n' ORDER BY ", columns, ") FROM clinicd.", table, mine, "), '')");
  };
  return QueryValue(absl::StrCat(
      "SELECT ", rows("appointments", "id, state, local_start, time_zone, starts_at, ends_at"),
      " || E'\\n' || ", rows("holds", "id, local_start, time_zone, starts_at, ends_at"),
      " || E'\\n' || ", rows("waitlist_offers", "id, local_start, time_zone, starts_at, ends_at"),
      " || E'\\n' || ",
      rows(
          "occupancies",
          "holder_id, position, appointment_id, hold_id, practitioner_id, resource_id, patient_id, "
          "person_id, lane, starts_at, ends_at, offset_minutes, duration_minutes, active")));
}

std::string TimeZoneDesk::Version() const {
  return QueryValue(absl::StrCat(
      "SELECT COALESCE(max(version), '') FROM clinicd.time_zone_versions WHERE clinic_id = '",
      desk_.clinic().id.ToString(), "'"));
}

std::string TimeZoneDesk::QueryValue(const std::string& sql) const {
  const absl::StatusOr<std::string> value = server_.database().Connect().QueryValue(sql);
  INFO(value.status());
  REQUIRE(value.ok());
  return *value;
}

void TimeZoneDesk::Execute(const std::string& sql) const {
  const absl::Status done = server_.database().Connect().Execute(sql);
  INFO(done);
  REQUIRE(done.ok());
}

}  // namespace clinicd::testing
