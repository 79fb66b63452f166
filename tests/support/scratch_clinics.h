// Clinics without a server: for tests of what stands between handlers and the database.
#pragma once

#include <memory>

#include "absl/time/clock.h"
#include "common/base/ids.h"
#include "db/access/connection.h"
#include "db/access/tenant_tx.h"
#include "tests/support/test_database.h"

namespace clinicd::testing {

// A database and a connection to it as the application has one. Ends the process with a message if
// there is none. Not thread-safe.
class ScratchClinics final {
 public:
  ScratchClinics();

  ClinicId AddClinic();
  PatientId AddPatient(ClinicId clinic);
  PractitionerId AddPractitioner(ClinicId clinic);
  ResourceId AddChair(ClinicId clinic);
  // Somebody who works there, as an owner.
  UserId AddMember(ClinicId clinic);

  // A transaction of the clinic. One at a time.
  db::TenantTx Transaction(ClinicId clinic) {
    return db::TenantTx(*connection_, {.clinic = clinic});
  }

  const TestDatabase& database() const { return database_; }
  const IdSource& ids() const { return ids_; }

 private:
  void Insert(const std::string& sql, const db::AdminConnection::Row& values);

  TestDatabase database_;
  db::AdminConnection superuser_;
  std::unique_ptr<db::Connection> connection_;
  SystemClock clock_;
  SystemRandom random_;
  IdSource ids_;
};

}  // namespace clinicd::testing
