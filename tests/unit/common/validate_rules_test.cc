#include <catch2/catch.hpp>

#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/validate/validator.h"
#include "tests/unit/common/validate_schema.h"

namespace clinicd::validate {
namespace {

std::string Description(const std::string& type, const std::string& rules,
                        const std::string& text) {
  Schema schema = Field(type, rules);
  const auto validator = schema.Compiled();
  REQUIRE(validator.ok());
  const auto violations = validator->Violations(*schema.Parsed(text));
  REQUIRE(violations.size() == 1);
  return violations.front().description;
}

TEST_CASE("A text is judged at each side of each boundary", "[validate][unit]") {
  const auto [rules, value, rule] = GENERATE(table<std::string, std::string, std::string>({
      {"min_len: 2", "a", "string.min_len"},
      {"min_len: 2", "ab", ""},
      {"min_len: 2", "\\303\\261", "string.min_len"},  // One letter of two bytes.
      {"max_len: 2", "ab", ""},
      {"max_len: 2", "abc", "string.max_len"},
      {"max_len: 2", "\\360\\237\\246\\267\\303\\261", ""},  // A tooth and a letter: six bytes.
      {"len: 2", "ab", ""},
      {"len: 2", "a", "string.len"},
      {"len: 2", "abc", "string.len"},
      {"min_bytes: 2", "a", "string.min_bytes"},
      {"min_bytes: 2", "\\303\\261", ""},
      {"max_bytes: 2", "\\303\\261", ""},
      {"max_bytes: 2", "a\\303\\261", "string.max_bytes"},
      {"len_bytes: 2", "\\303\\261", ""},
      {"len_bytes: 2", "\\303\\261a", "string.len_bytes"},
      {"pattern: '^[0-9]+$'", "12", ""},
      {"pattern: '^[0-9]+$'", "12a", "string.pattern"},
      {"pattern: '^[0-9]+$'", "12\\n", "string.pattern"},  // $ is the end, not a line's end.
      {"pattern: 'b'", "abc", ""},                         // Found anywhere unless anchored.
      {"prefix: 'ab'", "abc", ""},
      {"prefix: 'ab'", "Abc", "string.prefix"},
      {"const: 'ab'", "ab", ""},
      {"const: 'ab'", "ab ", "string.const"},
      {"in: ['a', 'b']", "b", ""},
      {"in: ['a', 'b']", "c", "string.in"},
      {"not_in: ['a', 'b']", "c", ""},
      {"not_in: ['a', 'b']", "a", "string.not_in"},
      {"uuid: true", "0190a3c4-7b1e-7c3a-9f00-0123456789ab", ""},
      {"uuid: true", "0190A3C4-7B1E-7C3A-9F00-0123456789AB", ""},
      {"uuid: true", "0190a3c4-7b1e-7c3a-9f00-0123456789a", "string.uuid"},
      {"uuid: true", "0190a3c4-7b1e-7c3a-9f00-0123456789abc", "string.uuid"},
      {"uuid: true", "0190a3c4-7b1e-7c3a-9f00-0123456789ag", "string.uuid"},
      {"uuid: true", "", "string.uuid_empty"},
      {"uuid: false", "", ""},
      {"email: true", "a@b", ""},
      {"email: true", "first.last+tag@mail.example.org", ""},
      {"email: true", "", "string.email_empty"},
      {"email: true", "@b", "string.email"},
      {"email: true", "a@", "string.email"},
      {"email: true", "a@b.", "string.email"},
      {"email: true", "a@.b", "string.email"},
      {"email: true", "a@-b", "string.email"},
      {"email: true", "a@b-", "string.email"},
      {"email: true", "a@b@c", "string.email"},
      {"email: true", "a b@c", "string.email"},
      {"email: true", "n\\303\\261@c", "string.email"},
  }));

  Schema schema = Field("string", absl::StrCat("(buf.validate.field).string = {", rules, "}"));

  CAPTURE(rules, value);
  CHECK(schema.BrokenBy("f: \"" + value + "\"") == (rule.empty() ? Broken{} : Broken{"f " + rule}));
}

TEST_CASE("A label of an e-mail address has 63 characters at most", "[validate][unit]") {
  Schema schema = Field("string", "(buf.validate.field).string.email = true");

  CHECK(schema.BrokenBy("f: \"a@" + std::string(63, 'x') + ".org\"").empty());
  CHECK(schema.BrokenBy("f: \"a@" + std::string(64, 'x') + ".org\"") == Broken{"f string.email"});
}

TEST_CASE("A number is judged at each side of each boundary", "[validate][unit]") {
  const auto [type, rules, value, rule] =
      GENERATE(table<std::string, std::string, std::string, std::string>({
          {"int32", "gte: 1, lte: 3", "0", "gte_lte"},
          {"int32", "gte: 1, lte: 3", "1", ""},
          {"int32", "gte: 1, lte: 3", "3", ""},
          {"int32", "gte: 1, lte: 3", "4", "gte_lte"},
          {"int32", "gt: 1, lt: 3", "1", "gt_lt"},
          {"int32", "gt: 1, lt: 3", "2", ""},
          {"int32", "gt: 1, lt: 3", "3", "gt_lt"},
          {"int32", "gt: 3, lt: 1", "0", ""},  // Outside of both.
          {"int32", "gt: 3, lt: 1", "1", "gt_lt_exclusive"},
          {"int32", "gt: 3, lt: 1", "3", "gt_lt_exclusive"},
          {"int32", "gt: 3, lt: 1", "4", ""},
          {"int32", "gte: 0", "-1", "gte"},
          {"int32", "gte: 0", "0", ""},
          {"int64", "gt: 0", "0", "gt"},
          {"int64", "gt: 0", "1", ""},
          {"int64", "lt: -9223372036854775807", "-9223372036854775808", ""},
          {"int64", "lt: -9223372036854775807", "-9223372036854775807", "lt"},
          {"uint32", "lte: 4294967294", "4294967294", ""},
          {"uint32", "lte: 4294967294", "4294967295", "lte"},
          {"uint64", "gte: 18446744073709551615", "18446744073709551615", ""},
          {"uint64", "gte: 18446744073709551615", "18446744073709551614", "gte"},
          {"int32", "const: 2", "2", ""},
          {"int32", "const: 2", "3", "const"},
          {"int32", "in: [1, 3]", "3", ""},
          {"int32", "in: [1, 3]", "2", "in"},
          {"int32", "not_in: [1, 3]", "2", ""},
          {"int32", "not_in: [1, 3]", "1", "not_in"},
          {"double", "gt: 0.5", "0.5", "gt"},
          {"double", "gt: 0.5", "0.6", ""},
          {"double", "gt: 0.5", "nan", "gt"},  // Not a number is in no range.
          {"double", "gt: 2, lt: 1", "nan", "gt_lt_exclusive"},
          {"bool", "const: true", "true", ""},
          {"bool", "const: true", "false", "const"},
      }));

  Schema schema = Field(type, absl::StrCat("(buf.validate.field).", type, " = {", rules, "}"));

  CAPTURE(type, rules, value);
  CHECK(schema.BrokenBy("f: " + value) ==
        (rule.empty() ? Broken{} : Broken{absl::StrCat("f ", type, ".", rule)}));
}

TEST_CASE("An enum value is judged by its number", "[validate][unit]") {
  const auto [rules, value, rule] = GENERATE(table<std::string, std::string, std::string>({
      {"defined_only: true", "2", ""},
      {"defined_only: true", "3", "enum.defined_only"},
      {"defined_only: false", "3", ""},
      {"not_in: [0]", "0", "enum.not_in"},
      {"not_in: [0]", "1", ""},
      {"in: [1, 2]", "2", ""},
      {"in: [1, 2]", "0", "enum.in"},
      {"const: 1", "1", ""},
      {"const: 1", "2", "enum.const"},
  }));

  Schema schema = Field("Kind", absl::StrCat("(buf.validate.field).enum = {", rules, "}"));

  CAPTURE(rules, value);
  CHECK(schema.BrokenBy("f: " + value) == (rule.empty() ? Broken{} : Broken{"f " + rule}));
}

TEST_CASE("Bytes are judged by their number", "[validate][unit]") {
  Schema range = Field("bytes", "(buf.validate.field).bytes = {min_len: 1, max_len: 2}");
  Schema exact = Field("bytes", "(buf.validate.field).bytes.len = 2");

  CHECK(range.BrokenBy("f: ''") == Broken{"f bytes.min_len"});
  CHECK(range.BrokenBy("f: '\\377'").empty());
  CHECK(range.BrokenBy("f: '\\377\\000'").empty());
  CHECK(range.BrokenBy("f: 'abc'") == Broken{"f bytes.max_len"});
  CHECK(exact.BrokenBy("f: 'ab'").empty());
  CHECK(exact.BrokenBy("f: 'a'") == Broken{"f bytes.len"});
}

TEST_CASE("Instants and durations are compared to the nanosecond", "[validate][unit]") {
  Schema instant =
      Field("google.protobuf.Timestamp",
            "(buf.validate.field).timestamp = {gte: {seconds: 10}, lt: {seconds: 20}}");
  Schema duration =
      Field("google.protobuf.Duration",
            "(buf.validate.field).duration = {gt: {seconds: 0}, lte: {seconds: 1, nanos: 5}}");

  CHECK(instant.BrokenBy("").empty());
  CHECK(instant.BrokenBy("f {seconds: 9 nanos: 999999999}") == Broken{"f timestamp.gte_lt"});
  CHECK(instant.BrokenBy("f {seconds: 10}").empty());
  CHECK(instant.BrokenBy("f {seconds: 19 nanos: 999999999}").empty());
  CHECK(instant.BrokenBy("f {seconds: 20}") == Broken{"f timestamp.gte_lt"});
  CHECK(duration.BrokenBy("f {}") == Broken{"f duration.gt_lte"});
  CHECK(duration.BrokenBy("f {nanos: 1}").empty());
  CHECK(duration.BrokenBy("f {seconds: 1 nanos: 5}").empty());
  CHECK(duration.BrokenBy("f {seconds: 1 nanos: 6}") == Broken{"f duration.gt_lte"});
}

TEST_CASE("Instants and durations must be in the range of their type", "[validate][unit]") {
  const auto [type, value, ok] = GENERATE(table<std::string, std::string, bool>({
      {"Timestamp", "seconds: -62135596800", true},
      {"Timestamp", "seconds: -62135596801", false},
      {"Timestamp", "seconds: 253402300799 nanos: 999999999", true},
      {"Timestamp", "seconds: 253402300800", false},
      {"Timestamp", "nanos: -1", false},
      {"Timestamp", "nanos: 1000000000", false},
      {"Duration", "seconds: 315576000000", true},
      {"Duration", "seconds: 315576000001", false},
      {"Duration", "seconds: -315576000001", false},
      {"Duration", "seconds: -1 nanos: -1", true},
      {"Duration", "seconds: -1 nanos: 1", false},
      {"Duration", "seconds: 1 nanos: -1", false},
      {"Duration", "nanos: 1000000000", false},
  }));

  Schema schema = Field("google.protobuf." + type, "deprecated = false");

  CAPTURE(type, value);
  const Broken broken = {type == "Timestamp" ? "f clinicd.timestamp" : "f clinicd.duration"};
  CHECK(schema.BrokenBy("f {" + value + "}") == (ok ? Broken{} : broken));
}

TEST_CASE("A date that is set is a full date of the calendar", "[validate][unit]") {
  const auto [value, ok] = GENERATE(table<std::string, bool>({
      {"year: 2024 month: 2 day: 29", true},
      {"year: 2023 month: 2 day: 29", false},
      {"year: 1900 month: 2 day: 29", false},
      {"year: 2000 month: 2 day: 29", true},
      {"year: 1 month: 1 day: 1", true},
      {"year: 9999 month: 12 day: 31", true},
      {"year: 10000 month: 1 day: 1", false},
      {"month: 1 day: 1", false},  // A birthday without a year.
      {"year: 2024 month: 2", false},
      {"year: 2024", false},
      {"year: 2024 month: 13 day: 1", false},
      {"year: 2024 month: 4 day: 31", false},
      {"year: 2024 month: -1 day: 1", false},
      {"year: 2147483647 month: 2147483647 day: 2147483647", false},
      {"", false},
  }));
  Schema schema = Field("google.type.Date", "deprecated = false");

  CAPTURE(value);
  CHECK(schema.BrokenBy("").empty());
  CHECK(schema.BrokenBy("f {" + value + "}") == (ok ? Broken{} : Broken{"f clinicd.date"}));
}

TEST_CASE("Text with a NUL or without UTF-8 is refused wherever it is", "[validate][unit]") {
  Schema schema(
      "message In { string s = 1; } message M { string plain = 1; repeated string list = 2;"
      "map<string, string> map = 3; In in = 4 [(buf.validate.field).ignore = IGNORE_ALWAYS]; }");

  CHECK(schema.BrokenBy("plain: 'a' list: ['a'] map {key: 'k' value: 'v'} in {s: 'a'}").empty());
  CHECK(schema.BrokenBy("plain: '\\000'") == Broken{"plain clinicd.text"});
  CHECK(schema.BrokenBy("plain: '\\377'") == Broken{"plain clinicd.text"});
  CHECK(schema.BrokenBy("list: ['a', 'b\\000']") == Broken{"list[1] clinicd.text"});
  CHECK(schema.BrokenBy("map {key: 'k' value: '\\000'}") == Broken{"map[\"k\"] clinicd.text"});
  CHECK(schema.BrokenBy("map {key: '\\000' value: 'v'}") == Broken{"map[\" \"] clinicd.text"});
  CHECK(schema.BrokenBy("in {s: '\\000'}") == Broken{"in.s clinicd.text"});
}

TEST_CASE("Bytes that are not UTF-8 are told from those that are", "[validate][unit]") {
  const auto [value, ok] = GENERATE(table<std::string, bool>({
      {"\\177", true},
      {"\\200", false},
      {"\\301\\277", false},  // Overlong.
      {"\\302\\200", true},
      {"\\302", false},
      {"\\302A", false},
      {"\\340\\237\\277", false},  // Overlong.
      {"\\340\\240\\200", true},
      {"\\355\\237\\277", true},
      {"\\355\\240\\200", false},  // A surrogate.
      {"\\356\\200\\200", true},
      {"\\357\\277\\277", true},
      {"\\357\\277", false},
      {"\\360\\217\\277\\277", false},  // Overlong.
      {"\\360\\220\\200\\200", true},
      {"\\364\\217\\277\\277", true},
      {"\\364\\220\\200\\200", false},  // Above U+10FFFF.
      {"\\365\\200\\200\\200", false},
      {"\\360\\220\\200A", false},
  }));
  Schema schema = Field("string", "(buf.validate.field).string.len = 1");

  CAPTURE(value);
  CHECK(schema.BrokenBy("f: \"" + value + "\"") == (ok ? Broken{} : Broken{"f clinicd.text"}));
}

TEST_CASE("A requirement is told in words", "[validate][unit]") {
  const auto [type, rules, text,
              words] = GENERATE(table<std::string, std::string, std::string, std::string>({
      {"string", "string = {min_len: 1, max_len: 100}", "", "must be 1 to 100 characters"},
      {"string", "string.min_len = 1", "", "must be at least 1 character"},
      {"string", "string.max_len = 2", "f: 'abc'", "must be at most 2 characters"},
      {"string", "string.uuid = true", "f: 'a'", "must be a UUID"},
      {"string", "string.in = 'a'", "", "must be a"},
      {"int32", "int32 = {gte: 1, lte: 1440}", "", "must be 1 to 1440"},
      {"int32", "int32.gte = 0", "f: -1", "must be at least 0"},
      {"double", "double = {gt: 0, lte: 1.5}", "", "must be greater than 0 and at most 1.5"},
      {"double", "double = {gt: 5, lt: 2.5}", "f: 3", "must be less than 2.5 or greater than 5"},
      {"Kind", "enum = {not_in: [0]}", "", "must not be K0"},
      {"Kind", "enum = {in: [1, 2]}", "", "must be one of K1, K2"},
      {"Kind", "enum.defined_only = true", "f: 9", "must be a value of Kind"},
      {"repeated string", "repeated.max_items = 1", "f: ['', '']", "must have at most 1 item"},
      {"google.protobuf.Timestamp", "timestamp.gt = {seconds: 1}", "f {}",
       "must be greater than 1970-01-01T00:00:01Z"},
  }));

  CHECK(Description(type, "(buf.validate.field)." + rules, text) == words);
}

TEST_CASE("A broken key is told from a broken value", "[validate][unit]") {
  CHECK(Description("map<string, int32>", "(buf.validate.field).map.keys.string.min_len = 2",
                    "f {key: 'a' value: 1}") == "key must be at least 2 characters");
}

}  // namespace
}  // namespace clinicd::validate
