#include "common/crypto/puncturable_key.h"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

namespace clinicd::crypto {
namespace {

using Point = PuncturableKey::Point;

// Few of them, and many that share their first bits or all but the last, so that they meet.
rc::Gen<Point> AnyPoint() {
  return rc::gen::map(rc::gen::pair(rc::gen::inRange(0, 4), rc::gen::inRange(0, 8)),
                      [](const std::pair<int, int>& ends) {
                        Point point{};
                        point.front() = static_cast<std::uint8_t>(ends.first * 85);
                        point.back() = static_cast<std::uint8_t>(ends.second);
                        return point;
                      });
}

PuncturableKey AnyKey() {
  const auto seed = *rc::gen::container<std::string>(32, rc::gen::arbitrary<char>());
  return *PuncturableKey::FromSeed(SecretBytes(seed));
}

TEST_CASE("After any punctures exactly those points fail", "[crypto][property]") {
  rc::prop("derive", [] {
    const PuncturableKey whole = AnyKey();
    PuncturableKey key = *PuncturableKey::Parse(whole.Serialize().view());
    std::set<Point> gone;
    for (const Point& point : *rc::gen::container<std::vector<Point>>(AnyPoint())) {
      RC_ASSERT(key.Puncture(point) == gone.insert(point).second);
    }
    if (*rc::gen::arbitrary<bool>()) key = *PuncturableKey::Parse(key.Serialize().view());

    for (const Point& point : *rc::gen::container<std::vector<Point>>(AnyPoint())) {
      const auto derived = key.Derive(point);
      RC_ASSERT(derived.has_value() == !gone.contains(point));
      RC_ASSERT(key.IsPunctured(point) == gone.contains(point));
      if (derived) RC_ASSERT(derived->view() == whole.Derive(point)->view());
    }
    RC_ASSERT(key.PuncturedPoints() == std::vector<Point>(gone.begin(), gone.end()));
  });
}

TEST_CASE("What is kept does not depend on the order of punctures", "[crypto][property]") {
  rc::prop("serialize", [] {
    const PuncturableKey whole = AnyKey();
    PuncturableKey one = *PuncturableKey::Parse(whole.Serialize().view());
    PuncturableKey other = *PuncturableKey::Parse(whole.Serialize().view());
    const auto points = *rc::gen::container<std::vector<Point>>(AnyPoint());
    for (const Point& point : points) one.Puncture(point);
    for (auto point = points.rbegin(); point != points.rend(); ++point) other.Puncture(*point);

    RC_ASSERT(one.Serialize().view() == other.Serialize().view());
  });
}

}  // namespace
}  // namespace clinicd::crypto
