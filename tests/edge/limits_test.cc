#include "common/edge/limits.h"

#include <catch2/catch.hpp>

namespace clinicd::edge {
namespace {

TEST_CASE("A body is too slow when it has stopped for too long, or is slow on average",
          "[edge][unit]") {
  const EdgeLimits limits;
  const absl::Duration grace = limits.body_grace;
  const absl::Duration bit = absl::Milliseconds(1);
  const auto due = static_cast<std::size_t>(absl::ToDoubleSeconds(grace + absl::Seconds(10)) *
                                            static_cast<double>(limits.body_bytes_per_second));

  CHECK_FALSE(
      IsTooSlow({.age = limits.body_idle, .quiet = limits.body_idle, .received = due}, limits));
  CHECK(IsTooSlow({.age = limits.body_idle, .quiet = limits.body_idle + bit, .received = due},
                  limits));
  CHECK_FALSE(IsTooSlow({.age = grace, .quiet = bit, .received = 0}, limits));
  CHECK(IsTooSlow({.age = grace + bit, .quiet = bit, .received = 0}, limits));
  const absl::Duration later = grace + absl::Seconds(10);
  CHECK_FALSE(IsTooSlow({.age = later, .quiet = bit, .received = due}, limits));
  CHECK(IsTooSlow({.age = later, .quiet = bit, .received = due - 1}, limits));
}

}  // namespace
}  // namespace clinicd::edge
