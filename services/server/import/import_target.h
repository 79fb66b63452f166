// Where imported rows go.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clinicd/appointments/v1/appointment_service.grpc.pb.h"
#include "clinicd/appointments/v1/resource_service.grpc.pb.h"
#include "clinicd/appointments/v1/schedule_service.grpc.pb.h"
#include "clinicd/identity/v1/practitioner_service.grpc.pb.h"
#include "clinicd/patients/v1/patient_service.grpc.pb.h"
#include "clinicd/sdk/session.h"

namespace clinicd::importer {

// The methods that an import calls. Each Create returns the new id; errors are the server's, with
// their reasons. Thread-safe.
class ImportTarget {
 public:
  virtual ~ImportTarget() = default;
  // The time zone that the clinic works in.
  virtual absl::StatusOr<absl::TimeZone> ClinicTimeZone() = 0;
  virtual absl::StatusOr<std::string> Create(const appointments::v1::Location& location) = 0;
  virtual absl::StatusOr<std::string> Create(const identity::v1::Practitioner& practitioner) = 0;
  // Has a practitioner work at a location at any time. Who has hours keeps them.
  virtual absl::Status PlaceAt(const std::string& location_id,
                               const std::string& practitioner_id) = 0;
  virtual absl::StatusOr<std::string> Create(const patients::v1::Patient& patient) = 0;
  virtual absl::StatusOr<std::string> Create(const appointments::v1::Appointment& appointment) = 0;
};

// The clinic of a session, through the API.
class ApiTarget final : public ImportTarget {
 public:
  // `session` must outlive it.
  explicit ApiTarget(sdk::Session& session);

  absl::StatusOr<absl::TimeZone> ClinicTimeZone() override;
  absl::StatusOr<std::string> Create(const appointments::v1::Location& location) override;
  absl::StatusOr<std::string> Create(const identity::v1::Practitioner& practitioner) override;
  absl::Status PlaceAt(const std::string& location_id, const std::string& practitioner_id) override;
  absl::StatusOr<std::string> Create(const patients::v1::Patient& patient) override;
  absl::StatusOr<std::string> Create(const appointments::v1::Appointment& appointment) override;

 private:
  sdk::Session& session_;
  const std::unique_ptr<appointments::v1::ResourceService::Stub> resources_;
  const std::unique_ptr<appointments::v1::ScheduleService::Stub> schedules_;
  const std::unique_ptr<identity::v1::PractitionerService::Stub> practitioners_;
  const std::unique_ptr<patients::v1::PatientService::Stub> patients_;
  const std::unique_ptr<appointments::v1::AppointmentService::Stub> appointments_;
};

}  // namespace clinicd::importer
