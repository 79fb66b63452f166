#include "clients/clinicctl/day_board.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "clients/clinicctl/find.h"
#include "clients/clinicctl/text.h"

namespace clinicd::clinicctl {
namespace {

using appointments::v1::Appointment;
using appointments::v1::WatchDayEvent;

absl::Time StartOf(const Appointment& appointment) {
  return absl::FromUnixSeconds(appointment.start_time().seconds());
}

std::string StateOf(const Appointment& appointment) {
  const std::string name = Appointment::State_Name(appointment.state());
  return Folded(name.substr(std::min(name.size(), std::string("STATE_").size())));
}

bool IsBefore(const Appointment* left, const Appointment* right) {
  return std::make_tuple(StartOf(*left), left->id()) <
         std::make_tuple(StartOf(*right), right->id());
}

std::string Counted(std::size_t count) {
  return count == 0   ? "nothing booked"
         : count == 1 ? "1 appointment"
                      : absl::StrCat(count, " appointments");
}

// Empty: there is none.
std::string TextAt(const std::map<std::string, std::string>& texts, const std::string& id) {
  const auto found = texts.find(id);
  return found == texts.end() ? "" : found->second;
}

}  // namespace

void DayBoard::Put(const Appointment& appointment) {
  appointments_[appointment.id()] = appointment;
}

bool DayBoard::Apply(const WatchDayEvent& event) {
  switch (event.event_case()) {
    case WatchDayEvent::kSnapshot:
      if (event.snapshot().first()) arriving_.clear();
      for (const Appointment& one : event.snapshot().appointments()) arriving_[one.id()] = one;
      if (!event.snapshot().last()) return false;
      appointments_ = std::exchange(arriving_, {});
      return true;
    case WatchDayEvent::kUpsert:
      Put(event.upsert());
      return true;
    case WatchDayEvent::kRemove:
      return appointments_.erase(event.remove().id()) > 0;
    default:
      return false;
  }
}

std::string DayBoard::PractitionerName(const std::string& id) const {
  for (const identity::v1::Practitioner& one : practitioners_) {
    if (one.id() == id) return Printable(FullName(one));
  }
  return absl::StrCat("practitioner ", ShortId(id));
}

std::vector<std::string> DayBoard::Cells(const Appointment& appointment) const {
  const std::string patient =
      absl::StrCat(appointment.patient_given_name(), " ", appointment.patient_family_name());
  return {absl::FormatTime("%H:%M", StartOf(appointment), heading_.zone),
          absl::StrCat(appointment.duration_minutes(), " min"),
          StateOf(appointment),
          Printable(patient),
          ShortId(appointment.id()),
          Remark(appointment)};
}

std::string DayBoard::Remark(const Appointment& appointment) const {
  std::vector<std::string> parts;
  const auto add = [&parts](const char* mark, const std::string& text) {
    if (!text.empty()) parts.push_back(absl::StrCat(mark, Printable(text)));
  };
  if (alerts_) add("! ", TextAt(*alerts_, appointment.id()));
  add("", TextAt(visit_type_names_, appointment.visit_type_id()));
  add("", appointment.reason());
  return absl::StrJoin(parts, "; ");
}

std::string DayBoard::Table() const {
  std::map<std::string, std::vector<const Appointment*>> by_practitioner;
  for (const identity::v1::Practitioner& one : practitioners_) {
    if (one.active()) by_practitioner[one.id()];
  }
  for (const auto& [id, one] : appointments_) {
    by_practitioner[one.practitioner_id()].push_back(&one);
  }
  std::vector<std::pair<std::string, std::vector<const Appointment*>>> columns;
  for (auto& [id, rows] : by_practitioner) {
    std::sort(rows.begin(), rows.end(), IsBefore);
    columns.emplace_back(PractitionerName(id), std::move(rows));
  }
  std::sort(columns.begin(), columns.end(), [](const auto& left, const auto& right) {
    return Folded(left.first) < Folded(right.first);
  });

  std::string text = absl::StrCat(
      Printable(heading_.clinic), ", ",
      absl::FormatTime("%A %e %B %Y", absl::FromCivil(heading_.day, heading_.zone), heading_.zone),
      " (", heading_.zone.name(), ")\n",
      // Nobody should take it for "none".
      alerts_ ? "" : "Alerts of patients are not shown to you.\n");
  for (const auto& [name, rows] : columns) {
    absl::StrAppend(&text, "\n", name, ": ", Counted(rows.size()), "\n");
    std::vector<std::vector<std::string>> cells;
    for (const Appointment* one : rows) cells.push_back(Cells(*one));
    absl::StrAppend(&text, Aligned(cells, "  "));
  }
  return text;
}

std::string DayBoard::Line(const WatchDayEvent& event) const {
  if (event.has_upsert()) {
    std::vector<std::string> cells = Cells(event.upsert());
    cells.insert(cells.begin() + 1, PractitionerName(event.upsert().practitioner_id()));
    return Aligned({cells}, "");
  }
  if (event.has_remove()) return absl::StrCat("gone   ", ShortId(event.remove().id()), "\n");
  return "";
}

}  // namespace clinicd::clinicctl
