#include "services/server/run_server.h"

#include <sys/resource.h>

#include <csignal>
#include <memory>

#include "common/base/try.h"
#include "common/metrics/admin_server.h"
#include "common/metrics/metrics.h"
#include "common/metrics/readiness.h"
#include "common/systemd/systemd.h"

namespace clinicd::server {
namespace {

sigset_t HandledSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

// A connection is a descriptor; the default limit is too low for a server.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void Reload(Application& application, log::Logger& logger) {
  if (!logger.Reopen().ok()) logger.Error("log_reopen_failed");
  // What is wrong with the files is logged where they are read.
  if (FrontDoorServer* door = application.front_door()) door->ReloadCertificate().IgnoreError();
}

}  // namespace

Signals::Signals() {
  const sigset_t set = HandledSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A client that closes early is an error of its connection, not of the process.
  signal(SIGPIPE, SIG_IGN);
}

int Signals::Wait() const {
  const sigset_t set = HandledSignals();
  int signal = 0;
  while (sigwait(&set, &signal) != 0) {
  }
  return signal;
}

absl::Status RunServer(const RunOptions& options, const Signals& signals, const Clock& clock,
                       Random& random, log::Logger& logger) {
  RaiseDescriptorLimit();
  metrics::Metrics metrics(CLINICD_VERSION);
  CLINICD_ASSIGN_OR_RETURN(
      const std::unique_ptr<Application> application,
      Application::Start(options.application, {clock, random, logger, metrics}));
  metrics::Readiness readiness;
  readiness.AddCheck("database", [&application] { return application->Ready(); });
  std::unique_ptr<metrics::AdminServer> admin;
  if (options.admin) {
    CLINICD_ASSIGN_OR_RETURN(admin,
                             metrics::AdminServer::Start(*options.admin, metrics, readiness));
  }
  if (options.serving) CLINICD_RETURN_IF_ERROR(options.serving(*application));
  logger.Info("serving", {{log::kVersion, CLINICD_VERSION}});
  systemd::NotifyReady();
  application->StartJobs();
  int signal = signals.Wait();
  for (; signal == SIGHUP; signal = signals.Wait()) {
    systemd::NotifyReloading();
    Reload(*application, logger);
    systemd::NotifyReady();
  }
  systemd::NotifyStopping();
  logger.Info("stopping", {{log::kSignal, signal == SIGINT ? "SIGINT" : "SIGTERM"}});
  application->Stop(options.drain);
  return absl::OkStatus();
}

}  // namespace clinicd::server
