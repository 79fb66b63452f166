// Two clinics of the server's own, to try to get from one into the other. They hold nobody's data.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "db/admin/admin_connection.h"

namespace clinicd::db {

// The same ids in every database, so that nothing has to be looked for; the state of the row is
// what makes it a canary.
std::array<ClinicId, 2> CanaryClinicIds();

// The id of a clinic that is never made, whose rows nobody has.
ClinicId NoClinicId();

// Whether the clinic is one of the canaries.
bool IsCanaryClinic(const ClinicId& clinic);

// In their time zone all that they plan is planned.
inline constexpr char kCanaryTimeZone[] = "Europe/Lisbon";

// One of them. Works as the server's role in transactions of the clinic. Not thread-safe. Errors of
// all methods are those of the connection.
class CanaryClinic final {
 public:
  // `connection` is in no transaction and outlives the object.
  CanaryClinic(AdminConnection& connection, const ClinicId& clinic)
      : connection_(connection), clinic_(clinic) {}

  // Makes the clinic, and then in one transaction its rows, where they are missing.
  absl::Status Ensure();

  // Releases what calls have put under a legal hold, so that it keeps no month of anybody's events.
  absl::Status ReleaseHolds();

  const ClinicId& id() const { return clinic_; }
  std::string slug() const;
  // A word that occurs in all of its rows and nowhere else.
  std::string word() const;
  // Part of those values of it that are unique in a clinic. Not in `word`.
  std::string mark() const;
  // The id of the row that canary.sql calls `name`, such as "patient". For any clinic.
  std::string IdOf(std::string_view name) const;

  // A row whose unique value is `value`: "file_number" and "external_id" of patients, "external_id"
  // of practitioners, appointments, locations, resources and visit_types.
  absl::Status AddUnique(std::string_view table, const std::string& value);
  // A member with that folded e-mail address, who is `person` in all clinics.
  absl::Status AddMember(const std::string& email_key, const Uuid& person);

  // A patient, a practitioner and a chair who have all the time, and a hold of the caller's.
  struct Parties {
    std::string patient;
    std::string practitioner;
    std::string resource;
    std::string hold;
  };
  absl::StatusOr<Parties> AddParties();
  // A session of the caller's, for a day.
  absl::StatusOr<std::string> AddSession();

  // The version of a row, which its etag is made of.
  absl::StatusOr<std::int64_t> RowVersion(std::string_view table, const std::string& id);
  // The newest audit event; empty: none.
  absl::StatusOr<std::string> NewestEvent();

 private:
  absl::StatusOr<AdminConnection::Rows> Run(const std::string& sql,
                                            const AdminConnection::Row& values, bool keep);
  std::string Filled(std::string_view sql) const;

  AdminConnection& connection_;
  const ClinicId clinic_;
};

}  // namespace clinicd::db
