#include "tests/isolation/world.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/auth/file_master.h"
#include "common/auth/refresh_token.h"
#include "common/rpc/etag.h"
#include "db/vault/clinic_key_store.h"
#include "services/identity/email.h"
#include "tests/support/source_directory.h"

namespace clinicd::isolation {
namespace {

using db::AdminConnection;
using identity::v1::Role;

// As many values as all callers of one clinic may try.
constexpr int kStock = 320;
// Access tokens are renewed well before they expire.
constexpr absl::Duration kTokenUse = absl::Minutes(4);
// Higher than any that the server sets: callers are not what is under test here.
constexpr std::int64_t kEpoch = 1'000'000;

constexpr std::array<const char*, kClinicCount> kTimeZones = {"Europe/Madrid", "America/New_York",
                                                              "Asia/Tokyo"};
// Rows that stand from the beginning.
constexpr std::array kRows = {Source::kPatient,
                              Source::kPractitioner,
                              Source::kAppointment,
                              Source::kLocation,
                              Source::kResource,
                              Source::kVisitType,
                              Source::kUser,
                              Source::kSession,
                              Source::kHold,
                              Source::kScheduleException,
                              Source::kSeries,
                              Source::kWaitlistEntry,
                              Source::kWaitlistOffer,
                              Source::kCancelledAppointment,
                              Source::kCalendarFeed,
                              Source::kAuditEvent,
                              Source::kAuditFinding,
                              Source::kLegalHold,
                              Source::kIsolationCertificate};

std::string Hex(std::size_t bytes) {
  SystemRandom random;
  return absl::BytesToHexString(random.Bytes(bytes));
}

std::string SecretOf(std::string_view seed) {
  return std::string(crypto::AsView(crypto::Sha256(seed)));
}

std::string StockEmail(const std::string& mark, int number) {
  return absl::StrCat("s", number, "@", mark, ".example");
}

// The key of a clinic, without which the data key of its seed would look lost.
void MakeClinicKey(const std::string& key_directory, const ClinicId& clinic) {
  SystemRandom random;
  const SystemClock clock;
  const MonotonicClock monotonic_clock;
  const auto master = auth::FileMaster::Load({.key_directory = key_directory}, random);
  REQUIRE(master.ok());
  db::ClinicKeyStore store({.key_directory = key_directory,
                            .master = **master,
                            .clock = clock,
                            .monotonic_clock = monotonic_clock,
                            .random = random});
  REQUIRE(store.LoadOrMake(clinic).ok());
}

}  // namespace

World::World(const WorldOptions& options) : superuser_(database_.Connect()) {
  const bool row_security =
      options.guards == Guards::kBoth || options.guards == Guards::kRowSecurityOnly;
  const bool predicates =
      options.guards == Guards::kBoth || options.guards == Guards::kPredicatesOnly;
  if (!row_security) bypass_ = std::make_unique<BypassRole>(database_);
  testing::TestServer::Options server_options;
  server_options.database = &database_;
  server_options.adjust = [&](server::ApplicationOptions& application) {
    application.app_conninfo = server_conninfo();
    application.check_database_role = row_security;
    application.tenant_mode = options.tenant_mode;
    application.workers = options.workers;
    application.rewrite_sql = [this, predicates,
                               rewrite = options.rewrite_sql](std::string_view sql) {
      std::string text = predicates ? std::string(sql) : remover_.Rewrite(sql);
      return rewrite ? rewrite(std::move(text)) : text;
    };
  };
  server_ = std::make_unique<testing::TestServer>(server_options);
  client_ = std::make_unique<RawClient>(server_->Channel());
  for (std::size_t i = 0; i <= kGhost; ++i) {
    Clinic& clinic = clinics_[i];
    clinic.marked.canary = absl::StrCat("zq", Hex(7));
    clinic.mark = absl::StrCat("stock", Hex(6));
    for (const Source source : kRows) clinic.standing[source] = NewId();
    clinic.refresh_token_id = NewId();
    clinic.caller_id = NewId();
    clinic.series_appointment_id = NewId();
    clinic.login = absl::StrCat("login@", clinic.mark, ".example");
    if (i == kGhost) {
      clinic.standing[Source::kClinic] = NewId();
      continue;
    }
    clinic.row = server_->AddClinic(absl::StrCat("clinic-", clinic.marked.canary), kTimeZones[i]);
    clinic.standing[Source::kClinic] = clinic.row.id.ToString();
    clinic.marked.clinic = clinic.row.id;
    MakeClinicKey(server_->key_directory().string(), clinic.row.id);
    Seed(clinic);
  }
  // Once every clinic has its rows, so that planting in one cannot touch another unnoticed.
  catalog_ = std::make_unique<Catalog>(superuser_);
  for (std::size_t i = 0; i < kClinicCount; ++i) catalog_->Plant(clinics_[i].marked);
  for (std::size_t i = 0; i < kClinicCount; ++i) {
    Stock(clinics_[i]);
    AddCallers(i);
  }
}

World::~World() = default;

std::string World::server_conninfo() const {
  return bypass_ == nullptr ? database_.app() : bypass_->conninfo();
}

AdminConnection::Rows World::Sql(const std::string& sql, const AdminConnection::Row& values) {
  absl::StatusOr<AdminConnection::Rows> rows = superuser_.Query(sql, values);
  INFO(sql);
  INFO(rows.status());
  REQUIRE(rows.ok());
  return *std::move(rows);
}

std::string World::Filled(const std::string& file, const Clinic& clinic) const {
  const std::ifstream stream(testing::SourceDirectory() / file);
  std::ostringstream text;
  text << stream.rdbuf();
  INFO(file);
  REQUIRE_FALSE(text.str().empty());
  return absl::StrReplaceAll(
      text.str(), {{"{clinic}", clinic.row.id.ToString()},
                   {"{time_zone}", clinic.row.time_zone},
                   {"{canary}", clinic.marked.canary},
                   {"{mark}", clinic.mark},
                   {"{count}", absl::StrCat(kStock)},
                   {"{patient}", clinic.standing.at(Source::kPatient)},
                   {"{practitioner}", clinic.standing.at(Source::kPractitioner)},
                   {"{appointment}", clinic.standing.at(Source::kAppointment)},
                   {"{location}", clinic.standing.at(Source::kLocation)},
                   {"{resource}", clinic.standing.at(Source::kResource)},
                   {"{visit_type}", clinic.standing.at(Source::kVisitType)},
                   {"{series}", clinic.standing.at(Source::kSeries)},
                   {"{user}", clinic.standing.at(Source::kUser)},
                   {"{session}", clinic.standing.at(Source::kSession)},
                   {"{hold}", clinic.standing.at(Source::kHold)},
                   {"{schedule_exception}", clinic.standing.at(Source::kScheduleException)},
                   {"{waitlist_entry}", clinic.standing.at(Source::kWaitlistEntry)},
                   {"{waitlist_offer}", clinic.standing.at(Source::kWaitlistOffer)},
                   {"{audit_event}", clinic.standing.at(Source::kAuditEvent)},
                   {"{audit_finding}", clinic.standing.at(Source::kAuditFinding)},
                   {"{legal_hold}", clinic.standing.at(Source::kLegalHold)},
                   {"{isolation_certificate}", clinic.standing.at(Source::kIsolationCertificate)},
                   {"{caller}", clinic.caller_id},
                   {"{series_appointment}", clinic.series_appointment_id},
                   {"{refresh_token}", clinic.refresh_token_id},
                   {"{cancelled_appointment}", clinic.standing.at(Source::kCancelledAppointment)},
                   {"{calendar_feed}", clinic.standing.at(Source::kCalendarFeed)}});
}

void World::Seed(Clinic& clinic) {
  for (const char* file : {"db/isolation/canary.sql", "tests/isolation/seed.sql"}) {
    const absl::Status status = superuser_.Execute(Filled(file, clinic));
    INFO(file);
    INFO(status);
    REQUIRE(status.ok());
  }
}

void World::Stock(Clinic& clinic) {
  const absl::Status status = superuser_.Execute(Filled("tests/isolation/stock.sql", clinic));
  INFO(status);
  REQUIRE(status.ok());
  std::vector<std::string> emails;
  std::vector<std::string> people;
  for (int i = 1; i <= kStock; ++i) {
    emails.push_back(StockEmail(clinic.mark, i));
    people.push_back(identity::PersonIdOf(identity::FoldEmail(emails.back())).ToString());
  }
  Sql("WITH stock AS (SELECT * FROM unnest(string_to_array($2, ' ')::uuid[], "
      "string_to_array($3, ' ')) AS u (id, email)), "
      "people AS (INSERT INTO clinicd.users (id, email_key) SELECT id, email FROM stock) "
      "INSERT INTO clinicd.memberships (clinic_id, id, user_id, email, email_key, given_name, "
      "family_name, roles) SELECT $1, gen_random_uuid(), id, email, email, 'Given', "
      "substr(md5(random()::text), 1, 8) || $4, ARRAY['assistant'] FROM stock",
      {clinic.row.id.ToString(), absl::StrJoin(people, " "), absl::StrJoin(emails, " "),
       clinic.marked.canary});
  server_->AddUserWithPassword(clinic.row, clinic.login, {identity::v1::ROLE_OWNER});
}

void World::AddCallers(std::size_t index) {
  Clinic& clinic = clinics_[index];
  clinic.callers.push_back({.clinic = index});
  for (int value = identity::v1::Role_MIN + 1; value <= identity::v1::Role_MAX; ++value) {
    const auto role = static_cast<Role>(value);
    const Caller caller{index, role, server_->AddUser(clinic.row, {role})};
    clinic.callers.push_back(caller);
    for (int i = 0; i < 3; ++i) FreshSession(caller);
  }
}

const Caller& World::caller(std::size_t clinic, Role role) const {
  for (const Caller& caller : callers(clinic)) {
    if (caller.role == role) return caller;
  }
  FAIL("no caller with role " << role);
  return callers(clinic).front();
}

std::string World::NewTokenFor(const Caller& caller) {
  if (!caller.signed_in()) return "";
  const std::optional<SessionId> session = SessionId::Parse(FreshSession(caller));
  return server_->TokenFor(caller.user, *session, kEpoch);
}

std::string World::TokenFor(const Caller& caller) {
  auto& [token, since] = tokens_[{caller.clinic, caller.role}];
  if (token.empty() || absl::Now() - since > kTokenUse) {
    token = NewTokenFor(caller);
    since = absl::Now();
  }
  return token;
}

std::string World::Standing(std::size_t clinic, Source source) const {
  const auto found = clinics_[clinic].standing.find(source);
  return found == clinics_[clinic].standing.end() ? "" : found->second;
}

int World::NextNumber(std::size_t clinic) {
  REQUIRE(clinics_[clinic].numbers_used < kStock);
  return ++clinics_[clinic].numbers_used;
}

std::string World::Own(const Caller& caller, Source source, bool fresh) {
  const Clinic& clinic = clinics_[caller.clinic];
  switch (source) {
    case Source::kPatient:
    case Source::kPractitioner:
    case Source::kAppointment:
    case Source::kLocation:
    case Source::kResource:
    case Source::kVisitType:
    case Source::kSeries:
    case Source::kUser:
    case Source::kSession:
    case Source::kHold:
    case Source::kScheduleException:
    case Source::kWaitlistEntry:
    case Source::kWaitlistOffer:
    case Source::kCalendarFeed:
    case Source::kAuditFinding:
    case Source::kLegalHold:
      return fresh ? FreshRow(caller, source) : Standing(caller.clinic, source);
    case Source::kArrivedAppointment:
    case Source::kSeatedAppointment:
    case Source::kCompletedAppointment:
    case Source::kMissedAppointment:
      return FreshRow(caller, source);
    case Source::kSeriesAppointment:
      return series_appointment_;
    case Source::kClinic:
    case Source::kCancelledAppointment:
    case Source::kAuditEvent:
    case Source::kIsolationCertificate:
      return Standing(caller.clinic, source);
    case Source::kRefreshToken:
      return FreshRefreshToken(caller);
    case Source::kPageToken:
      return "";
    case Source::kLogin:
      return clinic.login;
    case Source::kEmail:
      return absl::StrCat("e", Hex(10), "@own.example");
    case Source::kFileNumber:
    case Source::kPatientExternalId:
    case Source::kPractitionerExternalId:
    case Source::kAppointmentExternalId:
    case Source::kLocationExternalId:
    case Source::kResourceExternalId:
    case Source::kVisitTypeExternalId:
      return absl::StrCat("own", Hex(12));
    case Source::kWord:
      return clinic.marked.canary;
    case Source::kRequestId:
      return NewId();
    case Source::kEtag:
      return rpc::Etag(1);
    case Source::kClinicEtag: {
      const auto rows =
          Sql("SELECT row_version FROM clinicd.clinics WHERE id = $1", {clinic.row.id.ToString()});
      return rpc::Etag(std::stoll(*rows[0][0]));
    }
    case Source::kSlug:
      return clinic.row.slug;
    case Source::kPassword:
      return testing::kTestPassword;
  }
  return "";
}

std::string World::Foreign(const Caller& caller, std::size_t index, Source source, int number) {
  const Clinic& clinic = clinics_[index];
  switch (source) {
    case Source::kClinic:
    case Source::kPatient:
    case Source::kPractitioner:
    case Source::kAppointment:
    case Source::kLocation:
    case Source::kResource:
    case Source::kVisitType:
    case Source::kSeries:
    case Source::kUser:
    case Source::kSession:
    case Source::kHold:
    case Source::kScheduleException:
    case Source::kWaitlistEntry:
    case Source::kWaitlistOffer:
    case Source::kCancelledAppointment:
    case Source::kCalendarFeed:
    case Source::kAuditEvent:
    case Source::kAuditFinding:
    case Source::kLegalHold:
    case Source::kIsolationCertificate:
      return Standing(index, source);
    case Source::kArrivedAppointment:
    case Source::kSeatedAppointment:
    case Source::kCompletedAppointment:
    case Source::kMissedAppointment:
    case Source::kSeriesAppointment:
      return Standing(index, Source::kAppointment);
    case Source::kRefreshToken:
      // The other's token, turned to the caller's clinic.
      return auth::FormatRefreshToken(
          {.clinic = clinics_[caller.clinic].row.id,
           .session = *SessionId::Parse(Standing(index, Source::kSession)),
           .id = *auth::RefreshTokenId::Parse(clinic.refresh_token_id),
           .secret = crypto::SecretBytes(std::string_view(SecretOf(clinic.mark)))});
    case Source::kLogin:
      return clinic.login;
    case Source::kEmail:
      return StockEmail(clinic.mark, number);
    case Source::kFileNumber:
    case Source::kPatientExternalId:
    case Source::kPractitionerExternalId:
    case Source::kAppointmentExternalId:
    case Source::kLocationExternalId:
    case Source::kResourceExternalId:
    case Source::kVisitTypeExternalId:
      return absl::StrCat(clinic.mark, "-", number);
    case Source::kWord:
      return clinic.marked.canary;
    default:
      FAIL("not a source that is varied");
      return "";
  }
}

std::vector<std::string> World::Trail(std::size_t clinic, const std::string& method,
                                      const std::string& id) {
  std::vector<std::string> trail;
  for (const auto& row :
       Sql("SELECT replace((to_jsonb(event) - "
           "'{id,occurred_at,recorded_at,transaction_number,request_id,session_id}'::text[])"
           "::text, $3::text, '(sent)') FROM clinicd.audit_events AS event WHERE clinic_id = $1 "
           "AND method = $2 AND (entity_id = $3::text::uuid OR patient_id = $3::text::uuid) "
           "ORDER BY 1",
           {clinics_[clinic].row.id.ToString(), method, id})) {
    trail.push_back(*row[0]);
  }
  return trail;
}

}  // namespace clinicd::isolation
