// A clinic at work, seen from its front desk.
#pragma once

#include <string>
#include <vector>

#include "tests/support/test_server.h"

namespace clinicd::testing {

// A patient as a person at the desk enters one; particulars that must be unique are left out.
patients::v1::Patient PatientForm(const std::string& given_name = "Ana",
                                  const std::string& family_name = "Li");

// An appointment of 30 minutes.
appointments::v1::Appointment AppointmentForm(const std::string& patient_id,
                                              const std::string& practitioner_id,
                                              const std::string& local_start);

// The desk of a new clinic. Every change is called under a new request id.
class FrontDesk final {
 public:
  // Adds a clinic and signs a receptionist in.
  FrontDesk(TestServer& server, const std::string& slug,
            const std::string& time_zone = "Europe/Madrid");

  const TestClinic& clinic() const { return clinic_; }
  const Client& client() const { return client_; }

  Reply<patients::v1::Patient> Register(const patients::v1::Patient& form) const;
  // Registers somebody who must be welcome; the id.
  std::string RegisteredPatient(const std::string& given_name = "Ana",
                                const std::string& family_name = "Li") const;
  Reply<patients::v1::Patient> GetPatient(const std::string& id) const;
  Reply<patients::v1::Patient> Update(const patients::v1::Patient& patient,
                                      const std::vector<std::string>& fields) const;
  // The family names of all patients who are found.
  std::vector<std::string> Found(const std::string& query) const;

  // Without the API.
  std::string AddPractitioner(bool active = true) const;

  Reply<appointments::v1::Appointment> Book(const appointments::v1::Appointment& form) const;
  // Books what must be free.
  appointments::v1::Appointment Booked(const appointments::v1::Appointment& form) const;
  Reply<appointments::v1::Appointment> GetAppointment(const std::string& id) const;
  Reply<appointments::v1::Appointment> Cancel(const std::string& id,
                                              const std::string& etag = "") const;
  Reply<appointments::v1::Appointment> CheckIn(const std::string& id,
                                               const std::string& etag = "") const;
  Reply<appointments::v1::ListAppointmentsResponse> Day(int year, int month, int day,
                                                        const std::string& practitioner_id = "",
                                                        bool show_cancelled = false) const;

  // The trail of the clinic, newest first, as its owner sees it.
  std::vector<audit::v1::Event> Trail(audit::v1::ListEventsRequest request = {}) const;

 private:
  TestServer& server_;
  TestClinic clinic_;
  Client client_;
  Client owner_;
};

}  // namespace clinicd::testing
