#include "db/cluster/private_cluster.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/try.h"
#include "db/admin/backoff.h"

namespace clinicd::db {
namespace {

namespace fs = std::filesystem;

constexpr int kMajorMin = 15;
constexpr std::uintmax_t kLogBytesMax = 16 << 20;
constexpr absl::Duration kFastStopPatience = absl::Minutes(3);
constexpr absl::Duration kImmediateStopPatience = absl::Minutes(1);
// How long the last processes of a killed server may take to notice.
constexpr absl::Duration kOrphansPatience = absl::Seconds(30);

constexpr char kHostRules[] =
    "# Written by clinicd: nobody gets in without a password.\n"
    "local all         all      scram-sha-256\n"
    "local replication postgres scram-sha-256\n";

constexpr char kSettings[] =
    "# Written by clinicd at every start; put changes into postgresql.conf, below the include.\n"
    "shared_buffers = 64MB\n"
    "max_connections = 100\n"
    "timezone = 'UTC'\n"
    "log_timezone = 'UTC'\n"
    "password_encryption = 'scram-sha-256'\n"
    "jit = off\n"
    "idle_in_transaction_session_timeout = '15s'\n"
    "# The log must not hold what patients told the clinic.\n"
    "log_error_verbosity = terse\n"
    "log_parameter_max_length = 0\n"
    "log_parameter_max_length_on_error = 0\n"
    "log_min_error_statement = panic\n";

constexpr char kFastSettings[] =
    "# What was committed outlives the kill of the server, though not of the machine.\n"
    "fsync = off\n"
    "full_page_writes = off\n"
    "autovacuum = off\n"
    "max_connections = 300\n";

// The value as a quoted part of a connection string.
std::string ConninfoValue(std::string_view value) {
  const std::string escaped =
      absl::StrReplaceAll(std::string(value), {{"\\", "\\\\"}, {"'", "\\'"}});
  return absl::StrCat("'", escaped, "'");
}

std::vector<int> InstalledMajors(const fs::path& programs) {
  std::vector<int> majors;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(programs, error)) {
    int major = 0;
    if (absl::SimpleAtoi(entry.path().filename().string(), &major) && major >= kMajorMin &&
        fs::exists(entry.path() / "bin" / "postgres", error) &&
        fs::exists(entry.path() / "bin" / "initdb", error)) {
      majors.push_back(major);
    }
  }
  std::sort(majors.begin(), majors.end());
  return majors;
}

absl::StatusOr<fs::path> ProgramsFor(const fs::path& programs, std::optional<int> data_major,
                                     const fs::path& data) {
  const std::vector<int> majors = InstalledMajors(programs);
  if (majors.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("no PostgreSQL ", kMajorMin, " or newer in ", programs.string(),
                     "; install one, for example with: apt-get install postgresql-15"));
  }
  const int major = data_major.value_or(majors.back());
  if (std::find(majors.begin(), majors.end(), major) == majors.end()) {
    return absl::FailedPreconditionError(absl::StrCat(
        data.string(), " was made by PostgreSQL ", major, ", and this machine has only ",
        majors.back(), "; install postgresql-", major, ", or name another directory"));
  }
  return programs / absl::StrCat(major) / "bin";
}

absl::StatusOr<std::optional<int>> DataMajor(const fs::path& data) {
  std::error_code error;
  if (!fs::exists(data, error)) return std::nullopt;
  const absl::StatusOr<std::string> text = ReadFile(data / "PG_VERSION");
  int major = 0;
  if (!text.ok() || !absl::SimpleAtoi(absl::StripAsciiWhitespace(*text), &major)) {
    return absl::FailedPreconditionError(
        absl::StrCat(data.string(),
                     " exists but is no PostgreSQL data directory (PG_VERSION cannot "
                     "be read); nothing was changed; name another directory"));
  }
  return major;
}

// Whether the live process `pid` is a server on `data`; nullopt where the system does not tell.
std::optional<bool> ServesData(pid_t pid, const fs::path& data) {
  std::error_code error;
  if (!fs::exists("/proc/self", error)) return std::nullopt;
  // A server works in its data directory, and may be read by its own account and by root.
  const fs::path folder = fs::read_symlink(absl::StrCat("/proc/", pid, "/cwd"), error);
  if (error) return false;
  return folder == fs::canonical(data, error);
}

bool Answers(const ClusterEndpoint& endpoint) {
  const std::string conninfo = endpoint.Conninfo(kSuperuser, "postgres") + " connect_timeout=5";
  return PQping(conninfo.c_str()) == PQPING_OK;
}

// The last complaint in the server's log after `start`.
std::string LastComplaint(const fs::path& log, std::uintmax_t start) {
  std::ifstream file(log);
  file.seekg(static_cast<std::streamoff>(start));
  std::string line;
  std::string complaint;
  while (std::getline(file, line)) {
    const std::size_t begin = line.find("FATAL:");
    if (begin != std::string::npos) complaint = line.substr(begin + sizeof("FATAL:"));
  }
  return std::string(absl::StripAsciiWhitespace(complaint));
}

std::uintmax_t SizeOf(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  return error ? 0 : size;
}

bool AwaitEnd(pid_t pid, absl::Duration patience) {
  Backoff backoff(absl::Now() + patience);
  do {
    CollectIfEnded(pid);
    if (!ProcessAlive(pid)) return true;
  } while (backoff.Wait());
  return false;
}

}  // namespace

std::string ClusterEndpoint::Conninfo(std::string_view role, std::string_view database) const {
  return absl::StrCat("host=", ConninfoValue(socket_directory_.string()),
                      " port=5432 user=", ConninfoValue(role), " dbname=", ConninfoValue(database));
}

fs::path ClusterEndpoint::PasswordFile(std::string_view role) const {
  return layout_.password_file(role);
}

absl::StatusOr<std::string> ClusterEndpoint::ConninfoWithPassword(std::string_view role,
                                                                  std::string_view database) const {
  CLINICD_ASSIGN_OR_RETURN(const std::string password, StoredPassword(layout_, role));
  return absl::StrCat(Conninfo(role, database), " password=", ConninfoValue(password));
}

absl::StatusOr<AdminConnection> ClusterEndpoint::Connect(std::string_view database) const {
  CLINICD_ASSIGN_OR_RETURN(const std::string password, StoredPassword(layout_, kSuperuser));
  return AdminConnection::Open(Conninfo(kSuperuser, database), password);
}

absl::StatusOr<std::unique_ptr<PrivateCluster>> PrivateCluster::Open(const Options& options,
                                                                     Random& random) {
  CLINICD_ASSIGN_OR_RETURN(ClusterLayout layout, MakeLayout(options.directory));
  CLINICD_ASSIGN_OR_RETURN(FileLock lock, FileLock::Acquire(layout.lock(), options.lock_patience));
  std::unique_ptr<PrivateCluster> cluster(
      new PrivateCluster(options, random, std::move(layout), std::move(lock)));
  CLINICD_RETURN_IF_ERROR(cluster->Prepare());
  return cluster;
}

PrivateCluster::~PrivateCluster() {
  if (!leave_ && pid_ != 0) Stop().IgnoreError();
}

absl::Status PrivateCluster::Prepare() {
  const fs::path data = layout_.data();
  CLINICD_ASSIGN_OR_RETURN(const std::optional<int> major, DataMajor(data));
  CLINICD_ASSIGN_OR_RETURN(programs_, ProgramsFor(options_.programs, major, data));
  std::error_code error;
  if (fs::exists(layout_.server(), error)) {
    CLINICD_ASSIGN_OR_RETURN(account_, AccountOfOwner(layout_.server()));
  } else {
    CLINICD_ASSIGN_OR_RETURN(account_, AccountForNewCluster());
    CLINICD_RETURN_IF_ERROR(MakeServerDirectory(layout_, account_));
  }
  const fs::path server = fs::canonical(layout_.server(), error);
  if (error || !CanReach(account_, server)) {
    return absl::FailedPreconditionError(
        absl::StrCat(account_.name, ", under which PostgreSQL runs, cannot enter ", server.string(),
                     "; open the folders above it with chmod o+x"));
  }
  return major ? absl::OkStatus() : Initialize();
}

absl::Status PrivateCluster::Initialize() {
  // Made aside and then renamed, so that an initdb cut short leaves nothing that looks like data.
  // Without links, which lie where the server's account may not be able to go.
  std::error_code error;
  const fs::path server = fs::canonical(layout_.server(), error);
  const fs::path fresh = server / "data.incomplete";
  const fs::path password_file = server / "initdb.password";
  fs::remove_all(fresh, error);
  CLINICD_ASSIGN_OR_RETURN(const std::string password, PasswordOf(layout_, kSuperuser, random_));
  CLINICD_RETURN_IF_ERROR(WriteFile(password_file, password + "\n"));
  CLINICD_RETURN_IF_ERROR(GiveTo(account_, password_file));
  Command initdb{.arguments = {(programs_ / "initdb").string(), "--pgdata=" + fresh.string(),
                               "--username=postgres", "--pwfile=" + password_file.string(),
                               "--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8",
                               "--locale=C.UTF-8"},
                 .log = layout_.log()};
  if (options_.fast) initdb.arguments.emplace_back("--no-sync");
  const absl::Status made = Run(initdb, account_);
  fs::remove(password_file, error);
  CLINICD_RETURN_IF_ERROR(made);

  CLINICD_RETURN_IF_ERROR(WriteFile(fresh / "pg_hba.conf", kHostRules));
  CLINICD_RETURN_IF_ERROR(GiveTo(account_, fresh / "pg_hba.conf"));
  std::ofstream(fresh / "postgresql.conf", std::ios::app)
      << "\ninclude_if_exists = 'clinicd.conf'\n";
  fs::rename(fresh, layout_.data(), error);
  if (!error) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("cannot make ", layout_.data().string(), ": ", error.message()));
}

absl::Status PrivateCluster::WriteSettings() const {
  const fs::path path = layout_.data() / "clinicd.conf";
  CLINICD_RETURN_IF_ERROR(
      WriteFile(path, absl::StrCat(kSettings, options_.fast ? kFastSettings : "")));
  return GiveTo(account_, path);
}

absl::Status PrivateCluster::Start() {
  if (Running()) return absl::OkStatus();
  CLINICD_RETURN_IF_ERROR(FindLeftServer());
  if (pid_ != 0) return AwaitReady(SizeOf(layout_.log()));
  CLINICD_RETURN_IF_ERROR(WriteSettings());
  CLINICD_ASSIGN_OR_RETURN(socket_directory_, MakeSocketDirectory(layout_, account_));
  // No server lives, so what an earlier one left of its socket is stale.
  std::error_code error;
  fs::remove(socket_directory_ / ".s.PGSQL.5432", error);
  fs::remove(socket_directory_ / ".s.PGSQL.5432.lock", error);
  if (SizeOf(layout_.log()) > kLogBytesMax) {
    fs::rename(layout_.log(), layout_.log().string() + ".1", error);
  }
  return Launch();
}

// Finds out whether the server of postmaster.pid lives, and if so makes it ours.
absl::Status PrivateCluster::FindLeftServer() {
  pid_ = 0;
  const std::optional<PidFile> file = ReadPidFile(layout_);
  // PostgreSQL itself recovers from a file whose process is gone.
  if (!file || kill(file->pid, 0) != 0) return absl::OkStatus();
  const std::optional<bool> serves =
      ProcessAlive(file->pid) ? ServesData(file->pid, layout_.data()) : std::optional(false);
  socket_directory_ = file->socket_directory;
  if (serves.value_or(Answers(endpoint()))) {
    pid_ = file->pid;
    return absl::OkStatus();
  }
  if (!serves) {
    return absl::FailedPreconditionError(
        absl::StrCat("process ", file->pid, " may be a server on ", layout_.data().string(),
                     " but does not answer; stop it, or mount /proc so that this can be seen"));
  }
  // The id now belongs to another program. PostgreSQL would take that for a live server, but it
  // knows a file with its parent's id to be stale, and then still checks for processes that a
  // killed server left behind, which removing the file would prevent.
  CLINICD_ASSIGN_OR_RETURN(const std::string text, ReadFile(layout_.pid_file()));
  const std::pair<std::string, std::string> id_and_rest =
      absl::StrSplit(text, absl::MaxSplits('\n', 1));
  CLINICD_RETURN_IF_ERROR(
      WriteFile(layout_.pid_file(), absl::StrCat(getpid(), "\n", id_and_rest.second)));
  return GiveTo(account_, layout_.pid_file());
}

absl::Status PrivateCluster::Launch() {
  std::error_code error;
  const fs::path data = fs::canonical(layout_.data(), error);
  const Command postgres{.arguments = {(programs_ / "postgres").string(), "-D", data.string(), "-c",
                                       "listen_addresses=", "-c",
                                       "unix_socket_directories=" + socket_directory_.string(),
                                       "-c", "unix_socket_permissions=0700", "-c", "port=5432"},
                         .log = layout_.log()};
  Backoff orphans(absl::Now() + kOrphansPatience);
  while (true) {
    const std::uintmax_t log_start = SizeOf(layout_.log());
    CLINICD_ASSIGN_OR_RETURN(pid_, Spawn(postgres, account_));
    absl::Status ready = AwaitReady(log_start);
    if (ready.ok()) return ready;
    // Processes of a killed server still have its shared memory; they are about to end.
    const bool orphaned =
        absl::StrContains(LastComplaint(layout_.log(), log_start), "shared memory block");
    if (!orphaned || !orphans.Wait()) return ready;
  }
}

absl::Status PrivateCluster::AwaitReady(std::uintmax_t log_start) {
  Backoff backoff(absl::Now() + options_.start_patience);
  do {
    CollectIfEnded(pid_);
    if (!ProcessAlive(pid_)) {
      pid_ = 0;
      const std::string complaint = LastComplaint(layout_.log(), log_start);
      return absl::InternalError(absl::StrCat("PostgreSQL did not start",
                                              complaint.empty() ? "" : ": ", complaint, "; see ",
                                              layout_.log().string()));
    }
    // Before its own file is there, the socket could be anybody's.
    const std::optional<PidFile> file = ReadPidFile(layout_);
    if (file && file->pid == pid_ && Answers(endpoint())) return absl::OkStatus();
  } while (backoff.Wait());
  return absl::DeadlineExceededError(absl::StrCat(
      "PostgreSQL (process ", pid_, ") is still not ready; see ", layout_.log().string()));
}

absl::Status PrivateCluster::Stop() {
  if (!Running()) CLINICD_RETURN_IF_ERROR(FindLeftServer());
  if (pid_ == 0) return absl::OkStatus();
  kill(pid_, SIGINT);
  if (!AwaitEnd(pid_, kFastStopPatience)) {
    // Without a last checkpoint; the next start recovers from the log, nothing is lost.
    kill(pid_, SIGQUIT);
    if (!AwaitEnd(pid_, kImmediateStopPatience)) {
      return absl::DeadlineExceededError(absl::StrCat(
          "PostgreSQL (process ", pid_, ") does not stop; see ", layout_.log().string()));
    }
  }
  pid_ = 0;
  RemoveSocketDirectory(layout_, socket_directory_);
  return absl::OkStatus();
}

bool PrivateCluster::Running() const {
  if (pid_ == 0) return false;
  CollectIfEnded(pid_);
  return ProcessAlive(pid_);
}

absl::Status PrivateCluster::ProvidePasswords() {
  CLINICD_ASSIGN_OR_RETURN(AdminConnection connection, endpoint().Connect("postgres"));
  CLINICD_ASSIGN_OR_RETURN(
      const AdminConnection::Rows roles,
      connection.Query("SELECT rolname, rolpassword IS NOT NULL FROM pg_catalog.pg_authid "
                       "WHERE rolname LIKE 'clinicd\\_%' AND rolcanlogin ORDER BY rolname"));
  for (const AdminConnection::Row& role : roles) {
    const std::string name = role[0].value_or("");
    const bool has_password = role[1].value_or("") == "t";
    if (has_password && StoredPassword(layout_, name).ok()) continue;
    CLINICD_ASSIGN_OR_RETURN(const std::string password, PasswordOf(layout_, name, random_));
    CLINICD_RETURN_IF_ERROR(connection.SetPassword(name, password));
  }
  return absl::OkStatus();
}

absl::StatusOr<ClusterEndpoint> FindRunningCluster(const fs::path& directory) {
  std::error_code error;
  ClusterLayout layout{.directory = fs::canonical(directory, error)};
  const std::optional<PidFile> file = error ? std::nullopt : ReadPidFile(layout);
  if (file) {
    ClusterEndpoint endpoint(layout, file->socket_directory);
    if (Answers(endpoint)) return endpoint;
  }
  return absl::NotFoundError(absl::StrCat("no database server runs in ", directory.string()));
}

}  // namespace clinicd::db
