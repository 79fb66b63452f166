#include "services/appointments/link_code.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "common/crypto/base64url.h"
#include "tests/support/fakes.h"
#include "tests/unit/services/appointments/times.h"
#include "tests/unit/services/appointments/visit_plans.h"

namespace clinicd::appointments {
namespace {

using testing::NumberedId;
using testing::Utc;

crypto::SealingKeys Keys(char byte) {
  std::vector<crypto::NumberedKey> keys;
  keys.push_back({1, crypto::SecretBytes(std::string(32, byte))});
  return *crypto::SealingKeys::Create(std::move(keys));
}

TEST_CASE("A link code says who made it, for an hour, and shows nothing", "[appointments][unit]") {
  testing::FakeRandom random(1);
  const crypto::SealingKeys keys = Keys('p');
  const LinkCodes codes(keys, random);
  const Uuid person = NumberedId(7);
  const absl::Time now = Utc("2027-03-01T10:00:00Z");

  const std::string code = *codes.Make(person, now);

  CHECK(codes.Read(code, now) == person);
  CHECK(codes.Read(code, now + kLinkCodeLife - absl::Seconds(1)) == person);
  CHECK_FALSE(codes.Read(code, now + kLinkCodeLife));
  CHECK(crypto::Base64UrlDecode(code)->find(person.ToString()) == std::string::npos);
}

TEST_CASE("What is no link code of these keys opens nothing", "[appointments][unit]") {
  testing::FakeRandom random(1);
  const crypto::SealingKeys keys = Keys('p');
  const crypto::SealingKeys foreign = Keys('q');
  const LinkCodes codes(keys, random);
  const Uuid person = NumberedId(7);
  const absl::Time now = Utc("2027-03-01T10:00:00Z");
  const std::string for_something_else =
      crypto::Base64UrlEncode(*keys.Seal(person.ToString() + " 9999999999", "page", random));

  CHECK_FALSE(codes.Read("", now));
  CHECK_FALSE(codes.Read("no code", now));
  CHECK_FALSE(codes.Read(*LinkCodes(foreign, random).Make(person, now), now));
  CHECK_FALSE(codes.Read(for_something_else, now));
}

}  // namespace
}  // namespace clinicd::appointments
