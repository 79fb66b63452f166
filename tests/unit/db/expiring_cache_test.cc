#include "db/vault/expiring_cache.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/support/fakes.h"

namespace clinicd::db {
namespace {

using Cache = ExpiringCache<int, std::string>;

std::shared_ptr<const std::string> Value(const char* text) {
  return std::make_shared<const std::string>(text);
}

std::string Find(Cache& cache, int key) {
  const auto value = cache.Find(key);
  return value ? *value : "";
}

TEST_CASE("An entry lives as long as was said and no longer", "[vault][unit]") {
  testing::FakeClock clock(absl::UnixEpoch());
  Cache cache(10, absl::Seconds(60), clock);
  cache.Put(1, Value("one"), cache.generation());

  clock.Advance(absl::Seconds(60) - absl::Nanoseconds(1));
  CHECK(Find(cache, 1) == "one");
  clock.Advance(absl::Nanoseconds(1));
  CHECK(Find(cache, 1).empty());
  CHECK(cache.size() == 0);
}

TEST_CASE("What was not used for longest goes first", "[vault][unit]") {
  testing::FakeClock clock(absl::UnixEpoch());
  Cache cache(2, absl::Seconds(60), clock);
  cache.Put(1, Value("one"), cache.generation());
  cache.Put(2, Value("two"), cache.generation());
  REQUIRE(Find(cache, 1) == "one");

  cache.Put(3, Value("three"), cache.generation());

  CHECK(Find(cache, 1) == "one");
  CHECK(Find(cache, 2).empty());
  CHECK(Find(cache, 3) == "three");
  CHECK(cache.size() == 2);
}

TEST_CASE("A value that was read before a removal is not kept after it", "[vault][unit]") {
  testing::FakeClock clock(absl::UnixEpoch());
  Cache cache(10, absl::Seconds(60), clock);
  cache.Put(1, Value("one"), cache.generation());
  cache.Put(2, Value("two"), cache.generation());
  const std::int64_t before = cache.generation();

  cache.RemoveIf([](int key) { return key == 1; });
  cache.Put(1, Value("late"), before);

  CHECK(Find(cache, 1).empty());
  CHECK(Find(cache, 2) == "two");
  cache.Put(1, Value("new"), cache.generation());
  CHECK(Find(cache, 1) == "new");
}

TEST_CASE("A value in use outlives its entry", "[vault][unit]") {
  testing::FakeClock clock(absl::UnixEpoch());
  Cache cache(10, absl::Seconds(60), clock);
  cache.Put(1, Value("one"), cache.generation());
  const auto used = cache.Find(1);

  cache.Put(1, Value("two"), cache.generation());

  CHECK(*used == "one");
  CHECK(Find(cache, 1) == "two");
  CHECK(cache.size() == 1);
}

}  // namespace
}  // namespace clinicd::db
