#include "common/base/uuid.h"

#include <catch2/catch.hpp>

#include "common/base/ids.h"
#include "tests/support/fakes.h"

namespace clinicd {
namespace {

TEST_CASE("Uuid reads the 36-character form and nothing else", "[base][unit]") {
  const auto [text, accepted] = GENERATE(table<std::string, bool>({
      {"018f3a1c-0000-7000-8000-0123456789ab", true},
      {"018F3A1C-0000-7000-8000-0123456789AB", true},
      {"018f3a1c-0000-7000-8000-0123456789a", false},    // one digit short
      {"018f3a1c-0000-7000-8000-0123456789abc", false},  // one digit over
      {"018f3a1c00007000-8000-0123456789ab-00", false},  // hyphens misplaced
      {"018f3a1c-0000-7000-8000-0123456789ag", false},   // no hex digit
      {"", false},
      {"{18f3a1c-0000-7000-8000-0123456789ab", false},
  }));
  CAPTURE(text);

  CHECK(Uuid::Parse(text).has_value() == accepted);
}

TEST_CASE("Uuid text survives a round trip in lower case", "[base][unit]") {
  const auto uuid = Uuid::Parse("018F3A1C-89ab-7cde-8F01-23456789ABCD");

  REQUIRE(uuid.has_value());
  CHECK(uuid->ToString() == "018f3a1c-89ab-7cde-8f01-23456789abcd");
}

TEST_CASE("New ids are version 7 and sort by creation within a millisecond", "[base][unit]") {
  testing::FakeClock clock(absl::FromUnixMillis(1'800'000'000'000));
  testing::FakeRandom random(1);
  const IdSource ids(clock, random);

  const Uuid first = ids.NewUuid();
  clock.Advance(absl::Microseconds(1));
  const Uuid second = ids.NewUuid();

  CHECK((first.bytes()[6] >> 4) == 7);
  CHECK((first.bytes()[8] >> 6) == 2);
  CHECK(first < second);
  CHECK_FALSE(first < FirstUuidAt(absl::FromUnixMillis(1'800'000'000'000)));
  CHECK(second < FirstUuidAt(absl::FromUnixMillis(1'800'000'000'001)));
}

}  // namespace
}  // namespace clinicd
