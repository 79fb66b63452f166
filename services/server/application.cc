#include "services/server/application.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "clinicd/appointments/v1/appointment_service.pb.h"
#include "clinicd/appointments/v1/calendar_feed_service.pb.h"
#include "clinicd/appointments/v1/diary_service.pb.h"
#include "clinicd/appointments/v1/resource_service.pb.h"
#include "clinicd/appointments/v1/schedule_service.pb.h"
#include "clinicd/appointments/v1/series_service.pb.h"
#include "clinicd/appointments/v1/visit_type_service.pb.h"
#include "clinicd/appointments/v1/waitlist_service.pb.h"
#include "clinicd/audit/v1/audit_finding_service.pb.h"
#include "clinicd/audit/v1/audit_log_service.pb.h"
#include "clinicd/audit/v1/audit_service.pb.h"
#include "clinicd/audit/v1/audit_settings_service.pb.h"
#include "clinicd/audit/v1/isolation_certificate_service.pb.h"
#include "clinicd/audit/v1/legal_hold_service.pb.h"
#include "clinicd/identity/v1/clinic_service.pb.h"
#include "clinicd/identity/v1/practitioner_service.pb.h"
#include "clinicd/identity/v1/session_service.pb.h"
#include "clinicd/identity/v1/user_service.pb.h"
#include "clinicd/patients/v1/patient_service.pb.h"
#include "common/auth/key_ring.h"
#include "common/auth/page_token.h"
#include "common/auth/password_hasher.h"
#include "common/base/ids.h"
#include "common/base/try.h"
#include "common/crypto/digest.h"
#include "common/rpc/dispatcher.h"
#include "common/rpc/stream_driver.h"
#include "common/status/error.h"
#include "common/validate/validator.h"
#include "db/access/change_feed.h"
#include "db/access/pool.h"
#include "db/access/transaction_runner.h"
#include "db/admin/database_checks.h"
#include "services/appointments/appointments_module.h"
#include "services/appointments/calendar_feed_reader.h"
#include "services/audit/audit_module.h"
#include "services/audit/log/log_keys.h"
#include "services/audit/log/witness_client.h"
#include "services/audit/receipt.h"
#include "services/identity/identity_admin.h"
#include "services/identity/identity_module.h"
#include "services/patients/patients_module.h"
#include "services/server/calendar_route.h"
#include "services/server/clinic_vault.h"
#include "services/server/digest_job.h"
#include "services/server/executor.h"
#include "services/server/hold_job.h"
#include "services/server/isolation_job.h"
#include "services/server/load_probe.h"
#include "services/server/log_watch.h"
#include "services/server/time_zone_job.h"

namespace clinicd::server {
namespace {

// Threads for sign-in beyond those that hash, so that look-ups go on while hashes are computed.
constexpr int kAnonymousThreadsExtra = 2;
constexpr std::size_t kAnonymousQueueMax = 64;
constexpr int kAuthWorkers = 2;

std::vector<const google::protobuf::ServiceDescriptor*> ServicesOf(
    const std::vector<const google::protobuf::FileDescriptor*>& files) {
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const auto* file : files) {
    for (int i = 0; i < file->service_count(); ++i) services.push_back(file->service(i));
  }
  return services;
}

// The whole API: a service that is registered with gRPC and not named here has no policy, and none
// of its methods runs.
std::vector<const google::protobuf::ServiceDescriptor*> ApiServices() {
  return ServicesOf(
      {identity::v1::SignInRequest::descriptor()->file(),
       identity::v1::Clinic::descriptor()->file(), identity::v1::User::descriptor()->file(),
       identity::v1::Practitioner::descriptor()->file(),
       patients::v1::Patient::descriptor()->file(),
       appointments::v1::Appointment::descriptor()->file(),
       appointments::v1::CalendarFeed::descriptor()->file(),
       appointments::v1::Diary::descriptor()->file(),
       appointments::v1::Resource::descriptor()->file(),
       appointments::v1::ScheduleException::descriptor()->file(),
       appointments::v1::Series::descriptor()->file(),
       appointments::v1::VisitType::descriptor()->file(),
       appointments::v1::WaitlistEntry::descriptor()->file(),
       audit::v1::AccessFinding::descriptor()->file(), audit::v1::Checkpoint::descriptor()->file(),
       audit::v1::AuditSettings::descriptor()->file(), audit::v1::Event::descriptor()->file(),
       audit::v1::IsolationCertificate::descriptor()->file(),
       audit::v1::LegalHold::descriptor()->file()});
}

// Debian's Abseil looks for circles of locks whenever a mutex is locked, which is a part of what
// each call costs. Programs under sanitizers go on looking; they are the ones that are tested for
// races.
void LockWithoutLookingForCircles() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
}

std::vector<const google::protobuf::Descriptor*> RequestsOf(
    const std::vector<const google::protobuf::ServiceDescriptor*>& services) {
  std::vector<const google::protobuf::Descriptor*> requests;
  for (const auto* service : services) {
    for (int i = 0; i < service->method_count(); ++i) {
      requests.push_back(service->method(i)->input_type());
    }
  }
  return requests;
}

// Refuses a database that would not keep clinics apart, and one of another schema.
absl::Status CheckDatabaseForServing(const std::string& conninfo) {
  CLINICD_ASSIGN_OR_RETURN(db::AdminConnection connection, db::AdminConnection::Open(conninfo));
  for (const auto check :
       {db::CheckVersion, db::CheckRole, db::CheckSchema, db::CheckRowSecurity}) {
    CLINICD_ASSIGN_OR_RETURN(const db::Finding finding, check(connection));
    if (finding.grade == db::Finding::Grade::kFail) {
      return absl::FailedPreconditionError(absl::StrCat(finding.detail, " Fix: ", finding.fix));
    }
  }
  return absl::OkStatus();
}

// The parts that can fail to be made. The keys are behind a pointer, because the hasher refers to
// them.
struct Made {
  std::unique_ptr<const auth::KeyRing> keys;
  std::unique_ptr<ClinicVault> vault;
  // Null where this server neither seals nor compares.
  std::unique_ptr<LogWatch> log_watch;
  audit::LogVerifiers log_verifiers;
  std::unique_ptr<auth::PasswordHasher> hasher;
  validate::Validator validator;
};

// Of the keys that lie about here, if any do: where another process seals, they need not.
absl::StatusOr<audit::LogVerifiers> FindLogVerifiers(const ApplicationOptions& options) {
  audit::LogVerifiers verifiers{.log = options.audit_origin};
  const auto signers = audit::LoadLogSigners(options.key_directory, options.audit_origin);
  if (signers.ok()) {
    for (const merkle::NoteSigner& signer : *signers) verifiers.keys.push_back(signer.verifier());
  }
  for (const std::string& text : options.audit_witnesses) {
    CLINICD_ASSIGN_OR_RETURN(const audit::WitnessEndpoint witness,
                             audit::ParseWitnessEndpoint(text));
    verifiers.witnesses.push_back(witness.key);
  }
  return verifiers;
}

absl::StatusOr<Made> Make(const ApplicationOptions& options, const Environment& environment,
                          const std::vector<const google::protobuf::ServiceDescriptor*>& services) {
  CLINICD_ASSIGN_OR_RETURN(auth::KeyRing ring, auth::KeyRing::Load(options.key_directory));
  auto keys = std::make_unique<const auth::KeyRing>(std::move(ring));
  CLINICD_ASSIGN_OR_RETURN(auto vault,
                           ClinicVault::Open({.key_directory = options.key_directory,
                                              .credential_directory = options.credential_directory,
                                              .clock = environment.clock,
                                              .random = environment.random,
                                              .logger = environment.logger,
                                              .node = options.node}));
  std::unique_ptr<LogWatch> log_watch;
  if (!options.sealer_conninfo.empty() || !options.audit_anchor.empty() ||
      !options.audit_witnesses.empty()) {
    CLINICD_ASSIGN_OR_RETURN(log_watch,
                             LogWatch::Create({.log = options.audit_origin,
                                               .key_directory = options.key_directory,
                                               .anchor = options.audit_anchor,
                                               .witnesses = options.audit_witnesses,
                                               .authorities = options.audit_witness_authorities}));
  }
  CLINICD_ASSIGN_OR_RETURN(audit::LogVerifiers log_verifiers, FindLogVerifiers(options));
  auth::PasswordHasher::Options hashing;
  hashing.limits.working_max = static_cast<std::size_t>(options.hash_concurrency);
  CLINICD_ASSIGN_OR_RETURN(
      auto hasher,
      auth::PasswordHasher::Create(hashing, keys->pepper(), environment.random, environment.clock));
  CLINICD_ASSIGN_OR_RETURN(validate::Validator validator,
                           validate::Validator::Create(RequestsOf(services)));
  return Made{std::move(keys),          std::move(vault),  std::move(log_watch),
              std::move(log_verifiers), std::move(hasher), std::move(validator)};
}

}  // namespace

// Declared in the order of dependence: each part outlives those below it.
struct Application::Parts {
  Parts(const ApplicationOptions& options, const Environment& with, Made made)
      : environment(with),
        keys(std::move(made.keys)),
        vault(std::move(made.vault)),
        ids(environment.clock, environment.random),
        edge_secret(environment.random),
        validator(std::move(made.validator)),
        streams({.age_max = options.stream_age_max,
                 .heartbeat_every = options.stream_heartbeat,
                 .reads_max = static_cast<std::size_t>(std::max(1, options.workers / 2)),
                 .observe_count =
                     [&metrics = with.metrics](std::size_t count) {
                       metrics.streams().Set(static_cast<double>(count));
                     }}),
        feed({.conninfo = options.auth_conninfo,
              .observe_lag =
                  [&metrics = with.metrics](absl::Duration lag) {
                    metrics.feed_lag().Set(absl::ToDoubleSeconds(lag));
                  }},
             monotonic_clock),
        pool({.connection = {.conninfo = options.app_conninfo,
                             .mode = options.tenant_mode,
                             .rewrite_sql = options.rewrite_sql},
              .workers = options.workers,
              .queue_max = options.queue_max},
             environment.clock),
        auth_pool({.connection = {.conninfo = options.auth_conninfo,
                                  .mode = db::TenantMode::kSetConfig,
                                  .rewrite_sql = {}},
                   .workers = kAuthWorkers,
                   .queue_max = kAnonymousQueueMax},
                  environment.clock),
        runner(
            pool, environment.clock, ids,
            {.role_names = identity::RoleNames,
             .strict_reads = options.strict_reads,
             .access_rows = options.access_rows,
             .audit = {.node = options.node, .build = CLINICD_VERSION, .sealer = &vault->sealer()},
             .defer_receipt = audit::DeferReceipt}),
        hasher(std::move(made.hasher)),
        page_tokens(keys->page_token(), environment.random),
        executor(options.hash_concurrency + kAnonymousThreadsExtra, kAnonymousQueueMax),
        dispatcher(DispatcherParts()),
        identity({.runner = runner,
                  .auth_pool = auth_pool,
                  .auth_conninfo = options.auth_conninfo,
                  .keys = *keys,
                  .hasher = *hasher,
                  .page_tokens = page_tokens,
                  .dispatcher = dispatcher,
                  .clock = environment.clock,
                  .ids = ids,
                  .random = environment.random,
                  .access_token_lifetime = options.access_token_lifetime,
                  .refresh_token_lifetime = options.refresh_token_lifetime}),
        load_probe(pool, identity, environment.metrics),
        identity_admin({.runner = runner,
                        .auth_pool = auth_pool,
                        .hasher = *hasher,
                        .clock = environment.clock,
                        .ids = ids}),
        patients(dispatcher, page_tokens),
        appointments(dispatcher, page_tokens, keys->page_token(), feed, environment.random),
        feed_reader(runner, environment.clock, ids, options.strict_reads),
        calendar(std::make_unique<CalendarRoute>(feed_reader)),
        audit(dispatcher, page_tokens, vault->sealer(), std::move(made.log_verifiers)),
        log_watch(std::move(made.log_watch)) {
    MakeJobs(options);
  }

  void MakeJobs(const ApplicationOptions& options) {
    if (options.jobs_conninfo.empty()) return;
    time_zone_job =
        std::make_unique<TimeZoneJob>(TimeZoneJob::Parts{.jobs_conninfo = options.jobs_conninfo,
                                                         .runner = runner,
                                                         .clock = environment.clock,
                                                         .ids = ids,
                                                         .logger = environment.logger,
                                                         .metrics = environment.metrics});
    digest_job =
        std::make_unique<DigestJob>(DigestJob::Parts{.jobs_conninfo = options.jobs_conninfo,
                                                     .runner = runner,
                                                     .clock = environment.clock,
                                                     .ids = ids,
                                                     .logger = environment.logger});
    hold_job = std::make_unique<HoldJob>(HoldJob::Parts{.jobs_conninfo = options.jobs_conninfo,
                                                        .runner = runner,
                                                        .clock = environment.clock,
                                                        .logger = environment.logger});
  }

  // Once the server takes calls.
  void MakeIsolationJob(const ApplicationOptions& options) {
    if (options.jobs_conninfo.empty()) return;
    isolation_job =
        std::make_unique<IsolationJob>(IsolationJob::Parts{.jobs_conninfo = options.jobs_conninfo,
                                                           .app_conninfo = options.app_conninfo,
                                                           .channel = grpc->InProcessChannel(),
                                                           .methods = *methods,
                                                           .signing_keys = keys->signing_keys(),
                                                           .runner = runner,
                                                           .clock = environment.clock,
                                                           .ids = ids,
                                                           .logger = environment.logger,
                                                           .metrics = environment.metrics,
                                                           .release = CLINICD_VERSION,
                                                           .node = options.node,
                                                           .hour = options.isolation_hour});
  }

  rpc::Dispatcher::Parts DispatcherParts() {
    return {
        .runner = runner,
        .anonymous_executor = executor,
        .streams = streams,
        .ids = ids,
        .clock = environment.clock,
        .validate = [this](const auto& request) { return validator.Validate(request); },
        .hash = [this](const auto& method, const auto& request) { return Hash(method, request); },
        .observe = [this](const auto& info, const auto& status, auto duration,
                          auto round_trips) { Observe(info, status, duration, round_trips); }};
  }

  std::string Hash(const std::string& method, const google::protobuf::Message& request) const {
    const std::string bytes = crypto::JoinParts({method, request.SerializeAsString()});
    return std::string(crypto::AsView(crypto::HmacSha256(keys->request_hash().view(), bytes)));
  }

  void Observe(const rpc::CallInfo& info, const absl::Status& status, absl::Duration duration,
               std::int64_t round_trips) const {
    method_metrics[info.method->index]->Record(status.code(), duration, round_trips);
    if (status.code() == absl::StatusCode::kResourceExhausted) {
      environment.metrics.busy_refusals().Increment();
    }
    const bool unnamed =
        !status.ok() && status::ReasonOf(status) == status::ErrorReason::ERROR_REASON_UNSPECIFIED;
    if (unnamed || status.code() == absl::StatusCode::kInternal) {
      environment.logger.Error("call_failed", {{log::kMethod, info.method->full_name},
                                               {log::kRequestId, info.call_id},
                                               {log::kNote, status::DefectNote(status)}});
    }
  }

  std::vector<grpc::Service*> Services() {
    std::vector<grpc::Service*> services;
    for (const auto& part :
         {identity.services(), patients.services(), appointments.services(), audit.services()}) {
      services.insert(services.end(), part.begin(), part.end());
    }
    return services;
  }

  const Environment environment;
  const std::unique_ptr<const auth::KeyRing> keys;
  const std::unique_ptr<ClinicVault> vault;
  const IdSource ids;
  const rpc::EdgeSecret edge_secret;
  const validate::Validator validator;
  const MonotonicClock monotonic_clock;
  rpc::StreamDriver streams;
  db::ChangeFeed feed;
  // Whose workers may hold a stream a little longer than gRPC does.
  db::Pool pool;
  db::Pool auth_pool;
  db::TransactionRunner runner;
  const std::unique_ptr<auth::PasswordHasher> hasher;
  auth::PageTokenCodec page_tokens;
  std::unique_ptr<rpc::MethodTable> methods;
  std::vector<metrics::MethodMetrics*> method_metrics;
  ThreadExecutor executor;
  const rpc::Dispatcher dispatcher;
  identity::IdentityModule identity;
  const LoadProbe load_probe;
  const identity::IdentityAdmin identity_admin;
  patients::PatientsModule patients;
  appointments::AppointmentsModule appointments;
  const appointments::CalendarFeedReader feed_reader;
  std::unique_ptr<CalendarRoute> calendar;
  audit::AuditModule audit;
  std::unique_ptr<GrpcServer> grpc;
  std::unique_ptr<FrontDoorServer> front_door;
  // Null where this server neither seals nor compares.
  const std::unique_ptr<LogWatch> log_watch;
  // Null where there is no connection for it.
  std::unique_ptr<TimeZoneJob> time_zone_job;
  std::unique_ptr<DigestJob> digest_job;
  std::unique_ptr<HoldJob> hold_job;
  std::unique_ptr<IsolationJob> isolation_job;
};

Application::Application(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Application::~Application() { Stop(absl::ZeroDuration()); }

absl::StatusOr<std::unique_ptr<Application>> Application::Start(const ApplicationOptions& options,
                                                                const Environment& environment) {
  LockWithoutLookingForCircles();
  if (options.check_database_role) {
    CLINICD_RETURN_IF_ERROR(CheckDatabaseForServing(options.app_conninfo));
  }
  const auto services = ApiServices();
  CLINICD_ASSIGN_OR_RETURN(Made made, Make(options, environment, services));
  auto parts = std::make_unique<Parts>(options, environment, std::move(made));
  CLINICD_ASSIGN_OR_RETURN(parts->methods,
                           rpc::MethodTable::Create(services, parts->identity.permissions()));
  for (const auto& method : parts->methods->methods()) {
    parts->method_metrics.push_back(&environment.metrics.ForMethod(method->full_name));
  }
  if (parts->log_watch != nullptr) {
    CLINICD_RETURN_IF_ERROR(
        parts->log_watch->Open(options.sealer_conninfo, {.runner = parts->runner,
                                                         .clock = environment.clock,
                                                         .ids = parts->ids,
                                                         .logger = environment.logger,
                                                         .metrics = environment.metrics}));
  }
  CLINICD_RETURN_IF_ERROR(parts->identity.Start());
  CLINICD_RETURN_IF_ERROR(parts->feed.Start());
  CLINICD_ASSIGN_OR_RETURN(parts->grpc,
                           GrpcServer::Start(options.listeners, parts->Services(),
                                             std::make_unique<rpc::RequestScopeFactory>(
                                                 *parts->methods, parts->identity.authenticator(),
                                                 environment.clock, parts->edge_secret)));
  parts->MakeIsolationJob(options);
  if (!options.front_door.edge.listeners.empty()) {
    FrontDoorOptions front_door = options.front_door;
    parts->calendar->AddTo(front_door.routes);
    CLINICD_ASSIGN_OR_RETURN(parts->front_door,
                             FrontDoorServer::Start(front_door, parts->grpc->InProcessChannel(),
                                                    {.methods = *parts->methods,
                                                     .secret = parts->edge_secret,
                                                     .clock = environment.clock,
                                                     .logger = environment.logger,
                                                     .metrics = environment.metrics}));
  }
  return std::unique_ptr<Application>(new Application(std::move(parts)));
}

void Application::StartJobs() {
  if (parts_->time_zone_job != nullptr) parts_->time_zone_job->thread().Start();
  if (parts_->log_watch != nullptr) parts_->log_watch->Start();
  if (parts_->digest_job != nullptr) parts_->digest_job->thread().Start();
  if (parts_->hold_job != nullptr) parts_->hold_job->thread().Start();
  if (parts_->isolation_job != nullptr) parts_->isolation_job->Start();
}

void Application::Stop(absl::Duration patience) {
  // Told first, and waited for last: they end with the transaction that they are in.
  if (parts_->time_zone_job != nullptr) parts_->time_zone_job->thread().RequestStop();
  if (parts_->digest_job != nullptr) parts_->digest_job->thread().RequestStop();
  if (parts_->hold_job != nullptr) parts_->hold_job->thread().RequestStop();
  // It calls this server, and so has to end while that still answers.
  if (parts_->isolation_job != nullptr) parts_->isolation_job->thread().Stop();
  if (parts_->grpc == nullptr) return;
  const absl::Time deadline = absl::Now() + patience;
  // From the outside inwards, so that what is under way can still answer. Streams would not end by
  // themselves; their clients must not come back to this server.
  if (parts_->front_door != nullptr) parts_->front_door->Drain();
  parts_->streams.Drain();
  if (parts_->front_door != nullptr) parts_->front_door->Stop(patience);
  // Reads to their end what was asked of it, for which it needs the pool.
  parts_->calendar.reset();
  parts_->grpc->Shutdown(std::max(deadline - absl::Now(), absl::ZeroDuration()));
  parts_->grpc.reset();
  // Its thread may be letting go of the last stream, which leaves the feed then.
  parts_->streams.Stop();
  parts_->feed.Stop();
  parts_->identity.Stop();
  if (parts_->time_zone_job != nullptr) parts_->time_zone_job->thread().Stop();
  if (parts_->digest_job != nullptr) parts_->digest_job->thread().Stop();
  if (parts_->hold_job != nullptr) parts_->hold_job->thread().Stop();
  // Last, when nobody writes any more.
  if (parts_->log_watch != nullptr) parts_->log_watch->Stop();
}

IsolationJob* Application::isolation() { return parts_->isolation_job.get(); }

absl::Status Application::Ready() const { return parts_->identity.Ready(); }

GrpcServer& Application::grpc() { return *parts_->grpc; }

FrontDoorServer* Application::front_door() { return parts_->front_door.get(); }

const identity::IdentityAdmin& Application::identity_admin() const {
  return parts_->identity_admin;
}

}  // namespace clinicd::server
