#include "services/identity/failure_memory.h"

#include <catch2/catch.hpp>

namespace clinicd::identity {
namespace {

absl::Time At(int seconds) { return absl::FromUnixSeconds(1'800'000'000 + seconds); }

TEST_CASE("Failures are counted by clinic and address", "[identity][unit]") {
  FailureMemory memory(10);
  memory.Count({"north", "ana@x"}, At(1));
  memory.Count({"north", "ana@x"}, At(2));
  memory.Count({"south", "ana@x"}, At(3));

  CHECK(memory.Of({"north", "ana@x"}).count == 2);
  CHECK(memory.Of({"north", "ana@x"}).last_at == At(2));
  CHECK(memory.Of({"south", "ana@x"}).count == 1);
  CHECK(memory.Of({"north", "eva@x"}).count == 0);
  // What one part ends with is not what the other begins with.
  CHECK(memory.Of({"northana", "@x"}).count == 0);
}

TEST_CASE("The login that failed longest ago is forgotten first", "[identity][unit]") {
  FailureMemory memory(2);
  memory.Count({"c", "a"}, At(1));
  memory.Count({"c", "b"}, At(2));
  memory.Count({"c", "a"}, At(3));

  memory.Count({"c", "d"}, At(4));

  CHECK(memory.Of({"c", "a"}).count == 2);
  CHECK(memory.Of({"c", "b"}).count == 0);
  CHECK(memory.Of({"c", "d"}).count == 1);
}

}  // namespace
}  // namespace clinicd::identity
