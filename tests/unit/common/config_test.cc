#include "common/config/config.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "common/config/report.h"
#include "common/config/secret_file.h"
#include "tests/support/temporary_directory.h"

namespace clinicd::config {
namespace {

using testing::TemporaryDirectory;
using Json = nlohmann::json;

Setting Flag(std::string name, std::string value) {
  return {std::move(name), Untyped{std::move(value)}, "--flag"};
}

std::string TextOf(const Resolution& resolution, std::string_view name) {
  return ToText(resolution.Find(name).value);
}

// The only problem there is; REQUIREs that there is exactly one.
Problem OnlyProblem(const Sources& sources) {
  const Resolution resolution = ResolveAll(sources);
  REQUIRE(resolution.problems.size() == 1);
  return resolution.problems[0];
}

TEST_CASE("Load without any source gives the defaults", "[config][unit]") {
  const absl::StatusOr<Config> config = Config::Load({});

  REQUIRE(config.ok());
  CHECK(config->server().listen == Address{"127.0.0.1", 8443});
  CHECK(config->server().admin_listen == Address{"127.0.0.1", 9464});
  CHECK(config->server().grpc_socket.empty());
  CHECK(config->server().http_redirect_listen == std::nullopt);
  CHECK(config->server().public_authority.empty());
  CHECK(config->server().clear_listen == std::nullopt);
  CHECK(config->server().clear_socket.empty());
  CHECK(config->server().cors_origins.empty());
  CHECK(config->server().security_contact.empty());
  CHECK(config->server().connections_max == 4096);
  CHECK(config->server().connections_per_address == 64);
  CHECK(config->server().callback_threads == 2);
  CHECK(config->server().drain == absl::Seconds(25));
  CHECK(config->server().stream_age_max == absl::Minutes(12));
  CHECK(config->server().stream_heartbeat == absl::Seconds(20));
  CHECK(config->db().workers == 8);
  CHECK(config->db().queue == 256);
  CHECK(config->db().statement_timeout == absl::Seconds(10));
  CHECK(config->db().tenant_mode == TenantMode::kSetConfig);
  CHECK(config->auth().access_token_life == absl::Minutes(10));
  CHECK(config->auth().hash_concurrency == 2);
  CHECK(config->auth().refresh_life == absl::Hours(24 * 30));
  CHECK_FALSE(config->audit().strict_reads);
  CHECK(config->log().level == log::Level::kInfo);
  CHECK(config->log().file == "-");
}

TEST_CASE("Load takes every key into its place", "[config][unit]") {
  const TemporaryDirectory directory;
  const std::string secret = directory.Write("secret", "x\n");
  const std::string file = directory.Write("clinicd.toml", R"(
[server]
listen = "off"
grpc_socket = "/run/clinicd/grpc.sock"
tls_certificate_file = "/etc/clinicd/tls.pem"
tls_key_file = ")" + secret + R"("
admin_listen = "localhost:0"
http_redirect_listen = "0.0.0.0:80"
public_authority = "clinic.example"
clear_listen = "localhost:8080"
clear_socket = "/run/clinicd/http.sock"
cors_origins = ["https://portal.example", "https://app.example:8443"]
security_contact = "mailto:security@clinic.example"
connections_max = 100
connections_per_address = 10
callback_threads = 3
drain_seconds = "1m"
[db]
conninfo = "dbname=clinicd"
password_file = ")" + secret + R"("
auth_conninfo = "dbname=clinicd user=clinicd_auth"
auth_password_file = ")" + secret + R"("
jobs_conninfo = "dbname=clinicd user=clinicd_jobs"
jobs_password_file = ")" + secret + R"("
workers = 4
queue = 16
statement_timeout_ms = 2500
tenant_mode = "set_local"
[keys]
directory = "/srv/keys"
[auth]
access_token_minutes = 5
hash_concurrency = 1
refresh_days = 7
[audit]
strict_reads = true
[log]
level = "warning"
file = "/var/log/clinicd.log"
)");

  const absl::StatusOr<Config> config = Config::Load({.file = file});

  INFO(config.status());
  REQUIRE(config.ok());
  CHECK_FALSE(config->server().listen);
  CHECK(config->server().grpc_socket == "/run/clinicd/grpc.sock");
  CHECK(config->server().tls_certificate_file == "/etc/clinicd/tls.pem");
  CHECK(config->server().tls_key_file == secret);
  CHECK(config->server().admin_listen == Address{"127.0.0.1", 0});
  CHECK(config->server().http_redirect_listen == Address{"0.0.0.0", 80});
  CHECK(config->server().public_authority == "clinic.example");
  CHECK(config->server().clear_listen == Address{"127.0.0.1", 8080});
  CHECK(config->server().clear_socket == "/run/clinicd/http.sock");
  CHECK(config->server().cors_origins ==
        std::vector<std::string>{"https://portal.example", "https://app.example:8443"});
  CHECK(config->server().security_contact == "mailto:security@clinic.example");
  CHECK(config->server().connections_max == 100);
  CHECK(config->server().connections_per_address == 10);
  CHECK(config->server().callback_threads == 3);
  CHECK(config->server().drain == absl::Minutes(1));
  CHECK(config->db().conninfo == "dbname=clinicd");
  CHECK(config->db().password_file == secret);
  CHECK(config->db().auth_conninfo == "dbname=clinicd user=clinicd_auth");
  CHECK(config->db().auth_password_file == secret);
  CHECK(config->db().jobs_conninfo == "dbname=clinicd user=clinicd_jobs");
  CHECK(config->db().jobs_password_file == secret);
  CHECK(config->db().workers == 4);
  CHECK(config->db().queue == 16);
  CHECK(config->db().statement_timeout == absl::Milliseconds(2500));
  CHECK(config->db().tenant_mode == TenantMode::kSetLocal);
  CHECK(config->keys().directory == "/srv/keys");
  CHECK(config->auth().access_token_life == absl::Minutes(5));
  CHECK(config->auth().hash_concurrency == 1);
  CHECK(config->auth().refresh_life == absl::Hours(24 * 7));
  CHECK(config->audit().strict_reads);
  CHECK(config->log().level == log::Level::kWarning);
  CHECK(config->log().file == "/var/log/clinicd.log");
}

TEST_CASE("A stronger source wins and is named as the origin", "[config][unit]") {
  const TemporaryDirectory directory;
  const std::string file = directory.Write("c.toml", "[db]\nqueue = 10\nworkers = 1\n");
  Sources sources{.file = file};
  CHECK(TextOf(ResolveAll(sources), "db.queue") == "10");
  CHECK(ResolveAll(sources).Find("db.queue").origin == file + ":2:1");
  CHECK(ResolveAll(sources).Find("log.level").origin == "default");

  sources.environment = {"CLINICD_DB__QUEUE=20", "PATH=/bin"};
  CHECK(TextOf(ResolveAll(sources), "db.queue") == "20");
  CHECK(ResolveAll(sources).Find("db.queue").origin == "CLINICD_DB__QUEUE");

  sources.arguments = {"db.queue=30", "db.queue=31"};
  CHECK(TextOf(ResolveAll(sources), "db.queue") == "31");
  CHECK(ResolveAll(sources).Find("db.queue").origin == "--set");

  sources.flags = {Flag("db.queue", "40")};
  const Resolution resolution = ResolveAll(sources);
  CHECK(TextOf(resolution, "db.queue") == "40");
  CHECK(resolution.Find("db.queue").origin == "--flag");
  CHECK(TextOf(resolution, "db.workers") == "1");
  CHECK(resolution.problems.empty());
}

TEST_CASE("A value may contain what separates values from keys", "[config][unit]") {
  const Resolution resolution = ResolveAll({.arguments = {"db.conninfo=host=/tmp dbname=a"},
                                            .environment = {"CLINICD_DB__AUTH_CONNINFO=dbname=b"}});

  CHECK(resolution.problems.empty());
  CHECK(TextOf(resolution, "db.conninfo") == "host=/tmp dbname=a");
  CHECK(TextOf(resolution, "db.auth_conninfo") == "dbname=b");
}

TEST_CASE("An access token lives as long as its verifiers take it, or less", "[config][unit]") {
  CHECK(ResolveAll({.arguments = {"auth.access_token_minutes=1"}}).problems.empty());
  CHECK(ResolveAll({.arguments = {"auth.access_token_minutes=10"}}).problems.empty());
  CHECK(OnlyProblem({.arguments = {"auth.access_token_minutes=0"}}).key ==
        "auth.access_token_minutes");
  CHECK(OnlyProblem({.arguments = {"auth.access_token_minutes=11"}}).key ==
        "auth.access_token_minutes");
}

TEST_CASE("An unknown key is an error in every source and suggests the right one",
          "[config][unit]") {
  const TemporaryDirectory directory;
  const std::string file = directory.Write("c.toml", "\n[server]\nlisen = \"off\"\n");
  const std::vector<std::pair<Sources, std::string>> cases = {
      {{.flags = {Flag("server.lisen", "off")}}, "--flag"},
      {{.arguments = {"server.lisen=off"}}, "--set"},
      {{.environment = {"CLINICD_SERVER__LISEN=off"}}, "CLINICD_SERVER__LISEN"},
      {{.file = file}, file + ":3:1"},
  };
  for (const auto& [sources, origin] : cases) {
    const Problem problem = OnlyProblem(sources);

    CHECK(problem.reason == Reason::kUnknownKey);
    CHECK(problem.key == "server.lisen");
    CHECK(problem.origin == origin);
    CHECK(problem.message.find("server.listen") != std::string::npos);
    CHECK_FALSE(Config::Load(sources).ok());
  }
}

TEST_CASE("A variable that is nearly a key's is an error and others are left alone",
          "[config][unit]") {
  const auto [entry, wrong] = GENERATE(table<std::string, bool>({
      {"CLINICD_SERVER_LISTEN=off", true},   // one underscore
      {"CLINICD_server__listen=off", true},  // lower case
      {"CLINICD_SERVER__=off", true},
      {"CLINICD___=", true},
      {"CLINICD_DB__QUEUE__X=1", true},
      {"CLINICD_LONG_TESTS=1", false},
      {"CLINICD_=1", false},
      {"XCLINICD_SERVER__LISTEN=off", false},
      {"CLINICD_SERVER__LISTEN", false},  // no value at all
      {"", false},
  }));
  CAPTURE(entry);

  const Resolution resolution = ResolveAll({.environment = {entry}});

  REQUIRE(resolution.problems.size() == (wrong ? 1 : 0));
  if (wrong) CHECK(resolution.problems[0].reason == Reason::kUnknownKey);
  CHECK(TextOf(resolution, "server.listen") == "127.0.0.1:8443");
}

TEST_CASE("Every problem is reported at once and wrong values leave the default",
          "[config][unit]") {
  const TemporaryDirectory directory;
  const std::string file =
      directory.Write("c.toml", "[db]\nqueue = \"many\"\n[log]\nlevel = \"loud\"\n");

  const Resolution resolution = ResolveAll({.arguments = {"db.workers=65", "nonsense"},
                                            .environment = {"CLINICD_AUDIT__STRICT_READS=maybe"},
                                            .file = file});

  const auto has = [&resolution](Reason reason, std::string_view key, std::string_view origin) {
    return std::any_of(
        resolution.problems.begin(), resolution.problems.end(), [&](const Problem& problem) {
          return problem.reason == reason && problem.key == key && problem.origin == origin;
        });
  };
  CHECK(resolution.problems.size() == 5);
  CHECK(has(Reason::kSyntax, "", "--set"));
  CHECK(has(Reason::kWrongType, "db.queue", file + ":2:1"));
  CHECK(has(Reason::kNotAllowed, "log.level", file + ":4:1"));
  CHECK(has(Reason::kWrongType, "audit.strict_reads", "CLINICD_AUDIT__STRICT_READS"));
  CHECK(has(Reason::kOutOfRange, "db.workers", "--set"));
  CHECK(TextOf(resolution, "db.queue") == "256");
  CHECK(TextOf(resolution, "log.level") == "info");
}

TEST_CASE("A secret given directly is refused without being shown", "[config][unit]") {
  const TemporaryDirectory directory;
  const std::string file = directory.Write("c.toml", "[db]\npassword = \"hunter22\"\n");
  const std::vector<Sources> cases = {{.file = file},
                                      {.arguments = {"db.auth_password=hunter22"}},
                                      {.environment = {"CLINICD_SERVER__TLS_KEY=hunter22"}}};
  for (const Sources& sources : cases) {
    const Problem problem = OnlyProblem(sources);

    CHECK(problem.reason == Reason::kSecretGivenDirectly);
    CHECK(problem.ToText().find("hunter22") == std::string::npos);
    CHECK(problem.message.find("_file") != std::string::npos);
  }
}

TEST_CASE("A password in a connection string is refused without being shown", "[config][unit]") {
  const Sources sources{.arguments = {"db.conninfo=dbname=clinicd password=hunter22"}};

  const Problem problem = OnlyProblem(sources);

  CHECK(problem.reason == Reason::kNotAllowed);
  CHECK(problem.ToText().find("hunter22") == std::string::npos);
  CHECK(ToJson(ResolveAll(sources)).find("hunter22") == std::string::npos);
}

TEST_CASE("A wrong value of a key of secrets is not shown", "[config][unit]") {
  const Problem problem =
      OnlyProblem({.arguments = {"db.password_file=-----BEGIN\nhunter22-----"}});

  CHECK(problem.reason == Reason::kWrongType);
  CHECK(problem.ToText().find("hunter22") == std::string::npos);
}

TEST_CASE("A secret file that others may open is refused", "[config][unit]") {
  const auto [mode, allowed] = GENERATE(table<unsigned, bool>({
      {0400, true},
      {0600, true},
      {0700, true},
      {0640, false},
      {0604, false},
      {0620, false},
      {0602, false},
      {0610, false},
      {0601, false},
  }));
  CAPTURE(mode);
  const TemporaryDirectory directory;
  const std::string file = directory.Write("secret", "hunter22\n");
  std::filesystem::permissions(file, std::filesystem::perms(mode));

  const Resolution resolution = ResolveAll({.arguments = {"db.password_file=" + file}});

  REQUIRE(resolution.problems.size() == (allowed ? 0 : 1));
  if (!allowed) CHECK(resolution.problems[0].reason == Reason::kSecretFile);
  CHECK(ReadSecretFile(file).status().code() ==
        (allowed ? absl::StatusCode::kOk : absl::StatusCode::kFailedPrecondition));
}

TEST_CASE("A secret file that is absent or no file is refused", "[config][unit]") {
  const TemporaryDirectory directory;
  const std::string pipe = directory.path("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);

  CHECK(CheckSecretFile(directory.path("absent")).code() == absl::StatusCode::kNotFound);
  CHECK(CheckSecretFile(directory.path()).code() == absl::StatusCode::kFailedPrecondition);
  CHECK(CheckSecretFile(pipe).code() == absl::StatusCode::kFailedPrecondition);
  CHECK(CheckSecretFile("/dev/null").code() == absl::StatusCode::kFailedPrecondition);
  const Problem problem =
      OnlyProblem({.arguments = {"db.password_file=" + directory.path("absent")}});
  CHECK(problem.reason == Reason::kSecretFile);
}

TEST_CASE("A secret file of another user is refused", "[config][unit]") {
  if (::geteuid() != 0) return;  // Only root can give a file away.
  const TemporaryDirectory directory;
  const std::string file = directory.Write("secret", "hunter22");
  REQUIRE(::chown(file.c_str(), 65534, 65534) == 0);

  CHECK(CheckSecretFile(file).code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("ReadSecretFile drops one line end and refuses what is no secret", "[config][unit]") {
  const TemporaryDirectory directory;
  const auto read = [&directory](std::string_view content) {
    return ReadSecretFile(directory.Write("secret", content));
  };

  CHECK(read("hunter22").value() == "hunter22");
  CHECK(read("hunter22\n").value() == "hunter22");
  CHECK(read("hunter22\r\n").value() == "hunter22");
  CHECK(read(" hunter22 \n\n").value() == " hunter22 \n");
  CHECK(read(std::string(65536, 'x')).value().size() == 65536);
  CHECK(read(std::string(65537, 'x')).status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(read("").status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(read("\n").status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(read(std::string("a\0b", 3)).status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("A file that is not TOML is refused at its line", "[config][unit]") {
  const auto [content, line] = GENERATE(table<std::string, std::string>({
      {"[db]\nqueue = \n", ":2:"},
      {"[db]\nqueue = 1\nqueue = 2\n", ":3:"},
      {"[db\n", ":1:"},
      {"[log]\nlevel = \"\xff\"\n", ":2:"},
      {std::string("\0", 1), ":1:"},
  }));
  CAPTURE(content);
  const TemporaryDirectory directory;
  const std::string file = directory.Write("c.toml", content);

  const Problem problem = OnlyProblem({.file = file});

  CHECK(problem.reason == Reason::kSyntax);
  CHECK(problem.message.find(file + line) != std::string::npos);
}

TEST_CASE("A file of hostile depth is refused and does not end the process", "[config][unit]") {
  const TemporaryDirectory directory;
  const std::string file = directory.Write("c.toml", "a = " + std::string(500'000, '[') + "\n");

  CHECK(OnlyProblem({.file = file}).reason == Reason::kSyntax);
}

TEST_CASE("Values of kinds that no key has are refused", "[config][unit]") {
  const std::string value =
      GENERATE("1.5", "2026-03-01", "12:00:00", "[1, 2]", "[]", "nan", "0x10000000000");
  const TemporaryDirectory directory;
  const std::string file = directory.Write("c.toml", "[db]\nqueue = " + value + "\n");
  CAPTURE(value);

  const Problem problem = OnlyProblem({.file = file});

  CHECK(problem.key == "db.queue");
  CHECK((problem.reason == Reason::kWrongType || problem.reason == Reason::kOutOfRange));
}

TEST_CASE("Only a file that was asked for must exist", "[config][unit]") {
  const TemporaryDirectory directory;

  CHECK(ResolveAll({.default_file = directory.path("absent.toml")}).problems.empty());
  CHECK(OnlyProblem({.file = directory.path("absent.toml")}).reason == Reason::kUnreadableFile);
  CHECK(OnlyProblem({.file = directory.path()}).reason == Reason::kUnreadableFile);
  directory.Write("found.toml", "[db]\nqueue = 3\n");
  CHECK(TextOf(ResolveAll({.default_file = directory.path("found.toml")}), "db.queue") == "3");
}

TEST_CASE("A file of more than one mebibyte is refused", "[config][unit]") {
  const TemporaryDirectory directory;
  const std::string largest = "#" + std::string(1024 * 1024 - 1, 'x');

  CHECK(ResolveAll({.file = directory.Write("c.toml", largest)}).problems.empty());
  CHECK(OnlyProblem({.file = directory.Write("d.toml", largest + "x")}).reason ==
        Reason::kUnreadableFile);
}

TEST_CASE("A certificate needs its key and a key its certificate", "[config][unit]") {
  const TemporaryDirectory directory;
  const std::string key = directory.Write("key.pem", "x");

  const Problem no_key = OnlyProblem({.arguments = {"server.tls_certificate_file=/c.pem"}});
  const Problem no_certificate = OnlyProblem({.arguments = {"server.tls_key_file=" + key}});

  CHECK(no_key.reason == Reason::kIncomplete);
  CHECK(no_key.key == "server.tls_key_file");
  CHECK(no_certificate.reason == Reason::kIncomplete);
  CHECK(no_certificate.key == "server.tls_certificate_file");
}

TEST_CASE("CheckForServing wants a way in and both databases", "[config][unit]") {
  const auto [arguments, enough] = GENERATE(table<std::vector<std::string>, bool>({
      {{"db.conninfo=a", "db.auth_conninfo=b", "server.listen=off", "server.grpc_socket=/s"}, true},
      {{"db.conninfo=a", "db.auth_conninfo=b", "server.listen=off"}, false},
      {{"db.conninfo=a", "db.auth_conninfo=b", "server.grpc_socket=/s"}, false},  // no certificate
      {{"db.conninfo=a", "server.listen=off", "server.grpc_socket=/s"}, false},
      {{"db.auth_conninfo=b", "server.listen=off", "server.grpc_socket=/s"}, false},
  }));
  const absl::StatusOr<Config> config = Config::Load({.arguments = arguments});
  REQUIRE(config.ok());

  CHECK(config->CheckForServing().code() ==
        (enough ? absl::StatusCode::kOk : absl::StatusCode::kFailedPrecondition));
}

TEST_CASE("CheckForServing takes a listener with a certificate", "[config][unit]") {
  const TemporaryDirectory directory;
  const absl::StatusOr<Config> config = Config::Load(
      {.arguments = {"db.conninfo=a", "db.auth_conninfo=b", "server.tls_certificate_file=/c.pem",
                     "server.tls_key_file=" + directory.Write("key.pem", "x")}});

  REQUIRE(config.ok());
  CHECK(config->CheckForServing().ok());
}

TEST_CASE("The reports name every key with its value and source", "[config][unit]") {
  const Resolution resolution =
      ResolveAll({.arguments = {"db.queue=7", "log.level=loud"}, .environment = {}});

  const Json report = Json::parse(ToJson(resolution));
  const std::string text = ToText(resolution, /*sources=*/true);

  REQUIRE(report.at("keys").size() == Keys().size());
  for (std::size_t i = 0; i < Keys().size(); ++i) {
    CHECK(report.at("keys")[i].at("key") == Keys()[i].name);
    CHECK(text.find(std::string(Keys()[i].name) + " = ") != std::string::npos);
  }
  const auto queue = std::find_if(report.at("keys").begin(), report.at("keys").end(),
                                  [](const Json& entry) { return entry.at("key") == "db.queue"; });
  CHECK(queue->at("value") == 7);
  CHECK(queue->at("source") == "--set");
  CHECK(queue->at("secret") == false);
  REQUIRE(report.at("problems").size() == 1);
  CHECK(report.at("problems")[0].at("reason") == "NOT_ALLOWED");
  CHECK(report.at("problems")[0].at("key") == "log.level");
  CHECK(text.find("# --set") != std::string::npos);
  CHECK(ToText(resolution, /*sources=*/false).find("# default") == std::string::npos);
}

TEST_CASE("A text report without problems is a file that can be read back", "[config][unit]") {
  const TemporaryDirectory directory;
  const Resolution before =
      ResolveAll({.arguments = {"db.queue=7", R"(db.conninfo=options='-c a="b\c"')"}});

  const std::string file = directory.Write("c.toml", ToText(before, /*sources=*/true));
  const Resolution after = ResolveAll({.file = file});

  CHECK(after.problems.empty());
  for (const Key& key : Keys()) CHECK(TextOf(after, key.name) == TextOf(before, key.name));
}

TEST_CASE("ProcessEnvironment sees the environment", "[config][unit]") {
  const std::vector<std::string> entries = ProcessEnvironment();

  CHECK(std::any_of(entries.begin(), entries.end(),
                    [](const std::string& entry) { return entry.starts_with("PATH="); }));
}

}  // namespace
}  // namespace clinicd::config
