#include "common/log/logger.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <tuple>
#include <vector>

#include "tests/support/captured_log.h"
#include "tests/support/fakes.h"
#include "tests/support/temporary_directory.h"

namespace clinicd::log {
namespace {

using testing::CapturedLog;
using testing::FakeClock;
using testing::TemporaryDirectory;
using Json = nlohmann::json;

constexpr char kUuid[] = "01890a5d-ac96-774b-bcce-b302099a8057";

absl::Time Noon() {
  return absl::FromCivil(absl::CivilSecond(2026, 3, 1, 12, 0, 0), absl::UTCTimeZone()) +
         absl::Microseconds(42);
}

struct Log {
  FakeClock clock{Noon()};
  CapturedLog captured;
  Logger logger{Level::kInfo, captured.NewSink(), clock};
};

bool IsPrintableAscii(std::string_view line) {
  return std::all_of(line.begin(), line.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

TEST_CASE("Logger writes one JSON object with time, level, event and fields", "[log][unit]") {
  Log log;

  log.logger.Info("call_finished", {{kMethod, "clinicd.patients.v1.PatientService/GetPatient"},
                                    {kRequestId, kUuid},
                                    {kDurationUs, 1250},
                                    {kRoundTrips, 1U}});

  REQUIRE(log.captured.lines().size() == 1);
  CHECK(log.captured.lines()[0] ==
        R"({"ts":"2026-03-01T12:00:00.000042Z","level":"info","event":"call_finished",)"
        R"("method":"clinicd.patients.v1.PatientService/GetPatient",)"
        R"("request_id":"01890a5d-ac96-774b-bcce-b302099a8057","duration_us":1250,)"
        R"("round_trips":1})");
}

TEST_CASE("Logger leaves out events below its level", "[log][unit]") {
  const auto [level, lines] = GENERATE(table<Level, std::size_t>(
      {{Level::kDebug, 4}, {Level::kInfo, 3}, {Level::kWarning, 2}, {Level::kError, 1}}));
  FakeClock clock(Noon());
  CapturedLog captured;
  Logger logger(level, captured.NewSink(), clock);

  logger.Debug("event");
  logger.Info("event");
  logger.Warning("event");
  logger.Error("event");

  CHECK(captured.lines().size() == lines);
  CHECK(logger.Enabled(level));
}

TEST_CASE("ParseLevel knows the four levels and nothing else", "[log][unit]") {
  CHECK(ParseLevel("debug") == Level::kDebug);
  CHECK(ParseLevel("info") == Level::kInfo);
  CHECK(ParseLevel("warning") == Level::kWarning);
  CHECK(ParseLevel("error") == Level::kError);
  CHECK_FALSE(ParseLevel("INFO"));
  CHECK_FALSE(ParseLevel("trace"));
  CHECK_FALSE(ParseLevel(""));
}

TEST_CASE("Accepts takes only values of the key's shape", "[log][unit]") {
  const auto [key, value, accepted] = GENERATE(table<TextKey, std::string, bool>({
      {kRequestId, kUuid, true},
      {kRequestId, "01890A5D-ac96-774b-bcce-b302099a8057", false},   // not canonical
      {kRequestId, "01890a5d-ac96-774b-bcce-b302099a805", false},    // too short
      {kRequestId, "01890a5d-ac96-774b-bcce-b302099a80577", false},  // too long
      {kRequestId, "01890a5dxac96-774b-bcce-b302099a8057", false},
      {kClinicId, "smile-dental", false},
      {kUserId, "ana@clinic.example", false},
      {kEntityId, "", false},
      {kKeyId, "0123456789abcdef", true},
      {kKeyId, "0123456789abcde", false},
      {kKeyId, "0123456789abcdefa", false},
      {kKeyId, "0123456789abcdeg", false},
      {kMethod, "a.B/C", true},
      {kMethod, "/a.B/C", false},
      {kMethod, "a.B/C/D", false},
      {kMethod, "aB/C", false},
      {kMethod, "a.B/", false},
      {kMethod, "a.B", false},
      {kMethod, "a.B/" + std::string(124, 'C'), true},
      {kMethod, "a.B/" + std::string(125, 'C'), false},
      {kCode, "NOT_FOUND", true},
      {kCode, "not_found", false},
      {kReason, "APPOINTMENT_SLOT_TAKEN", true},
      {kReason, "Ana Perez", false},
      {kReason, "", false},
      {kReason, std::string(63, 'A'), true},
      {kReason, std::string(64, 'A'), false},
      {kSqlstate, "40001", true},
      {kSqlstate, "23P01", true},
      {kSqlstate, "4000", false},
      {kSqlstate, "400011", false},
      {kSqlstate, "23p01", false},
      {kConstraint, "patients_file_number_uq", true},
      {kConstraint, "Key (file_number)=(F-1)", false},
      {kQuery, "get_patient", true},
      {kQuery, "SELECT 1", false},
      {kTable, std::string(63, 'a'), true},
      {kTable, std::string(64, 'a'), false},
      {kVersion, "0.1.0", true},
      {kVersion, "v0.1.0", false},
      {kAddress, "127.0.0.1:8443", true},
      {kAddress, "ipv6:%5B::1%5D:9000", true},
      {kAddress, "unix:/run/clinicd/grpc.sock", true},
      {kAddress, "12 High Street: flat 3", false},
      {kAddress, "Perez", false},
      {kPath, "/etc/clinicd/clinicd.toml", true},
      {kPath, "", false},
      {kNote, "", true},
      {kNote, std::string(1024, 'x'), true},
      {kNote, std::string(1025, 'x'), false},
  }));
  CAPTURE(NameOf(key), value);

  CHECK(Accepts(key, value) == accepted);
}

TEST_CASE("Logger refuses a value that does not have its key's shape", "[log][unit]") {
  Log log;

  log.logger.Info("event", {{kReason, "Ana Perez, born 1980-02-03"}, {kCode, "OK"}});

  const Json line = Json::parse(log.captured.lines().at(0));
  CHECK(line.at("reason") == "[refused]");
  CHECK(line.at("code") == "OK");
  CHECK(log.captured.lines()[0].find("Ana") == std::string::npos);
}

TEST_CASE("Logger keeps hostile text inside its string, on its line, in ASCII", "[log][unit]") {
  const auto [hostile, back] = GENERATE(table<std::string, std::string>({
      {"a\nb", "a\nb"},
      {"a\r\n{\"ts\":\"x\"}", "a\r\n{\"ts\":\"x\"}"},
      {"\",\"level\":\"error", "\",\"level\":\"error"},
      {"back\\", "back\\"},
      {"\x1b[2J\x1b]0;title\x07", "\x1b[2J\x1b]0;title\x07"},  // terminal sequences
      {std::string("nul\0byte", 8), std::string("nul\0byte", 8)},
      {"del\x7f", "del\x7f"},
      {"c1\xc2\x9b"
       "31m",
       "c1\xc2\x9b"
       "31m"},                                                   // one-character CSI
      {"\xe2\x80\xa8\xe2\x80\xa9", "\xe2\x80\xa8\xe2\x80\xa9"},  // U+2028, U+2029
      // NOLINTBEGIN(misc-misleading-bidirectional): the override is what is tested.
      {"\xe2\x80\xae"
       "gpj",
       "\xe2\x80\xae"
       "gpj"},  // right-to-left override
      // NOLINTEND(misc-misleading-bidirectional)
      {"\xef\xbb\xbf", "\xef\xbb\xbf"},                          // byte order mark
      {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},                  // outside the basic plane
      {"\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd"},                  // not UTF-8
      {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                  // overlong slash
      {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},  // lone surrogate
      {"cut\xe2\x80", "cut\xef\xbf\xbd"},
      {"%s%n{}{0}", "%s%n{}{0}"},  // format strings
  }));
  CAPTURE(hostile);
  Log log;

  log.logger.Info("event", {{kPath, hostile}, {kNote, hostile}});

  REQUIRE(log.captured.lines().size() == 1);
  const std::string text = log.captured.lines()[0];
  CHECK(IsPrintableAscii(text));
  const Json line = Json::parse(text);
  CHECK(line.size() == 5);
  CHECK(line.at("level") == "info");
  CHECK(line.at("path") == back);
  CHECK(line.at("note") == back);
}

TEST_CASE("Logger writes every number as JSON", "[log][unit]") {
  Log log;

  log.logger.Info("event", {{kCount, std::numeric_limits<std::int64_t>::min()},
                            {kBytes, std::numeric_limits<std::uint64_t>::max()},
                            {kRetryMs, 0.25},
                            {kDurationUs, std::numeric_limits<double>::infinity()},
                            {kPort, std::numeric_limits<double>::quiet_NaN()}});

  const Json line = Json::parse(log.captured.lines().at(0));
  CHECK(line.at("count") == std::numeric_limits<std::int64_t>::min());
  CHECK(line.at("bytes") == std::numeric_limits<std::uint64_t>::max());
  CHECK(line.at("retry_ms") == 0.25);
  CHECK(line.at("duration_us").is_null());
  CHECK(line.at("port").is_null());
}

TEST_CASE("Logger leaves out the eleventh warning of ten seconds and counts it", "[log][unit]") {
  Log log;
  for (int i = 0; i < 12; ++i) log.logger.Warning("connection_lost");
  REQUIRE(log.captured.lines().size() == 10);

  log.logger.Warning("queue_full");  // another event has its own window
  log.clock.Advance(absl::Seconds(10) - absl::Microseconds(1));
  log.logger.Warning("connection_lost");
  REQUIRE(log.captured.lines().size() == 11);
  log.clock.Advance(absl::Microseconds(1));
  log.logger.Warning("connection_lost");
  log.logger.Warning("connection_lost");

  REQUIRE(log.captured.lines().size() == 13);
  CHECK(Json::parse(log.captured.lines()[11]).at("suppressed") == 3);
  CHECK_FALSE(Json::parse(log.captured.lines()[12]).contains("suppressed"));
}

TEST_CASE("Logger limits errors later than warnings and information never", "[log][unit]") {
  Log log;

  for (int i = 0; i < 150; ++i) {
    log.logger.Error("call_failed");
    log.logger.Info("call_finished");
  }

  CHECK(log.captured.lines().size() == 250);
}

TEST_CASE("Logger does not fall silent when the clock is set back", "[log][unit]") {
  Log log;
  for (int i = 0; i < 11; ++i) log.logger.Warning("connection_lost");

  log.clock.Advance(-absl::Hours(1));
  log.logger.Warning("connection_lost");

  CHECK(log.captured.lines().size() == 11);
}

TEST_CASE("Logger writes whole lines from several threads", "[log][unit]") {
  const TemporaryDirectory directory;
  const FakeClock clock(Noon());
  const auto logger = *Logger::Open(Level::kInfo, directory.path("log"), clock);
  std::vector<std::thread> threads;
  threads.reserve(4);

  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&logger] {
      for (int i = 0; i < 500; ++i) logger->Info("event", {{kCount, i}});
    });
  }
  for (std::thread& thread : threads) thread.join();

  std::istringstream lines(directory.Read("log"));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    REQUIRE_NOTHROW(Json::parse(line));
  }
  CHECK(count == 2000);
  CHECK(logger->lines_lost() == 0);
}

TEST_CASE("Logger follows a rotated file only after Reopen", "[log][unit]") {
  const TemporaryDirectory directory;
  const FakeClock clock(Noon());
  const auto logger = *Logger::Open(Level::kInfo, directory.path("log"), clock);
  logger->Info("first");
  std::filesystem::rename(directory.path("log"), directory.path("log.1"));
  logger->Info("second");

  REQUIRE(logger->Reopen().ok());
  logger->Info("third");

  CHECK(directory.Read("log.1").find("first") != std::string::npos);
  CHECK(directory.Read("log.1").find("second") != std::string::npos);
  CHECK(directory.Read("log.1").find("third") == std::string::npos);
  CHECK(directory.Read("log").find("third") != std::string::npos);
}

TEST_CASE("Logger keeps its file when Reopen fails", "[log][unit]") {
  const TemporaryDirectory directory;
  const FakeClock clock(Noon());
  std::filesystem::create_directory(directory.path("logs"));
  const auto logger = *Logger::Open(Level::kInfo, directory.path("logs/log"), clock);
  std::filesystem::rename(directory.path("logs"), directory.path("moved"));

  CHECK(logger->Reopen().code() == absl::StatusCode::kNotFound);
  logger->Info("still_here");

  CHECK(directory.Read("moved/log").find("still_here") != std::string::npos);
}

TEST_CASE("Logger appends to a file that others may not read", "[log][unit]") {
  const TemporaryDirectory directory;
  const FakeClock clock(Noon());
  (*Logger::Open(Level::kInfo, directory.path("log"), clock))->Info("first");
  (*Logger::Open(Level::kInfo, directory.path("log"), clock))->Info("second");

  CHECK(directory.Read("log").find("first") < directory.Read("log").find("second"));
  const auto mode = std::filesystem::status(directory.path("log")).permissions();
  CHECK((mode & std::filesystem::perms::others_all) == std::filesystem::perms::none);
}

TEST_CASE("Logger does not open what is no writable file", "[log][unit]") {
  const TemporaryDirectory directory;
  const FakeClock clock(Noon());

  CHECK_FALSE(Logger::Open(Level::kInfo, directory.path(), clock).ok());
  CHECK(Logger::Open(Level::kInfo, directory.path("absent/log"), clock).status().code() ==
        absl::StatusCode::kNotFound);
}

TEST_CASE("Logger counts the lines that a full disk refuses", "[log][unit]") {
  const FakeClock clock(Noon());
  const auto logger = *Logger::Open(Level::kInfo, "/dev/full", clock);

  logger->Info("event");
  logger->Info("event");

  CHECK(logger->lines_lost() == 2);
}

}  // namespace
}  // namespace clinicd::log
