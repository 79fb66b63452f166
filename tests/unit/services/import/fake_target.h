// A clinic in memory, with the rules of the server that matter to an import.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/status/error.h"
#include "services/server/import/import_target.h"

namespace clinicd::importer::testing {

// Keeps one record for each external id. Thread-safe.
class FakeTarget final : public ImportTarget {
 public:
  using ErrorReason = type::v1::ErrorReason;

  absl::StatusOr<absl::TimeZone> ClinicTimeZone() override {
    absl::TimeZone zone;
    absl::LoadTimeZone("Europe/Madrid", &zone);
    return zone;
  }
  absl::StatusOr<std::string> Create(const appointments::v1::Location& location) override {
    const absl::MutexLock lock(&mutex_);
    return Keep(locations_, location, ErrorReason::LOCATION_EXTERNAL_ID_TAKEN);
  }
  // Whoever has a place keeps it.
  absl::Status PlaceAt(const std::string& location_id,
                       const std::string& practitioner_id) override {
    const absl::MutexLock lock(&mutex_);
    if (placement_failure_) return *placement_failure_;
    places_.emplace(practitioner_id, location_id);
    return absl::OkStatus();
  }
  absl::StatusOr<std::string> Create(const identity::v1::Practitioner& practitioner) override {
    const absl::MutexLock lock(&mutex_);
    return Keep(practitioners_, practitioner, ErrorReason::PRACTITIONER_EXTERNAL_ID_TAKEN);
  }
  absl::StatusOr<std::string> Create(const patients::v1::Patient& patient) override {
    const absl::MutexLock lock(&mutex_);
    return Keep(patients_, patient, ErrorReason::PATIENT_EXTERNAL_ID_TAKEN);
  }
  // A practitioner has one appointment for each start.
  absl::StatusOr<std::string> Create(const appointments::v1::Appointment& appointment) override {
    const absl::MutexLock lock(&mutex_);
    if (failure_) return *failure_;
    for (const auto& [id, other] : appointments_) {
      if (id != appointment.external_id() &&
          other.practitioner_id() == appointment.practitioner_id() &&
          other.local_start() == appointment.local_start()) {
        return status::Error(absl::StatusCode::kFailedPrecondition,
                             ErrorReason::APPOINTMENT_SLOT_TAKEN, "Taken.")
            .ToStatus();
      }
    }
    return Keep(appointments_, appointment, ErrorReason::APPOINTMENT_EXTERNAL_ID_TAKEN);
  }

  // From then on, appointments are answered with this.
  void FailAppointments(absl::Status failure) { failure_ = std::move(failure); }

  // From then on, placements are answered with this, or taken if there is none.
  void FailPlacements(std::optional<absl::Status> failure) {
    placement_failure_ = std::move(failure);
  }

  // The location of each practitioner, by id.
  const std::map<std::string, std::string>& places() const { return places_; }
  // By external id.
  const std::map<std::string, appointments::v1::Location>& locations() const { return locations_; }
  const std::map<std::string, identity::v1::Practitioner>& practitioners() const {
    return practitioners_;
  }
  const std::map<std::string, patients::v1::Patient>& patients() const { return patients_; }
  const std::map<std::string, appointments::v1::Appointment>& appointments() const {
    return appointments_;
  }

 private:
  template <typename Record>
  static absl::StatusOr<std::string> Keep(std::map<std::string, Record>& records,
                                          const Record& record, ErrorReason taken) {
    const std::string id = absl::StrCat("id-of-", record.external_id());
    if (!records.emplace(record.external_id(), record).second) {
      return status::Error(absl::StatusCode::kAlreadyExists, taken, "Taken.")
          .With("id", id)
          .ToStatus();
    }
    return id;
  }

  absl::Mutex mutex_;
  std::optional<absl::Status> failure_;
  std::optional<absl::Status> placement_failure_;
  std::map<std::string, std::string> places_;
  std::map<std::string, appointments::v1::Location> locations_;
  std::map<std::string, identity::v1::Practitioner> practitioners_;
  std::map<std::string, patients::v1::Patient> patients_;
  std::map<std::string, appointments::v1::Appointment> appointments_;
};

}  // namespace clinicd::importer::testing
