// Finds what somebody names on a command line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "clinicd/appointments/v1/appointment_service.grpc.pb.h"
#include "clinicd/appointments/v1/resource_service.grpc.pb.h"
#include "clinicd/appointments/v1/visit_type_service.grpc.pb.h"
#include "clinicd/identity/v1/practitioner_service.grpc.pb.h"
#include "clinicd/patients/v1/patient_service.grpc.pb.h"
#include "clinicd/sdk/session.h"

namespace clinicd::clinicctl {

template <typename Person>
std::string FullName(const Person& person) {
  return person.given_name() + " " + person.family_name();
}

inline std::string FullName(const appointments::v1::Location& location) { return location.name(); }
inline std::string FullName(const appointments::v1::Resource& resource) { return resource.name(); }
inline std::string FullName(const appointments::v1::VisitType& type) { return type.name(); }

// The end of an appointment's id, by which a day's appointments are told apart.
std::string ShortId(std::string_view id);

// A date as "2026-11-23", "today", "tomorrow" or "+7" days.
absl::StatusOr<absl::CivilDay> ParseDay(std::string_view text, absl::CivilDay today);

google::type::Date ToDate(absl::CivilDay day);

// By id, or by a search that finds one patient only.
absl::StatusOr<patients::v1::Patient> FindPatient(sdk::Session& session, const std::string& wanted);

// Who and what takes bookings, by id, by name, or by a part of the name that one only has, accents
// and case ignored.
absl::StatusOr<identity::v1::Practitioner> FindPractitioner(sdk::Session& session,
                                                            const std::string& wanted);
absl::StatusOr<appointments::v1::VisitType> FindVisitType(sdk::Session& session,
                                                          const std::string& wanted);
absl::StatusOr<appointments::v1::Resource> FindChair(sdk::Session& session,
                                                     const std::string& wanted);
absl::StatusOr<appointments::v1::Location> FindLocation(sdk::Session& session,
                                                        const std::string& wanted);

// By id, or by the end of the id of one of the day's appointments.
absl::StatusOr<appointments::v1::Appointment> FindAppointment(sdk::Session& session,
                                                              const std::string& wanted,
                                                              absl::CivilDay day);

// All appointments of a day.
absl::StatusOr<appointments::v1::ListAppointmentsResponse> ListDay(
    sdk::Session& session, const appointments::v1::ListAppointmentsRequest& request);

// All practitioners, those who take no bookings any more included.
absl::StatusOr<std::vector<identity::v1::Practitioner>> ListPractitioners(sdk::Session& session);

// All active locations, and all active resources of a kind or, where it is unspecified, of all.
absl::StatusOr<std::vector<appointments::v1::Location>> ListLocations(sdk::Session& session);
absl::StatusOr<std::vector<appointments::v1::Resource>> ListResources(
    sdk::Session& session, appointments::v1::ResourceKind kind);

}  // namespace clinicd::clinicctl
