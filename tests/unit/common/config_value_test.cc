#include "common/config/value.h"

#include <array>
#include <catch2/catch.hpp>
#include <limits>
#include <set>

#include "common/config/address.h"
#include "common/config/key.h"

namespace clinicd::config {
namespace {

constexpr std::array<std::string_view, 2> kColours = {"red", "blue"};

constexpr Key kNumber{.name = "a.number", .type = Type::kInteger, .min = 1, .max = 64};
constexpr Key kSwitch{.name = "a.switch", .type = Type::kBoolean};
constexpr Key kWait{.name = "a.wait_seconds",
                    .type = Type::kDuration,
                    .min = 1,
                    .max = 90,
                    .unit = absl::Seconds(1)};
constexpr Key kName{.name = "a.name", .type = Type::kString, .min = 1, .max = 5};
constexpr Key kColour{.name = "a.colour", .type = Type::kString, .max = 9, .choices = kColours};
constexpr Key kFile{.name = "a.file", .type = Type::kPath, .min = 1, .max = 6};
constexpr Key kListen{.name = "a.listen", .type = Type::kAddress};
constexpr Key kAdmin{.name = "a.admin", .type = Type::kAddress, .rule = Rule::kLoopback};
constexpr Key kItems{.name = "a.items", .type = Type::kList, .min = 1, .max = 2};
constexpr Key kConninfo{
    .name = "a.conninfo", .type = Type::kString, .max = 4096, .rule = Rule::kNoPassword};

using absl::StatusCode;

StatusCode CodeOfGiven(const Key& key, const Given& given) {
  return ParseValue(key, given).status().code();
}

StatusCode CodeOf(const Key& key, std::string_view text) {
  return CodeOfGiven(key, Untyped{std::string(text)});
}

TEST_CASE("ParseValue bounds whole numbers", "[config][unit]") {
  const auto [text, code] = GENERATE(table<std::string, StatusCode>({
      {"0", StatusCode::kOutOfRange},
      {"1", StatusCode::kOk},
      {"64", StatusCode::kOk},
      {"65", StatusCode::kOutOfRange},
      {"-1", StatusCode::kOutOfRange},
      {"9223372036854775807", StatusCode::kOutOfRange},
      {"9223372036854775808", StatusCode::kInvalidArgument},  // does not fit
      {"", StatusCode::kInvalidArgument},
      {" 8", StatusCode::kInvalidArgument},
      {"8 ", StatusCode::kInvalidArgument},
      {"+8", StatusCode::kInvalidArgument},
      {"8.0", StatusCode::kInvalidArgument},
      {"0x8", StatusCode::kInvalidArgument},
      {"eight", StatusCode::kInvalidArgument},
  }));
  CAPTURE(text);

  CHECK(CodeOf(kNumber, text) == code);
}

TEST_CASE("ParseValue takes from a file only the key's own type", "[config][unit]") {
  CHECK(ParseValue(kNumber, Given(std::int64_t{8})).value() == Value(std::int64_t{8}));
  CHECK(CodeOfGiven(kNumber, Given(std::int64_t{65})) == StatusCode::kOutOfRange);
  CHECK(CodeOfGiven(kNumber, Given(std::string("8"))) == StatusCode::kInvalidArgument);
  CHECK(CodeOfGiven(kNumber, Given(true)) == StatusCode::kInvalidArgument);
  CHECK(CodeOfGiven(kSwitch, Given(std::string("true"))) == StatusCode::kInvalidArgument);
  CHECK(CodeOfGiven(kSwitch, Given(std::int64_t{1})) == StatusCode::kInvalidArgument);
  CHECK(CodeOfGiven(kName, Given(std::int64_t{1})) == StatusCode::kInvalidArgument);
  CHECK(CodeOfGiven(kListen, Given(std::int64_t{8443})) == StatusCode::kInvalidArgument);
  CHECK(CodeOfGiven(kItems, Given(std::string("a"))) == StatusCode::kInvalidArgument);
  CHECK(CodeOfGiven(kWait, Given(false)) == StatusCode::kInvalidArgument);
  CHECK(CodeOfGiven(kNumber, Given(Unsupported{"date"})) == StatusCode::kInvalidArgument);
}

TEST_CASE("ParseValue reads true and false and no other words", "[config][unit]") {
  CHECK(ParseValue(kSwitch, Untyped{"true"}).value() == Value(true));
  CHECK(ParseValue(kSwitch, Untyped{"false"}).value() == Value(false));
  CHECK(ParseValue(kSwitch, true).value() == Value(true));
  const std::string word = GENERATE("TRUE", "1", "yes", "on", "");
  CHECK(CodeOf(kSwitch, word) == StatusCode::kInvalidArgument);
}

TEST_CASE("ParseValue reads durations in the key's unit or with their own", "[config][unit]") {
  const auto [text, code, seconds] = GENERATE(table<std::string, StatusCode, int>({
      {"1", StatusCode::kOk, 1},
      {"90", StatusCode::kOk, 90},
      {"0", StatusCode::kOutOfRange, 0},
      {"91", StatusCode::kOutOfRange, 0},
      {"9223372036854775807", StatusCode::kOutOfRange, 0},
      {"1s", StatusCode::kOk, 1},
      {"1m30s", StatusCode::kOk, 90},
      {"1500ms", StatusCode::kOk, -1},
      {"999ms", StatusCode::kOutOfRange, 0},
      {"90.001s", StatusCode::kOutOfRange, 0},
      {"-5s", StatusCode::kOutOfRange, 0},
      {"inf", StatusCode::kOutOfRange, 0},
      {"", StatusCode::kInvalidArgument, 0},
      {"soon", StatusCode::kInvalidArgument, 0},
      {"5 s", StatusCode::kInvalidArgument, 0},
      {"5days", StatusCode::kInvalidArgument, 0},
  }));
  CAPTURE(text);

  const absl::StatusOr<Value> value = ParseValue(kWait, Untyped{text});

  CHECK(value.status().code() == code);
  if (seconds > 0) CHECK(*value == Value(absl::Seconds(seconds)));
  if (seconds < 0) CHECK(*value == Value(absl::Milliseconds(1500)));
  CHECK(ParseValue(kWait, Given(std::int64_t{5})).value() == Value(absl::Seconds(5)));
  CHECK(ParseValue(kWait, Given(std::string("5s"))).value() == Value(absl::Seconds(5)));
}

TEST_CASE("ParseValue bounds texts and paths and keeps control characters out", "[config][unit]") {
  CHECK(CodeOf(kName, "") == StatusCode::kOutOfRange);
  CHECK(CodeOf(kName, "a") == StatusCode::kOk);
  CHECK(CodeOf(kName, "abcde") == StatusCode::kOk);
  CHECK(CodeOf(kName, "abcdef") == StatusCode::kOutOfRange);
  CHECK(CodeOf(kName, "a\nb") == StatusCode::kInvalidArgument);
  CHECK(CodeOf(kName, "a\x7f") == StatusCode::kInvalidArgument);
  CHECK(CodeOf(kFile, std::string_view("a\0b", 3)) == StatusCode::kInvalidArgument);
  CHECK(CodeOf(kFile, "/a/b/c") == StatusCode::kOk);
  CHECK(CodeOf(kFile, "/a/b/cd") == StatusCode::kOutOfRange);
}

TEST_CASE("ParseValue takes only a key's choices", "[config][unit]") {
  CHECK(CodeOf(kColour, "red") == StatusCode::kOk);
  CHECK(CodeOf(kColour, "blue") == StatusCode::kOk);
  CHECK(CodeOf(kColour, "Red") == StatusCode::kFailedPrecondition);
  CHECK(CodeOf(kColour, "") == StatusCode::kFailedPrecondition);
}

TEST_CASE("ParseValue splits lists at commas and bounds their length", "[config][unit]") {
  const std::vector<std::string> both = {"a", "b c"};
  CHECK(ParseValue(kItems, Untyped{"a, b c"}).value() == Value(both));
  CHECK(ParseValue(kItems, Given(both)).value() == Value(both));
  CHECK(CodeOf(kItems, "a") == StatusCode::kOk);
  CHECK(CodeOf(kItems, "") == StatusCode::kOutOfRange);
  CHECK(CodeOf(kItems, "a,b,c") == StatusCode::kOutOfRange);
  CHECK(CodeOf(kItems, "a,") == StatusCode::kInvalidArgument);
  CHECK(CodeOf(kItems, "a,b\n") == StatusCode::kOk);  // white space around an element
  CHECK(CodeOf(kItems, "a,b\nc") == StatusCode::kInvalidArgument);
}

TEST_CASE("ParseValue finds a password in any form of connection string", "[config][unit]") {
  const auto [conninfo, allowed] = GENERATE(table<std::string, bool>({
      {"", true},
      {"host=/run/postgresql dbname=clinicd user=clinicd_app", true},
      {"dbname=password", true},
      {"dbname=clinicd application_name=password_check", true},
      {"passfile=/etc/clinicd/pgpass", true},
      {"postgresql://clinicd_app@db.example:5432/clinicd", true},
      {"postgresql://db.example/clinicd?sslmode=verify-full", true},
      {"password=secret", false},
      {"dbname=clinicd password=secret", false},
      {"dbname=clinicd  password = 'secret'", false},
      {"dbname='clinicd'password=secret", false},
      {"sslpassword=secret", false},
      {"postgresql://clinicd_app:secret@db.example/clinicd", false},
      {"postgres://clinicd_app:secret@/clinicd", false},
      {"postgresql://db.example/clinicd?user=a&password=secret", false},
      {"postgresql://db.example/clinicd?password=secret", false},
  }));
  CAPTURE(conninfo);

  const absl::Status status = ParseValue(kConninfo, Untyped{conninfo}).status();

  CHECK(status.code() == (allowed ? StatusCode::kOk : StatusCode::kFailedPrecondition));
  CHECK(status.message().find("secret") == absl::string_view::npos);
}

TEST_CASE("ParseValue keeps the admin listener on this machine", "[config][unit]") {
  const auto [text, code] = GENERATE(table<std::string, StatusCode>({
      {"127.0.0.1:9464", StatusCode::kOk},
      {"127.0.0.1:0", StatusCode::kOk},
      {"127.255.255.255:9464", StatusCode::kOk},
      {"[::1]:9464", StatusCode::kOk},
      {"localhost:9464", StatusCode::kOk},
      {"off", StatusCode::kOk},
      {"128.0.0.1:9464", StatusCode::kFailedPrecondition},
      {"126.255.255.255:9464", StatusCode::kFailedPrecondition},
      {"0.0.0.0:9464", StatusCode::kFailedPrecondition},
      {"[::]:9464", StatusCode::kFailedPrecondition},
      {"[::ffff:127.0.0.1]:9464", StatusCode::kFailedPrecondition},
      {"10.0.0.1:9464", StatusCode::kFailedPrecondition},
      {"localhost.example:9464", StatusCode::kFailedPrecondition},
      {"127.0.0.1.example:9464", StatusCode::kFailedPrecondition},
      {"127.0.0.1", StatusCode::kInvalidArgument},
      {"", StatusCode::kInvalidArgument},
  }));
  CAPTURE(text);

  CHECK(CodeOf(kAdmin, text) == code);
}

TEST_CASE("ParseAddress reads hosts with ports and nothing else", "[config][unit]") {
  const auto [text, host, port] = GENERATE(table<std::string, std::string, int>({
      {"0.0.0.0:8443", "0.0.0.0", 8443},
      {"clinic.example:1", "clinic.example", 1},
      {"[::]:65535", "::", 65535},
      {"[2001:db8::1]:0", "2001:db8::1", 0},
      {"a.b:65536", "", -1},
      {"a.b:-1", "", -1},
      {"a.b:", "", -1},
      {"a.b", "", -1},
      {":8443", "", -1},
      {"::1:8443", "", -1},
      {"[::1]", "", -1},
      {"[::1:8443", "", -1},
      {"[127.0.0.1]:8443", "", -1},
      {"127.1:8443", "", -1},
      {"256.0.0.1:8443", "", -1},
      {"1234:8443", "", -1},
      {"-a:1", "", -1},
      {".a:1", "", -1},
      {"a b:1", "", -1},
      {"a_b:1", "", -1},
      {"a:80x", "", -1},
      {"a:0x50", "", -1},
      {"[]:1", "", -1},
      {"[:1", "", -1},
      {std::string(253, 'a') + ":1", std::string(253, 'a'), 1},
      {std::string(254, 'a') + ":1", "", -1},
  }));
  CAPTURE(text);

  const std::optional<Address> address = ParseAddress(text);

  REQUIRE(address.has_value() == (port >= 0));
  if (address) {
    CHECK(address->host == host);
    CHECK(address->port == port);
    CHECK(ToText(*address) == text);
  }
}

TEST_CASE("Every key is well formed and its default is a value of it", "[config][unit]") {
  std::set<std::string_view> names;
  for (const Key& key : Keys()) {
    CAPTURE(key.name);
    CHECK(names.insert(key.name).second);
    CHECK(ParseValue(key, Untyped{std::string(key.default_text)}).ok());
    CHECK(key.doc.ends_with("."));
    CHECK(FindKey(Keys(), key.name) == &key);
    CHECK((key.type == Type::kDuration) == (key.unit != absl::ZeroDuration()));
    CHECK(key.max <= std::numeric_limits<int>::max());
    if (key.rule == Rule::kSecretFile) CHECK(key.name.ends_with("_file"));
  }
  CHECK(FindKey(Keys(), "server.lister") == nullptr);
}

TEST_CASE("NearestKey finds the key that was meant", "[config][unit]") {
  const auto [given, meant] = GENERATE(table<std::string, std::string>({
      {"server.lisen", "server.listen"},
      {"server.listne", "server.listen"},
      {"servr.listen", "server.listen"},
      {"Server.Listen", "server.listen"},
      {"server.tls.key_file", "server.tls_key_file"},
      {"conninfo", "db.conninfo"},
      {"db.worker", "db.workers"},
      {"log.levels", "log.level"},
      {"weather.tomorrow", ""},
      {"", ""},
      {std::string(101, 'a'), ""},
  }));
  CAPTURE(given);

  CHECK(NearestKey(Keys(), given).value_or("") == meant);
}

}  // namespace
}  // namespace clinicd::config
