#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/base/random.h"
#include "db/admin/backoff.h"
#include "db/cluster/private_cluster.h"
#include "tests/support/child_process.h"

namespace clinicd::db {
namespace {

namespace fs = std::filesystem;
using clinicd::testing::ChildProcess;

// A folder of the test's own, with all that a cluster in it left elsewhere.
class Folder final {
 public:
  explicit Folder(mode_t mode = 0711) {
    std::string name = "/tmp/clinicd-cluster-test-XXXXXX";
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
    REQUIRE(chmod(path_.c_str(), mode) == 0);
  }
  ~Folder() {
    std::error_code error;
    if (fs::is_symlink(cluster() / "server", error)) {
      fs::remove_all(fs::canonical(cluster() / "server", error), error);
    }
    fs::remove_all(path_, error);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const fs::path& path() const { return path_; }
  fs::path cluster() const { return path_ / "cluster"; }
  ClusterLayout layout() const { return {.directory = cluster()}; }

 private:
  fs::path path_;
};

SystemRandom& Randomness() {
  static SystemRandom random;
  return random;
}

absl::StatusOr<std::unique_ptr<PrivateCluster>> Open(const fs::path& directory) {
  return PrivateCluster::Open({.directory = directory, .fast = true}, Randomness());
}

std::unique_ptr<PrivateCluster> Started(const fs::path& directory) {
  auto cluster = Open(directory);
  INFO(cluster.status());
  REQUIRE(cluster.ok());
  const absl::Status started = (*cluster)->Start();
  INFO(started);
  REQUIRE(started.ok());
  return *std::move(cluster);
}

AdminConnection Connected(const PrivateCluster& cluster) {
  auto connection = cluster.endpoint().Connect("postgres");
  INFO(connection.status());
  REQUIRE(connection.ok());
  return *std::move(connection);
}

// Starts a cluster and writes a row, as a process that is about to be killed.
bool StartAndWrite(const fs::path& directory) {
  auto cluster = Open(directory);
  if (!cluster.ok() || !(*cluster)->Start().ok()) return false;
  auto connection = (*cluster)->endpoint().Connect("postgres");
  const bool written =
      connection.ok() && connection->Execute("CREATE TABLE kept AS SELECT 42 AS answer").ok();
  // The kill comes without a destructor.
  static_cast<void>(cluster->release());
  return written;
}

std::string KeptRow(const PrivateCluster& cluster) {
  return Connected(cluster).QueryValue("SELECT answer FROM kept").value_or("lost");
}

bool EndedWithin(pid_t pid, absl::Duration patience) {
  Backoff backoff(absl::Now() + patience);
  do {
    CollectIfEnded(pid);
    if (!ProcessAlive(pid)) return true;
  } while (backoff.Wait());
  return false;
}

std::string ControlData(const PrivateCluster& cluster, const ClusterLayout& layout) {
  const fs::path output = layout.directory / "controldata";
  const std::string command =
      absl::StrCat("LC_ALL=C ", (cluster.programs() / "pg_controldata").string(), " ",
                   layout.data().string(), " > ", output.string());
  REQUIRE(std::system(command.c_str()) == 0);
  return ReadFile(output).value();
}

mode_t ModeOf(const fs::path& path) {
  struct stat info {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

TEST_CASE("A new cluster has checksums, is closed to the network and to strangers",
          "[cluster][integration]") {
  const Folder folder;
  const auto cluster = Started(folder.cluster());
  AdminConnection connection = Connected(*cluster);

  const std::pair<const char*, const char*> settings[] = {
      {"data_checksums", "on"},
      {"listen_addresses", ""},
      {"server_encoding", "UTF8"},
      {"lc_collate", "C.UTF-8"},
      {"TimeZone", "UTC"},
      {"password_encryption", "scram-sha-256"},
      {"log_error_verbosity", "terse"},
      {"log_parameter_max_length", "0"},
      {"log_parameter_max_length_on_error", "0"},
      {"idle_in_transaction_session_timeout", "15s"},
      {"jit", "off"},
  };
  for (const auto& [setting, value] : settings) {
    CAPTURE(setting);
    CHECK(connection.QueryValue("SELECT current_setting($1)", {setting}).value() == value);
  }
  CHECK(absl::IsUnauthenticated(
      AdminConnection::Open(cluster->endpoint().Conninfo(kSuperuser, "postgres"), "wrong")
          .status()));
  CHECK(ModeOf(cluster->endpoint().socket_directory()) == 0700);
  CHECK(ModeOf(cluster->endpoint().PasswordFile(kSuperuser)) == 0600);
}

TEST_CASE("A durable cluster does not run with the short cuts of tests", "[cluster][integration]") {
  const Folder folder;
  auto cluster = PrivateCluster::Open({.directory = folder.cluster()}, Randomness());
  REQUIRE(cluster.ok());
  REQUIRE((*cluster)->Start().ok());
  AdminConnection connection = Connected(**cluster);

  for (const char* setting : {"fsync", "synchronous_commit", "full_page_writes", "autovacuum"}) {
    CAPTURE(setting);
    CHECK(connection.QueryValue("SELECT current_setting($1)", {setting}).value() == "on");
  }
}

TEST_CASE("The server is out of reach of the terminal's Ctrl-C", "[cluster][integration]") {
  const Folder folder;
  const auto cluster = Started(folder.cluster());

  CHECK(getsid(cluster->pid()) == cluster->pid());
  CHECK(getpgid(cluster->pid()) != getpgid(0));
}

TEST_CASE("A stopped cluster was shut down cleanly and keeps its data", "[cluster][integration]") {
  const Folder folder;
  auto cluster = Started(folder.cluster());
  REQUIRE(Connected(*cluster).Execute("CREATE TABLE kept AS SELECT 42 AS answer").ok());
  // A session that does nothing must not hold up the stop.
  const AdminConnection idle = Connected(*cluster);
  const pid_t server = cluster->pid();

  REQUIRE(cluster->Stop().ok());

  CHECK_FALSE(cluster->Running());
  CHECK_FALSE(ProcessAlive(server));
  CHECK_FALSE(fs::exists(folder.layout().pid_file()));
  CHECK(absl::StrContains(ControlData(*cluster, folder.layout()), "shut down\n"));
  cluster.reset();
  CHECK(KeptRow(*Started(folder.cluster())) == "42");
}

TEST_CASE("A cluster outlives the kill of its clinicd and is taken over with its data",
          "[cluster][integration]") {
  const Folder folder;
  ChildProcess child([&] { return StartAndWrite(folder.cluster()); });
  REQUIRE(child.Succeeded());
  const pid_t server = ReadPidFile(folder.layout()).value().pid;

  child.Kill();
  REQUIRE(ProcessAlive(server));
  const auto cluster = Started(folder.cluster());

  CHECK(cluster->pid() == server);
  CHECK(KeptRow(*cluster) == "42");
  CHECK(cluster->Stop().ok());
  CHECK_FALSE(ProcessAlive(server));
}

TEST_CASE("A server that a killed clinicd left is stopped without being started again",
          "[cluster][integration]") {
  const Folder folder;
  ChildProcess child([&] { return StartAndWrite(folder.cluster()); });
  REQUIRE(child.Succeeded());
  const pid_t server = ReadPidFile(folder.layout()).value().pid;
  child.Kill();

  auto cluster = Open(folder.cluster());
  REQUIRE(cluster.ok());
  REQUIRE((*cluster)->Stop().ok());

  CHECK_FALSE(ProcessAlive(server));
  CHECK(absl::StrContains(ControlData(**cluster, folder.layout()), "shut down\n"));
}

TEST_CASE("A cluster recovers its data after the kill of clinicd and server",
          "[cluster][integration]") {
  const Folder folder;
  ChildProcess child([&] { return StartAndWrite(folder.cluster()); });
  REQUIRE(child.Succeeded());
  const pid_t server = ReadPidFile(folder.layout()).value().pid;

  child.Kill();
  REQUIRE(kill(server, SIGKILL) == 0);
  REQUIRE(EndedWithin(server, absl::Minutes(1)));
  const auto cluster = Started(folder.cluster());

  CHECK(cluster->pid() != server);
  CHECK(KeptRow(*cluster) == "42");
}

TEST_CASE("A cluster whose server died starts again under the same object",
          "[cluster][integration]") {
  const Folder folder;
  const auto cluster = Started(folder.cluster());
  REQUIRE(Connected(*cluster).Execute("CREATE TABLE kept AS SELECT 42 AS answer").ok());
  REQUIRE(kill(cluster->pid(), SIGKILL) == 0);
  REQUIRE(EndedWithin(cluster->pid(), absl::Minutes(1)));

  CHECK_FALSE(cluster->Running());
  REQUIRE(cluster->Start().ok());
  CHECK(KeptRow(*cluster) == "42");
}

TEST_CASE("A stale process id that another program has by now does not stop the start",
          "[cluster][integration]") {
  // Without it nobody can tell the other program from a server.
  if (!fs::exists("/proc/self")) return;
  const Folder folder;
  auto cluster = Started(folder.cluster());
  REQUIRE(Connected(*cluster).Execute("CREATE TABLE kept AS SELECT 42 AS answer").ok());
  const pid_t server = cluster->pid();
  REQUIRE(kill(server, SIGKILL) == 0);
  REQUIRE(EndedWithin(server, absl::Minutes(1)));
  cluster.reset();
  // The other program runs under the server's account, or PostgreSQL would not mind it.
  const ServerAccount account = AccountOfOwner(folder.layout().server()).value();
  const pid_t stranger =
      Spawn({.arguments = {"/bin/sleep", "600"}, .log = folder.layout().log()}, account).value();
  const std::string pid_file = ReadFile(folder.layout().pid_file()).value();
  REQUIRE(WriteFile(folder.layout().pid_file(),
                    absl::StrReplaceAll(
                        pid_file, {{absl::StrCat(server, "\n"), absl::StrCat(stranger, "\n")}}))
              .ok());
  REQUIRE(GiveTo(account, folder.layout().pid_file()).ok());

  cluster = Started(folder.cluster());

  CHECK(KeptRow(*cluster) == "42");
  CHECK(ProcessAlive(stranger));
  kill(stranger, SIGKILL);
  CHECK(EndedWithin(stranger, absl::Minutes(1)));
}

TEST_CASE("A directory that a live clinicd uses is refused until that one ends",
          "[cluster][integration]") {
  const Folder folder;
  ChildProcess child([&] { return StartAndWrite(folder.cluster()); });
  REQUIRE(child.Succeeded());

  CHECK(absl::IsAlreadyExists(Open(folder.cluster()).status()));
  child.Kill();
  CHECK(KeptRow(*Started(folder.cluster())) == "42");
}

TEST_CASE("Data of another major version is refused and left alone", "[cluster][integration]") {
  const Folder folder;
  REQUIRE(Open(folder.cluster()).ok());
  const fs::path version = folder.layout().data() / "PG_VERSION";
  std::ofstream(version) << "14\n";

  CHECK(absl::IsFailedPrecondition(Open(folder.cluster()).status()));
  CHECK(ReadFile(version).value() == "14\n");
  CHECK(fs::exists(folder.layout().data() / "global" / "pg_control"));
}

TEST_CASE("A folder that holds something else than a cluster is refused and left alone",
          "[cluster][integration]") {
  const Folder folder;
  REQUIRE(Open(folder.cluster()).ok());
  fs::remove_all(folder.layout().data());
  fs::create_directory(folder.layout().data());
  std::ofstream(folder.layout().data() / "thesis.txt") << "years of work";

  CHECK(absl::IsFailedPrecondition(Open(folder.cluster()).status()));
  CHECK(ReadFile(folder.layout().data() / "thesis.txt").value() == "years of work");
}

TEST_CASE("A creation that was cut short is made again", "[cluster][integration]") {
  const Folder folder;
  REQUIRE(Open(folder.cluster()).ok());
  fs::rename(folder.layout().data(), folder.layout().server() / "data.incomplete");
  fs::remove(folder.layout().server() / "data.incomplete" / "pg_hba.conf");

  const auto cluster = Started(folder.cluster());
  CHECK(Connected(*cluster).QueryValue("SELECT 1").value() == "1");
}

TEST_CASE("A machine without a suitable PostgreSQL is told so before anything is made",
          "[cluster][integration]") {
  const Folder folder;
  fs::create_directories(folder.path() / "programs" / "14" / "bin");

  const auto cluster = PrivateCluster::Open(
      {.directory = folder.cluster(), .programs = folder.path() / "programs"}, Randomness());

  CHECK(absl::IsFailedPrecondition(cluster.status()));
  CHECK_FALSE(fs::exists(folder.layout().server()));
}

TEST_CASE("A path too long for a socket gets a short private one, which goes with the server",
          "[cluster][integration]") {
  const Folder folder;
  const fs::path directory = folder.path() / std::string(60, 'a') / std::string(60, 'b');
  auto cluster = Started(directory);
  const fs::path socket = cluster->endpoint().socket_directory();
  REQUIRE(Connected(*cluster).Execute("CREATE TABLE kept AS SELECT 42 AS answer").ok());

  CHECK(socket.string().size() < 60);
  CHECK(ModeOf(socket) == 0700);
  REQUIRE(cluster->Stop().ok());
  CHECK_FALSE(fs::exists(socket));
  cluster.reset();
  CHECK(KeptRow(*Started(directory)) == "42");
}

TEST_CASE("A password file that others may read is refused", "[cluster][integration]") {
  const Folder folder;
  const auto cluster = Started(folder.cluster());
  REQUIRE(chmod(cluster->endpoint().PasswordFile(kSuperuser).c_str(), 0640) == 0);

  CHECK(absl::IsFailedPrecondition(cluster->endpoint().Connect("postgres").status()));
}

TEST_CASE("The server's log keeps no value of a failed statement", "[cluster][integration]") {
  const Folder folder;
  const auto cluster = Started(folder.cluster());
  AdminConnection connection = Connected(*cluster);
  REQUIRE(connection.Execute("CREATE TABLE t (v text UNIQUE, n int CHECK (n > 0))").ok());

  const std::string insert = "INSERT INTO t (v, n) VALUES ($1, $2::int)";
  CHECK(connection.Query(insert, {"canary-4711", "1"}).ok());
  CHECK_FALSE(connection.Query(insert, {"canary-4711", "1"}).ok());
  CHECK_FALSE(connection.Query(insert, {"canary-4712", "-4711"}).ok());
  CHECK_FALSE(connection.Execute("INSERT INTO t VALUES ('canary-4711', 1)").ok());

  REQUIRE(cluster->Stop().ok());
  const std::string log = ReadFile(folder.layout().log()).value();
  CHECK(absl::StrContains(log, "t_v_key"));
  CHECK_FALSE(absl::StrContains(log, "4711"));
}

TEST_CASE("As root, a directory closed to the server's account works through a link",
          "[cluster][integration]") {
  if (geteuid() != 0) return;
  const Folder closed(0700);
  auto cluster = Started(closed.cluster());
  REQUIRE(Connected(*cluster).Execute("CREATE TABLE kept AS SELECT 42 AS answer").ok());

  CHECK(fs::is_symlink(closed.layout().server()));
  cluster.reset();
  CHECK(KeptRow(*Started(closed.cluster())) == "42");
}

TEST_CASE("An ordinary user runs a cluster, which root can run later", "[cluster][integration]") {
  if (geteuid() != 0) return;
  const Folder folder;
  const passwd* user = getpwnam("nobody");
  REQUIRE(user != nullptr);
  REQUIRE(chown(folder.path().c_str(), user->pw_uid, user->pw_gid) == 0);
  ChildProcess child([&] {
    return setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0 &&
           StartAndWrite(folder.cluster());
  });
  REQUIRE(child.Succeeded());
  child.Kill();

  const auto cluster = Started(folder.cluster());
  CHECK(KeptRow(*cluster) == "42");
  REQUIRE(cluster->Stop().ok());
  REQUIRE(cluster->Start().ok());
  CHECK(KeptRow(*cluster) == "42");
}

}  // namespace
}  // namespace clinicd::db
