#include "tests/support/test_server.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/auth/password_hasher.h"
#include "google/rpc/error_details.pb.h"

namespace clinicd::testing {
namespace {

constexpr absl::Duration kTokenLifetime = absl::Minutes(10);

[[noreturn]] void Give(std::string_view what, const absl::Status& status) {
  std::fprintf(stderr, "test server: %s: %s\n", std::string(what).c_str(),
               status.ToString().c_str());
  std::abort();
}

template <typename T>
T Must(std::string_view what, absl::StatusOr<T> result) {
  if (!result.ok()) Give(what, result.status());
  return *std::move(result);
}

std::filesystem::path NewDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "clinicd-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) Give("temporary directory", absl::UnknownError("mkdtemp"));
  return pattern;
}

// "ROLE_BILLING_CLERK" is "billing_clerk" in the database.
std::string DatabaseName(identity::v1::Role role) {
  std::string name = identity::v1::Role_Name(role).substr(std::string("ROLE_").size());
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

std::uint32_t Bits(const std::vector<identity::v1::Role>& roles) {
  std::uint32_t bits = 0;
  for (const identity::v1::Role role : roles) bits |= 1u << role;
  return bits;
}

}  // namespace

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  return details;
}

ErrorReason ReasonOf(const grpc::Status& status) {
  ErrorReason reason = ErrorReason::ERROR_REASON_UNSPECIFIED;
  google::rpc::ErrorInfo info;
  const google::rpc::Status details = DetailsOf(status);
  for (const auto& detail : details.details()) {
    if (detail.UnpackTo(&info)) type::v1::ErrorReason_Parse(info.reason(), &reason);
  }
  return reason;
}

std::string MetadataOf(const grpc::Status& status, const std::string& key) {
  google::rpc::ErrorInfo info;
  const google::rpc::Status details = DetailsOf(status);
  for (const auto& detail : details.details()) {
    if (detail.UnpackTo(&info) && info.metadata().contains(key)) return info.metadata().at(key);
  }
  return "";
}

std::vector<std::string> FieldsOf(const grpc::Status& status) {
  std::vector<std::string> fields;
  google::rpc::BadRequest bad;
  const google::rpc::Status details = DetailsOf(status);
  for (const auto& detail : details.details()) {
    if (!detail.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) fields.push_back(violation.field());
  }
  return fields;
}

Client::Client(std::shared_ptr<grpc::Channel> channel, std::string token)
    : channel_(std::move(channel)),
      token_(std::move(token)),
      sessions_(identity::v1::SessionService::NewStub(channel_)),
      clinics_(identity::v1::ClinicService::NewStub(channel_)),
      users_(identity::v1::UserService::NewStub(channel_)),
      practitioners_(identity::v1::PractitionerService::NewStub(channel_)),
      patients_(patients::v1::PatientService::NewStub(channel_)),
      appointments_(appointments::v1::AppointmentService::NewStub(channel_)),
      calendar_feeds_(appointments::v1::CalendarFeedService::NewStub(channel_)),
      diaries_(appointments::v1::DiaryService::NewStub(channel_)),
      resources_(appointments::v1::ResourceService::NewStub(channel_)),
      schedules_(appointments::v1::ScheduleService::NewStub(channel_)),
      series_(appointments::v1::SeriesService::NewStub(channel_)),
      visit_types_(appointments::v1::VisitTypeService::NewStub(channel_)),
      waitlist_(appointments::v1::WaitlistService::NewStub(channel_)),
      audit_(audit::v1::AuditService::NewStub(channel_)),
      audit_log_(audit::v1::AuditLogService::NewStub(channel_)) {}

void Client::Prepare(grpc::ClientContext& context, absl::Duration timeout) const {
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  if (!token_.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", token_));
}

TestServer::TestServer(const Options& options)
    : own_database_(options.database == nullptr ? std::make_unique<TestDatabase>() : nullptr),
      database_(options.database == nullptr ? own_database_.get() : options.database),
      directory_(NewDirectory()),
      key_directory_(options.key_directory.empty() ? directory_ / "keys" : options.key_directory),
      clock_(options.clock == nullptr ? system_clock_ : *options.clock),
      ids_(clock_, random_) {
  Must("keys", auth::KeyRing::CreateMissing(key_directory_.string(), random_));
  keys_ = std::make_unique<auth::KeyRing>(Must("keys", auth::KeyRing::Load(key_directory_.string())));
  logger_ = Must("log", log::Logger::Open(log::Level::kDebug, (directory_ / "log").string(),
                                          system_clock_));
  metrics_ = std::make_unique<metrics::Metrics>("test");
  server::ApplicationOptions application;
  application.app_conninfo = database_->app();
  application.auth_conninfo = database_->auth();
  application.key_directory = key_directory_.string();
  application.listeners.socket = directory_ / "grpc";
  application.workers = 4;
  if (options.adjust) options.adjust(application);
  application_ = Must("start", server::Application::Start(
                                   application, {clock_, random_, *logger_, *metrics_}));
}

TestServer::~TestServer() {
  application_.reset();
  std::error_code error;
  std::filesystem::remove_all(directory_, error);
}

std::string TestServer::target() const {
  return absl::StrCat("unix:", (directory_ / "grpc").string());
}

std::shared_ptr<grpc::Channel> TestServer::Channel() const {
  grpc::ChannelArguments arguments;
  // A connection of its own, as another process would have.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(target(), grpc::InsecureChannelCredentials(), arguments);
}

std::string TestServer::Log() const {
  std::ifstream file(directory_ / "log");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TestClinic TestServer::AddClinic(const std::string& slug, const std::string& time_zone) {
  const TestClinic clinic{ids_.New<ClinicId>(), slug, time_zone};
  Must("clinic", database_->Connect().Query(
                     "INSERT INTO clinicd.clinics (id, slug, name, country_code, time_zone, "
                     "currency_code, locale, state) "
                     "VALUES ($1, $2, $2, 'ES', $3, 'EUR', 'es-ES', 'active')",
                     {clinic.id.ToString(), slug, time_zone}));
  return clinic;
}

void TestServer::InsertMembership(const TestUser& user, const std::string& sealed_password) {
  std::vector<std::string> roles;
  for (int role = identity::v1::Role_MIN; role <= identity::v1::Role_MAX; ++role) {
    if ((user.role_bits >> role & 1u) != 0) {
      roles.push_back(DatabaseName(static_cast<identity::v1::Role>(role)));
    }
  }
  auto connection = database_->Connect();
  const std::string person = ids_.NewUuid().ToString();
  Must("person", connection.Query("INSERT INTO clinicd.users (id, email_key) VALUES ($1, $2)",
                                  {person, absl::StrCat(user.clinic.slug, "/", user.email)}));
  const std::string hex = absl::BytesToHexString(sealed_password);
  Must("user", connection.Query(
                   "INSERT INTO clinicd.memberships (clinic_id, id, user_id, email, email_key, "
                   "given_name, family_name, roles, password_ct, password_set_at) "
                   "VALUES ($1, $2, $3, $4, $4, 'Test', 'User', string_to_array($5, ','), "
                   "CASE WHEN $6 = '' THEN NULL ELSE decode($6, 'hex') END, "
                   "CASE WHEN $6 = '' THEN NULL ELSE now() END)",
                   {user.clinic.id.ToString(), user.id.ToString(), person, user.email,
                    absl::StrJoin(roles, ","), hex}));
}

TestUser TestServer::AddUserWithPassword(const TestClinic& clinic, const std::string& email,
                                         const std::vector<identity::v1::Role>& roles) {
  const TestUser user{clinic, ids_.New<UserId>(), email, Bits(roles)};
  const auto hasher =
      Must("hasher", auth::PasswordHasher::Create({}, keys_->pepper(), random_, system_clock_));
  InsertMembership(user, Must("hash", hasher->Hash(kTestPassword, {clinic.id, user.id},
                                                   absl::InfiniteFuture())));
  return user;
}

TestUser TestServer::AddUser(const TestClinic& clinic,
                             const std::vector<identity::v1::Role>& roles) {
  const UserId id = ids_.New<UserId>();
  const TestUser user{clinic, id, absl::StrCat(id.ToString(), "@", clinic.slug, ".example"),
                      Bits(roles)};
  InsertMembership(user, "");
  return user;
}

std::string TestServer::TokenFor(const TestUser& user) {
  const SessionId session = ids_.New<SessionId>();
  Must("session", database_->Connect().Query(
                      "INSERT INTO clinicd.sessions (clinic_id, id, membership_id, expires_at) "
                      "VALUES ($1, $2, $3, now() + interval '1 day')",
                      {user.clinic.id.ToString(), session.ToString(), user.id.ToString()}));
  return TokenFor(user, session, /*epoch=*/1);
}

std::string TestServer::TokenFor(const TestUser& user, SessionId session,
                                 std::int64_t epoch) const {
  auth::Claims claims;
  claims.user = user.id;
  claims.clinic = user.clinic.id;
  claims.session = session;
  claims.roles = user.role_bits;
  claims.time_zone = user.clinic.time_zone;
  claims.epoch = epoch;
  claims.issued_at = absl::FromUnixSeconds(absl::ToUnixSeconds(clock_.Now()));
  claims.authenticated_at = claims.issued_at;
  claims.expires_at = claims.issued_at + kTokenLifetime;
  return Must("token", auth::TokenSigner(keys_->signing_keys()).Sign(claims));
}

Client TestServer::SignedIn(const TestClinic& clinic,
                            const std::vector<identity::v1::Role>& roles) {
  return SignedInAs(AddUser(clinic, roles));
}

}  // namespace clinicd::testing
