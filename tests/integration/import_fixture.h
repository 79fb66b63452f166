// A clinic that is imported into.
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "services/server/import/importer.h"
#include "tests/support/test_server.h"

namespace clinicd::testing {

// A server with one clinic, in Madrid, and users who can sign in.
class ImportFixture final {
 public:
  ImportFixture() : clinic_(server_.AddClinic("clinic")) {}

  std::unique_ptr<sdk::Session> SignIn(identity::v1::Role role) {
    const std::string email = "someone@clinic.example";
    server_.AddUserWithPassword(clinic_, email, {role});
    auto session = sdk::Session::SignIn(
        server_.Channel(), {.clinic_slug = "clinic", .email = email, .password = kTestPassword});
    INFO(session.status().ToString());
    REQUIRE(session.ok());
    return *std::move(session);
  }

  importer::ImportResult Import(sdk::Session& session, const std::string& directory,
                                bool dry_run = false) {
    std::ostringstream out;
    Progress progress(out, Progress::Style::kNone, clock_);
    importer::ApiTarget target(session);
    return importer::ImportSynthea({.directory = directory, .dry_run = dry_run}, target, clock_,
                                   progress);
  }

  // Rows of locations, practitioners, patients and appointments.
  std::vector<std::string> Counts() const {
    std::vector<std::string> counts;
    for (const std::string table : {"locations", "practitioners", "patients", "appointments"}) {
      const auto count =
          server_.database().Connect().QueryValue("SELECT count(*) FROM clinicd." + table);
      REQUIRE(count.ok());
      counts.push_back(*count);
    }
    return counts;
  }

  TestServer& server() { return server_; }

 private:
  TestServer server_;
  TestClinic clinic_;
  SystemClock clock_;
};

// Rows refused, by file and reason: "encounters APPOINTMENT_SLOT_TAKEN".
inline std::map<std::string, int> ReasonsOf(const importer::ImportReport& report) {
  std::map<std::string, int> reasons;
  for (const importer::RefusedRow& row : report.refused) {
    ++reasons[std::string(importer::NameOf(row.file)) + " " + row.refusal.reason];
  }
  return reasons;
}

}  // namespace clinicd::testing
