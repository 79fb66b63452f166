// One day of the diary, as it is known here and now.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "clinicd/appointments/v1/appointment_service.pb.h"
#include "clinicd/identity/v1/practitioner_service.pb.h"

namespace clinicd::clinicctl {

// What a table of a day is headed by, and the zone of its times.
struct DayHeading {
  std::string clinic = {};
  absl::CivilDay day = {};
  absl::TimeZone zone = {};
};

// Keeps the appointments of a day up to date with the events of a watch, and prints them.
class DayBoard final {
 public:
  DayBoard(DayHeading heading, std::vector<identity::v1::Practitioner> practitioners)
      : heading_(std::move(heading)), practitioners_(std::move(practitioners)) {}

  void Put(const appointments::v1::Appointment& appointment);
  // True if the day is complete and has changed. Events may come twice.
  bool Apply(const appointments::v1::WatchDayEvent& event);

  bool Has(const std::string& appointment_id) const {
    return appointments_.contains(appointment_id);
  }
  // What to know of patients first, by appointment; nullopt: the caller may not know.
  void SetAlerts(std::optional<std::map<std::string, std::string>> alerts) {
    alerts_ = std::move(alerts);
  }
  // The names of visit types by id.
  void SetVisitTypes(std::map<std::string, std::string> names) {
    visit_type_names_ = std::move(names);
  }

  // The table, practitioner by practitioner, in the clinic's time.
  std::string Table() const;
  // What an event changed, in one line; empty if nothing that one should know.
  std::string Line(const appointments::v1::WatchDayEvent& event) const;

 private:
  // What is last in the line of an appointment.
  std::string Remark(const appointments::v1::Appointment& appointment) const;
  std::string PractitionerName(const std::string& id) const;
  std::vector<std::string> Cells(const appointments::v1::Appointment& appointment) const;

  const DayHeading heading_;
  const std::vector<identity::v1::Practitioner> practitioners_;
  std::map<std::string, appointments::v1::Appointment> appointments_;
  std::optional<std::map<std::string, std::string>> alerts_ = std::map<std::string, std::string>();
  std::map<std::string, std::string> visit_type_names_;
  // The parts of a snapshot that is not complete.
  std::map<std::string, appointments::v1::Appointment> arriving_;
};

}  // namespace clinicd::clinicctl
