#include "common/edge/header_filter.h"

#include <catch2/catch.hpp>

using namespace clinicd::edge;

namespace {

Headers Passed(const Headers& headers) {
  return HeaderFilter({"x-partner", "x-extra-bin", "x-clinicd-peer", "grpc-internal",
                       "content-type", "bad name"})
      .ToMetadata(headers)
      .value_or(Headers{{"refused", ""}});
}

}  // namespace

TEST_CASE("Listed headers pass, in order and with their repeats", "[edge][unit]") {
  const Headers headers = {{"authorization", "Bearer a"},
                           {"x-request-id", "1"},
                           {"authorization", "Bearer b"},
                           {"x-partner", "p"}};

  CHECK(Passed(headers) == headers);
}

TEST_CASE("Headers that are not listed or reserved do not pass", "[edge][unit]") {
  const std::string name =
      GENERATE(as<std::string>(), "x-other", "cookie", "host", "te", "connection", "user-agent",
               "content-type", "grpc-timeout", "grpc-encoding", "grpc-internal", "x-clinicd-peer",
               "x-clinicd-edge-bin", ":path", "", "bad name", "x-unknown-bin", "grpc-trace-bin");

  CHECK(Passed({{name, "value"}}).empty());
}

TEST_CASE("Names pass in any case and arrive in lower case", "[edge][unit]") {
  CHECK(Passed({{"Authorization", "Bearer a"}}) == Headers{{"authorization", "Bearer a"}});
  CHECK(Passed({{"X-Clinicd-Peer", "1.2.3.4:5"}}).empty());
}

TEST_CASE("Values that would end the process do not pass", "[edge][unit]") {
  const std::string value =
      GENERATE(as<std::string>(), "a\nb", "a\rb", "Пётр", "a\x7f", std::string("a\0b", 3), "\x1f");

  CHECK(Passed({{"x-partner", value}}).empty());
}

TEST_CASE("White space around a value is not part of it", "[edge][unit]") {
  CHECK(Passed({{"x-partner", " \t a b "}}) == Headers{{"x-partner", "a b"}});
  CHECK(Passed({{"x-partner", "~"}}) == Headers{{"x-partner", "~"}});
}

TEST_CASE("Binary values are decoded, with or without padding, or do not pass", "[edge][unit]") {
  CHECK(Passed({{"x-extra-bin", "AP8="}}) == Headers{{"x-extra-bin", std::string("\0\xff", 2)}});
  CHECK(Passed({{"x-extra-bin", "AP8"}}) == Headers{{"x-extra-bin", std::string("\0\xff", 2)}});
  CHECK(Passed({{"x-extra-bin", "A"}}).empty());
  CHECK(Passed({{"x-extra-bin", "%%%%"}}).empty());
}

TEST_CASE("A value of 4 KiB passes and one byte more refuses the request", "[edge][unit]") {
  const HeaderFilter filter;

  CHECK(filter.ToMetadata({{"authorization", std::string(4096, 'a')}}).has_value());
  CHECK_FALSE(filter.ToMetadata({{"authorization", std::string(4097, 'a')}}).has_value());
  CHECK(filter.ToMetadata({{"x-other", std::string(9000, 'a')}}).has_value());
}

TEST_CASE("Metadata of 8 KiB passes and one byte more refuses the request", "[edge][unit]") {
  const HeaderFilter filter;
  // 13 bytes of name and 4,083 of value, twice: exactly 8 KiB.
  const Header header = {"authorization", std::string(4083, 'a')};

  CHECK(filter.ToMetadata({header, header}).has_value());
  CHECK_FALSE(filter.ToMetadata({header, {header.name, header.value + "a"}}).has_value());
}

TEST_CASE("Metadata of an answer becomes headers that cannot end a line", "[edge][unit]") {
  CHECK(ToHeader("retry-pushback", "5") == Header{"retry-pushback", "5"});
  CHECK(ToHeader("x-state-bin", std::string("\0\xff", 2)) == Header{"x-state-bin", "AP8"});
  CHECK_FALSE(ToHeader("x-a", "a\r\nset-cookie: b").has_value());
  CHECK_FALSE(ToHeader("x-\r\na", "a").has_value());
  CHECK_FALSE(ToHeader("X-A", "a").has_value());
  CHECK_FALSE(ToHeader("", "a").has_value());
}

TEST_CASE("An answer's metadata cannot speak for the protocol", "[edge][unit]") {
  const std::string name = GENERATE(as<std::string>(), "grpc-status", "content-length",
                                    "transfer-encoding", "connection", "set-cookie", ":status",
                                    "x-clinicd-edge-bin", "grpc-status-details-bin");

  CHECK_FALSE(ToHeader(name, "0").has_value());
}

TEST_CASE("Text for metadata is cut and made printable", "[edge][unit]") {
  CHECK(PrintableAscii("a\nb\x7fü", 100) == "a?b???");
  CHECK(PrintableAscii("abcdef", 3) == "abc");
}
