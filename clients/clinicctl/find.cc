#include "clients/clinicctl/find.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/clinicctl/text.h"
#include "clinicd/sdk/pages.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/base/uuid.h"

namespace clinicd::clinicctl {
namespace {

using appointments::v1::Appointment;
using appointments::v1::AppointmentService;
using appointments::v1::ListAppointmentsRequest;
using appointments::v1::ListAppointmentsResponse;
using appointments::v1::ListLocationsResponse;
using appointments::v1::ListResourcesResponse;
using appointments::v1::ListVisitTypesResponse;
using appointments::v1::Location;
using appointments::v1::Resource;
using appointments::v1::ResourceKind;
using appointments::v1::ResourceService;
using appointments::v1::VisitType;
using appointments::v1::VisitTypeService;
using identity::v1::ListPractitionersResponse;
using identity::v1::Practitioner;
using identity::v1::PractitionerService;
using patients::v1::Patient;
using patients::v1::PatientService;

constexpr std::size_t kShortIdLength = 8;
constexpr std::size_t kShortIdMin = 4;

// The one of `found`, or an error that lists them.
template <typename Person>
absl::StatusOr<Person> OnlyOne(const std::vector<Person>& found, const std::string& kind,
                               const std::string& wanted) {
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return absl::NotFoundError(absl::StrCat("No ", kind, " is called '", wanted, "'."));
  }
  std::string text = absl::StrCat("More than one ", kind, " is called '", wanted, "'; give an id:");
  for (const Person& one : found) {
    absl::StrAppend(&text, " ", FullName(one), " ", one.id(), ";");
  }
  return absl::InvalidArgumentError(text);
}

// The active one of `all` that is meant: a whole name goes before a part, so that "Chair 1" is not
// "Chair 10".
template <typename Row>
absl::StatusOr<Row> FindNamed(const std::vector<Row>& all, const std::string& kind,
                              const std::string& wanted) {
  const std::string part = Folded(wanted);
  std::vector<Row> whole;
  std::vector<Row> partly;
  for (const Row& one : all) {
    if (one.id() == wanted) return one;
    if (!one.active()) continue;
    const std::string name = Folded(FullName(one));
    if (name == part) whole.push_back(one);
    if (name.find(part) != std::string::npos) partly.push_back(one);
  }
  return OnlyOne(whole.empty() ? partly : whole, kind, wanted);
}

}  // namespace

std::string ShortId(std::string_view id) {
  return std::string(id.substr(id.size() - std::min(id.size(), kShortIdLength)));
}

absl::StatusOr<absl::CivilDay> ParseDay(std::string_view text, absl::CivilDay today) {
  if (text.empty() || text == "today") return today;
  if (text == "tomorrow") return today + 1;
  int days = 0;
  if (text.front() == '+' && absl::SimpleAtoi(ToAbsl(text.substr(1)), &days)) return today + days;
  absl::CivilDay day;
  if (absl::ParseCivilTime(ToAbsl(text), &day)) return day;
  return absl::InvalidArgumentError(absl::StrCat(
      "'", std::string(text), "' is no date; write 2026-11-23, today, tomorrow or +7."));
}

google::type::Date ToDate(absl::CivilDay day) {
  google::type::Date date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

absl::StatusOr<Patient> FindPatient(sdk::Session& session, const std::string& wanted) {
  const auto stub = PatientService::NewStub(session.channel());
  if (Uuid::Parse(wanted)) {
    patients::v1::GetPatientRequest request;
    request.set_id(wanted);
    return session.Call(*stub, &PatientService::Stub::GetPatient, request);
  }
  patients::v1::SearchPatientsRequest request;
  request.set_query(wanted);
  request.set_page_size(10);
  CLINICD_ASSIGN_OR_RETURN(const patients::v1::SearchPatientsResponse found,
                           session.Call(*stub, &PatientService::Stub::SearchPatients, request));
  return OnlyOne(std::vector<Patient>(found.patients().begin(), found.patients().end()), "patient",
                 wanted);
}

absl::StatusOr<std::vector<Practitioner>> ListPractitioners(sdk::Session& session) {
  const auto stub = PractitionerService::NewStub(session.channel());
  identity::v1::ListPractitionersRequest request;
  request.set_show_inactive(true);
  request.set_page_size(200);
  std::vector<Practitioner> all;
  CLINICD_RETURN_IF_ERROR(sdk::ForEachRow(
      session, *stub, &PractitionerService::Stub::ListPractitioners, request,
      &ListPractitionersResponse::practitioners, [&](const Practitioner& practitioner) {
        all.push_back(practitioner);
        return true;
      }));
  return all;
}

absl::StatusOr<Practitioner> FindPractitioner(sdk::Session& session, const std::string& wanted) {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<Practitioner> all, ListPractitioners(session));
  return FindNamed(all, "practitioner", wanted);
}

absl::StatusOr<VisitType> FindVisitType(sdk::Session& session, const std::string& wanted) {
  const auto stub = VisitTypeService::NewStub(session.channel());
  appointments::v1::ListVisitTypesRequest request;
  request.set_page_size(200);
  std::vector<VisitType> all;
  CLINICD_RETURN_IF_ERROR(sdk::ForEachRow(session, *stub, &VisitTypeService::Stub::ListVisitTypes,
                                          request, &ListVisitTypesResponse::visit_types,
                                          [&](const VisitType& type) {
                                            all.push_back(type);
                                            return true;
                                          }));
  return FindNamed(all, "visit type", wanted);
}

absl::StatusOr<std::vector<Resource>> ListResources(sdk::Session& session, ResourceKind kind) {
  const auto stub = ResourceService::NewStub(session.channel());
  appointments::v1::ListResourcesRequest request;
  request.set_kind(kind);
  request.set_page_size(200);
  std::vector<Resource> all;
  CLINICD_RETURN_IF_ERROR(sdk::ForEachRow(session, *stub, &ResourceService::Stub::ListResources,
                                          request, &ListResourcesResponse::resources,
                                          [&](const Resource& resource) {
                                            all.push_back(resource);
                                            return true;
                                          }));
  return all;
}

absl::StatusOr<Resource> FindChair(sdk::Session& session, const std::string& wanted) {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<Resource> all,
                           ListResources(session, appointments::v1::RESOURCE_KIND_CHAIR));
  return FindNamed(all, "chair", wanted);
}

absl::StatusOr<std::vector<Location>> ListLocations(sdk::Session& session) {
  const auto stub = ResourceService::NewStub(session.channel());
  appointments::v1::ListLocationsRequest request;
  request.set_page_size(200);
  std::vector<Location> all;
  CLINICD_RETURN_IF_ERROR(sdk::ForEachRow(session, *stub, &ResourceService::Stub::ListLocations,
                                          request, &ListLocationsResponse::locations,
                                          [&](const Location& location) {
                                            all.push_back(location);
                                            return true;
                                          }));
  return all;
}

absl::StatusOr<Location> FindLocation(sdk::Session& session, const std::string& wanted) {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<Location> all, ListLocations(session));
  return FindNamed(all, "location", wanted);
}

absl::StatusOr<ListAppointmentsResponse> ListDay(sdk::Session& session,
                                                 const ListAppointmentsRequest& request) {
  const auto stub = AppointmentService::NewStub(session.channel());
  ListAppointmentsResponse all;
  CLINICD_RETURN_IF_ERROR(
      sdk::ForEachRow(session, *stub, &AppointmentService::Stub::ListAppointments, request,
                      &ListAppointmentsResponse::appointments, [&](const Appointment& one) {
                        *all.add_appointments() = one;
                        return true;
                      }));
  return all;
}

absl::StatusOr<Appointment> FindAppointment(sdk::Session& session, const std::string& wanted,
                                            absl::CivilDay day) {
  if (Uuid::Parse(wanted)) {
    const auto stub = AppointmentService::NewStub(session.channel());
    appointments::v1::GetAppointmentRequest request;
    request.set_id(wanted);
    return session.Call(*stub, &AppointmentService::Stub::GetAppointment, request);
  }
  if (wanted.size() < kShortIdMin) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", wanted, "' is too short for an id; clinicctl day prints them."));
  }
  ListAppointmentsRequest request;
  *request.mutable_date() = ToDate(day);
  request.set_show_cancelled(true);
  CLINICD_ASSIGN_OR_RETURN(const ListAppointmentsResponse all, ListDay(session, request));
  std::vector<Appointment> found;
  for (const Appointment& one : all.appointments()) {
    if (one.id().ends_with(wanted)) found.push_back(one);
  }
  if (found.size() == 1) return found.front();
  const std::string on = absl::StrCat(" on ", absl::FormatCivilTime(day));
  return found.empty()
             ? absl::NotFoundError(absl::StrCat("No appointment", on, " has an id that ends in '",
                                                wanted, "'; name its day with --date."))
             : absl::InvalidArgumentError(absl::StrCat("More than one appointment", on,
                                                       " ends in '", wanted, "'; give the id."));
}

}  // namespace clinicd::clinicctl
