// A whole server in the test's own process, on a database of its own.
#pragma once

#include <grpcpp/grpcpp.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "clinicd/appointments/v1/appointment_service.grpc.pb.h"
#include "clinicd/appointments/v1/calendar_feed_service.grpc.pb.h"
#include "clinicd/appointments/v1/diary_service.grpc.pb.h"
#include "clinicd/appointments/v1/resource_service.grpc.pb.h"
#include "clinicd/appointments/v1/schedule_service.grpc.pb.h"
#include "clinicd/appointments/v1/series_service.grpc.pb.h"
#include "clinicd/appointments/v1/visit_type_service.grpc.pb.h"
#include "clinicd/appointments/v1/waitlist_service.grpc.pb.h"
#include "clinicd/audit/v1/audit_log_service.grpc.pb.h"
#include "clinicd/audit/v1/audit_service.grpc.pb.h"
#include "clinicd/identity/v1/clinic_service.grpc.pb.h"
#include "clinicd/identity/v1/practitioner_service.grpc.pb.h"
#include "clinicd/identity/v1/session_service.grpc.pb.h"
#include "clinicd/identity/v1/user_service.grpc.pb.h"
#include "clinicd/patients/v1/patient_service.grpc.pb.h"
#include "clinicd/type/v1/error_reason.pb.h"
#include "common/auth/access_token.h"
#include "common/auth/key_ring.h"
#include "common/base/ids.h"
#include "common/log/logger.h"
#include "common/metrics/metrics.h"
#include "google/rpc/status.pb.h"
#include "services/server/application.h"
#include "tests/support/test_database.h"

namespace clinicd::testing {

using type::v1::ErrorReason;

// What a call gave.
template <typename Response>
struct Reply {
  grpc::Status status;
  Response response;

  bool ok() const { return status.ok(); }
  grpc::StatusCode code() const { return status.error_code(); }
  ErrorReason reason() const;
  // A value of ErrorInfo.metadata; empty when absent.
  std::string metadata(const std::string& key) const;
  // The fields that BadRequest names, in order.
  std::vector<std::string> fields() const;
};

google::rpc::Status DetailsOf(const grpc::Status& status);
ErrorReason ReasonOf(const grpc::Status& status);
std::string MetadataOf(const grpc::Status& status, const std::string& key);
std::vector<std::string> FieldsOf(const grpc::Status& status);

template <typename Response>
ErrorReason Reply<Response>::reason() const {
  return ReasonOf(status);
}
template <typename Response>
std::string Reply<Response>::metadata(const std::string& key) const {
  return MetadataOf(status, key);
}
template <typename Response>
std::vector<std::string> Reply<Response>::fields() const {
  return FieldsOf(status);
}

// A client of the server, signed in or not. Thread-safe.
class Client final {
 public:
  Client(std::shared_ptr<grpc::Channel> channel, std::string token);

  // Makes a unary call: client.Call(client.patients(), &PatientService::Stub::GetPatient, request).
  template <typename Stub, typename Request, typename Response>
  Reply<Response> Call(Stub& stub,
                       grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                    Response*),
                       const Request& request,
                       absl::Duration timeout = absl::Seconds(60)) const {
    grpc::ClientContext context;
    Prepare(context, timeout);
    Reply<Response> reply;
    reply.status = (stub.*method)(&context, request, &reply.response);
    return reply;
  }

  identity::v1::SessionService::Stub& sessions() const { return *sessions_; }
  identity::v1::ClinicService::Stub& clinics() const { return *clinics_; }
  identity::v1::UserService::Stub& users() const { return *users_; }
  identity::v1::PractitionerService::Stub& practitioners() const { return *practitioners_; }
  patients::v1::PatientService::Stub& patients() const { return *patients_; }
  appointments::v1::AppointmentService::Stub& appointments() const { return *appointments_; }
  appointments::v1::CalendarFeedService::Stub& calendar_feeds() const {
    return *calendar_feeds_;
  }
  appointments::v1::DiaryService::Stub& diaries() const { return *diaries_; }
  appointments::v1::ResourceService::Stub& resources() const { return *resources_; }
  appointments::v1::ScheduleService::Stub& schedules() const { return *schedules_; }
  appointments::v1::SeriesService::Stub& series() const { return *series_; }
  appointments::v1::VisitTypeService::Stub& visit_types() const { return *visit_types_; }
  appointments::v1::WaitlistService::Stub& waitlist() const { return *waitlist_; }
  audit::v1::AuditService::Stub& audit() const { return *audit_; }
  audit::v1::AuditLogService::Stub& audit_log() const { return *audit_log_; }

  const std::string& token() const { return token_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // Sets deadline and token.
  void Prepare(grpc::ClientContext& context, absl::Duration timeout = absl::Seconds(60)) const;

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::string token_;
  std::unique_ptr<identity::v1::SessionService::Stub> sessions_;
  std::unique_ptr<identity::v1::ClinicService::Stub> clinics_;
  std::unique_ptr<identity::v1::UserService::Stub> users_;
  std::unique_ptr<identity::v1::PractitionerService::Stub> practitioners_;
  std::unique_ptr<patients::v1::PatientService::Stub> patients_;
  std::unique_ptr<appointments::v1::AppointmentService::Stub> appointments_;
  std::unique_ptr<appointments::v1::CalendarFeedService::Stub> calendar_feeds_;
  std::unique_ptr<appointments::v1::DiaryService::Stub> diaries_;
  std::unique_ptr<appointments::v1::ResourceService::Stub> resources_;
  std::unique_ptr<appointments::v1::ScheduleService::Stub> schedules_;
  std::unique_ptr<appointments::v1::SeriesService::Stub> series_;
  std::unique_ptr<appointments::v1::VisitTypeService::Stub> visit_types_;
  std::unique_ptr<appointments::v1::WaitlistService::Stub> waitlist_;
  std::unique_ptr<audit::v1::AuditService::Stub> audit_;
  std::unique_ptr<audit::v1::AuditLogService::Stub> audit_log_;
};

// A clinic made for a test.
struct TestClinic {
  ClinicId id;
  std::string slug;
  std::string time_zone;
};

// A user made for a test, with a password of kTestPassword.
struct TestUser {
  TestClinic clinic;
  UserId id;
  std::string email;
  std::uint32_t role_bits = 0;
};

inline constexpr char kTestPassword[] = "a quiet morning at the desk";

// Starts the server on a Unix socket, as `clinicd serve` would. Ends the test run with a message if
// it cannot.
class TestServer final {
 public:
  struct Options {
    // Changes to what a server is normally started with.
    std::function<void(server::ApplicationOptions&)> adjust = {};
    // Serves this database, which outlives the server, instead of an own one: for several servers
    // on one database, and for restarts. Give the same key directory then.
    const TestDatabase* database = nullptr;
    std::filesystem::path key_directory = {};
    // Defaults to the machine's clock.
    const Clock* clock = nullptr;
  };

  TestServer() : TestServer(Options()) {}
  explicit TestServer(const Options& options);
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  // Adds a clinic, without the API.
  TestClinic AddClinic(const std::string& slug, const std::string& time_zone = "Europe/Madrid");
  // Adds a user with a password who can sign in, without the API. Hashes a password, so it takes
  // some 30 ms; SignedIn() does not.
  TestUser AddUserWithPassword(const TestClinic& clinic, const std::string& email,
                               const std::vector<identity::v1::Role>& roles);
  // Adds a user without a password.
  TestUser AddUser(const TestClinic& clinic, const std::vector<identity::v1::Role>& roles);
  // An access token as signing in would give, with a session of its own in the database.
  std::string TokenFor(const TestUser& user);
  // The same for a session that is in the database, and for rights of the given version.
  std::string TokenFor(const TestUser& user, SessionId session, std::int64_t epoch) const;

  // A client signed in as a new user with the roles.
  Client SignedIn(const TestClinic& clinic, const std::vector<identity::v1::Role>& roles);
  Client SignedInAs(const TestUser& user) { return Client(Channel(), TokenFor(user)); }
  // A client that is not signed in.
  Client Anonymous() { return Client(Channel(), ""); }

  // A connection of its own to the raw gRPC socket.
  std::shared_ptr<grpc::Channel> Channel() const;
  std::string target() const;

  const TestDatabase& database() const { return *database_; }
  const std::filesystem::path& key_directory() const { return key_directory_; }
  // Everything the server logged so far.
  std::string Log() const;
  metrics::Metrics& metrics() { return *metrics_; }
  server::Application& application() { return *application_; }
  const auth::KeyRing& keys() const { return *keys_; }
  Uuid NewUuid() const { return ids_.NewUuid(); }
  // A new request id.
  std::string RequestId() const { return ids_.NewUuid().ToString(); }

 private:
  void InsertMembership(const TestUser& user, const std::string& sealed_password);

  std::unique_ptr<TestDatabase> own_database_;
  const TestDatabase* database_;
  std::filesystem::path directory_;
  std::filesystem::path key_directory_;
  SystemClock system_clock_;
  const Clock& clock_;
  SystemRandom random_;
  IdSource ids_;
  std::unique_ptr<auth::KeyRing> keys_;
  std::unique_ptr<log::Logger> logger_;
  std::unique_ptr<metrics::Metrics> metrics_;
  std::unique_ptr<server::Application> application_;
};

}  // namespace clinicd::testing
