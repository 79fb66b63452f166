#include "common/auth/password_hasher.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "absl/strings/escaping.h"
#include "common/base/text.h"
#include "common/crypto/digest.h"
#include "common/status/error.h"
#include "tests/support/fakes.h"

namespace clinicd::auth {
namespace {

using status::ErrorReason;

constexpr absl::Time kNever = absl::InfiniteFuture();
constexpr std::string_view kPassword = "three green bicycles";

crypto::SealingKeys Pepper(std::initializer_list<std::uint32_t> numbers) {
  std::vector<crypto::NumberedKey> keys;
  for (const std::uint32_t number : numbers) {
    keys.push_back({number, crypto::SecretBytes(std::string(32, static_cast<char>(number)))});
  }
  return *crypto::SealingKeys::Create(std::move(keys));
}

PasswordOwner Owner(char user, char clinic = '1') {
  const std::string stem = "018f0000-0000-7000-8000-00000000000";
  return {.clinic = *ClinicId::Parse(stem + clinic), .user = *UserId::Parse(stem + user)};
}

// What a hasher needs, with a hasher.
struct Fixture {
  explicit Fixture(std::initializer_list<std::uint32_t> peppers = {1},
                   const PasswordHasher::Options& options = {})
      : pepper(Pepper(peppers)), hasher(*PasswordHasher::Create(options, pepper, random, clock)) {}

  clinicd::testing::FakeRandom random{1};
  SystemClock clock;
  crypto::SealingKeys pepper;
  std::unique_ptr<PasswordHasher> hasher;
};

// RFC 9106 section 5.3.
TEST_CASE("Argon2id gives the published answer and wipes its memory", "[auth][unit]") {
  auto arena = Argon2Arena::Create(64);
  REQUIRE(arena.ok());

  const auto hash = arena->Hash({.memory_kib = 32, .passes = 3, .lanes = 4},
                                {.password = std::string(32, '\1'),
                                 .salt = std::string(16, '\2'),
                                 .secret = std::string(8, '\3'),
                                 .associated_data = std::string(12, '\4')});

  REQUIRE(hash.ok());
  CHECK(crypto::ToHex(hash->view()) ==
        "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
  CHECK(arena->IsWiped());
}

TEST_CASE("Argon2id refuses what does not fit its memory", "[auth][unit]") {
  auto arena = Argon2Arena::Create(32);
  REQUIRE(arena.ok());

  CHECK(absl::IsResourceExhausted(
      arena->Hash({.memory_kib = 64, .passes = 1}, {.password = "p", .salt = "saltsalt"})
          .status()));
  CHECK(arena->Hash({.memory_kib = 32, .passes = 1}, {.password = "p", .salt = "saltsalt"}).ok());
  arena->Release();
  CHECK(arena->Hash({.memory_kib = 32, .passes = 1}, {.password = "p", .salt = "saltsalt"}).ok());
}

TEST_CASE("A PHC string survives and every other spelling is refused", "[auth][unit]") {
  const PhcHash hash = {.cost = {}, .salt = std::string(16, 's'), .hash = std::string(32, 'h')};
  const std::string text = FormatPhc(hash);

  CHECK(text ==
        "$argon2id$v=19$m=19456,t=2,p=1$c3Nzc3Nzc3Nzc3Nzc3Nzcw$"
        "aGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGg");
  const auto parsed = ParsePhc(text);
  REQUIRE(parsed.has_value());
  CHECK(parsed->cost == hash.cost);
  CHECK(parsed->salt == hash.salt);
  CHECK(parsed->hash == hash.hash);
  const auto with = [&text](std::string_view from, std::string_view to) {
    std::string changed = text;
    return changed.replace(changed.find(from), from.size(), to);
  };
  for (const std::string& bad :
       {with("argon2id", "argon2i"), with("v=19", "v=16"), with("v=19$", ""),
        with("m=19456", "m=019456"), with("m=19456", "m=-1"), with("m=19456", "m=99999999999"),
        with("m=19456,t=2", "t=2,m=19456"), with(",p=1", ""), with("p=1", "p=1,k=2"),
        with("$c3Nz", "$=3Nz"), with("c3Nzc3Nzc3Nzc3Nzc3Nzcw", "c3Nz"), text + "=", text + "$",
        text.substr(1), text.substr(0, text.size() - 4), std::string()}) {
    INFO(bad);
    CHECK_FALSE(ParsePhc(bad).has_value());
  }
}

TEST_CASE("A stored password matches itself only", "[auth][unit]") {
  const Fixture fixture;
  const auto stored = fixture.hasher->Hash(kPassword, Owner('a'), kNever);
  REQUIRE(stored.ok());

  const auto right = fixture.hasher->Verify(kPassword, *stored, Owner('a'), kNever);

  REQUIRE(right.ok());
  CHECK(right->matches);
  CHECK_FALSE(right->needs_rehash);
  for (const std::string_view wrong :
       {std::string_view("three green bicycleS"), std::string_view("three green bicycle"),
        std::string_view("three green bicycles "), std::string_view("")}) {
    const auto check = fixture.hasher->Verify(wrong, *stored, Owner('a'), kNever);
    REQUIRE(check.ok());
    CHECK_FALSE(check->matches);
  }
}

TEST_CASE("A stored password shows neither its hash nor its cost", "[auth][unit]") {
  const Fixture fixture;

  const std::string first = *fixture.hasher->Hash(kPassword, Owner('a'), kNever);
  const std::string second = *fixture.hasher->Hash(kPassword, Owner('a'), kNever);

  CHECK(first.find("argon2") == std::string::npos);
  CHECK(first != second);
  const std::string opened = *fixture.pepper.Open(
      first, crypto::JoinParts(
                 {"pw",
                  {reinterpret_cast<const char*>(Owner('a').clinic.uuid().bytes().data()), 16},
                  {reinterpret_cast<const char*>(Owner('a').user.uuid().bytes().data()), 16}}));
  CHECK(opened.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

TEST_CASE("A stored password works for its owner only", "[auth][unit]") {
  const Fixture fixture;
  const std::string stored = *fixture.hasher->Hash(kPassword, Owner('a'), kNever);
  std::string damaged = stored;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  const auto reason = [&](const std::string& text, const PasswordOwner& owner) {
    return status::ReasonOf(fixture.hasher->Verify(kPassword, text, owner, kNever).status());
  };

  CHECK(reason(stored, Owner('b')) == ErrorReason::INTERNAL_DEFECT);
  CHECK(reason(stored, Owner('a', '2')) == ErrorReason::INTERNAL_DEFECT);
  CHECK(reason(damaged, Owner('a')) == ErrorReason::INTERNAL_DEFECT);
  CHECK(reason("", Owner('a')) == ErrorReason::INTERNAL_DEFECT);
}

TEST_CASE("A password sealed with an older pepper matches and asks for a new hash",
          "[auth][unit]") {
  const Fixture before({1});
  const Fixture after({1, 2});
  const Fixture without({2});
  const std::string stored = *before.hasher->Hash(kPassword, Owner('a'), kNever);

  const auto check = after.hasher->Verify(kPassword, stored, Owner('a'), kNever);
  const auto wrong = after.hasher->Verify("something else", stored, Owner('a'), kNever);

  REQUIRE(check.ok());
  CHECK(check->matches);
  CHECK(check->needs_rehash);
  REQUIRE(wrong.ok());
  CHECK_FALSE(wrong->matches);
  CHECK_FALSE(wrong->needs_rehash);
  CHECK(status::ReasonOf(without.hasher->Verify(kPassword, stored, Owner('a'), kNever).status()) ==
        ErrorReason::INTERNAL_DEFECT);
}

TEST_CASE("A password of weaker cost asks for a new hash and of stronger cost does not",
          "[auth][unit]") {
  const Fixture usual;
  const Fixture strong({1}, {.cost = {.memory_kib = 24'576, .passes = 2}});
  const std::string weak_hash = *usual.hasher->Hash(kPassword, Owner('a'), kNever);
  const std::string strong_hash = *strong.hasher->Hash(kPassword, Owner('a'), kNever);

  const auto raised = strong.hasher->Verify(kPassword, weak_hash, Owner('a'), kNever);
  const auto lowered = usual.hasher->Verify(kPassword, strong_hash, Owner('a'), kNever);

  REQUIRE(raised.ok());
  CHECK(raised->matches);
  CHECK(raised->needs_rehash);
  REQUIRE(lowered.ok());
  CHECK(lowered->matches);
  CHECK_FALSE(lowered->needs_rehash);
}

TEST_CASE("A hasher refuses costs outside of its bounds", "[auth][unit]") {
  const Fixture fixture;
  clinicd::testing::FakeRandom random(1);
  const auto create = [&](const Argon2Cost& cost) {
    return PasswordHasher::Create({.cost = cost}, fixture.pepper, random, fixture.clock).status();
  };

  CHECK(absl::IsInvalidArgument(create({.memory_kib = 19'455, .passes = 2})));
  CHECK(absl::IsInvalidArgument(create({.memory_kib = 19'456, .passes = 1})));
  CHECK(absl::IsInvalidArgument(create({.memory_kib = 47'103, .passes = 1})));
  CHECK(absl::IsInvalidArgument(create({.memory_kib = 256 * 1024 + 1, .passes = 2})));
  CHECK(absl::IsInvalidArgument(create({.memory_kib = 19'456, .passes = 11})));
  CHECK(absl::IsInvalidArgument(create({.memory_kib = 19'456, .passes = 2, .lanes = 5})));
  CHECK(absl::IsInvalidArgument(create({.memory_kib = 19'456, .passes = 2, .lanes = 0})));
  CHECK(create({.memory_kib = 19'456, .passes = 2}).ok());
  CHECK(create({.memory_kib = 47'104, .passes = 1}).ok());
}

TEST_CASE("The default cost is the documented minimum", "[auth][unit]") {
  CHECK(Argon2Cost() == Argon2Cost{.memory_kib = 19'456, .passes = 2, .lanes = 1});
  CHECK(WorkGate::Limits().working_max == 2);
  CHECK(WorkGate::Limits().waiting_max == 16);
  CHECK(WorkGate::Limits().wait_max == absl::Milliseconds(1500));
}

TEST_CASE("Hashing past the deadline is refused for known and unknown users alike",
          "[auth][unit]") {
  const Fixture fixture;
  const std::string stored = *fixture.hasher->Hash(kPassword, Owner('a'), kNever);
  const absl::Time past = absl::UnixEpoch();

  CHECK(status::ReasonOf(fixture.hasher->Hash(kPassword, Owner('a'), past).status()) ==
        ErrorReason::SERVER_BUSY);
  CHECK(status::ReasonOf(fixture.hasher->Verify(kPassword, stored, Owner('a'), past).status()) ==
        ErrorReason::SERVER_BUSY);
  CHECK(status::ReasonOf(fixture.hasher->VerifyDummy(kPassword, past)) == ErrorReason::SERVER_BUSY);
  CHECK(fixture.hasher->VerifyDummy(kPassword, kNever).ok());
}

TEST_CASE("Accented letters match however a keyboard composes them", "[auth][unit]") {
  const Fixture fixture;
  const std::string composed = "caf\u00e9 cr\u00e8me br\u00fbl\u00e9e";
  const std::string decomposed = "cafe\u0301 cre\u0300me bru\u0302le\u0301e";
  const std::string stored = *fixture.hasher->Hash(composed, Owner('a'), kNever);

  CHECK(fixture.hasher->Verify(decomposed, stored, Owner('a'), kNever)->matches);
  CHECK_FALSE(fixture.hasher->Verify("cafe creme brulee", stored, Owner('a'), kNever)->matches);
}

TEST_CASE("A password counts to its last byte and longer ones do not match", "[auth][unit]") {
  const Fixture fixture;
  const std::string longest(256, 'x');
  const std::string stored = *fixture.hasher->Hash(longest, Owner('a'), kNever);

  CHECK(fixture.hasher->Verify(longest, stored, Owner('a'), kNever)->matches);
  CHECK_FALSE(
      fixture.hasher->Verify(longest.substr(0, 255) + "y", stored, Owner('a'), kNever)->matches);
  CHECK_FALSE(fixture.hasher->Verify(longest + "x", stored, Owner('a'), kNever)->matches);
  CHECK(status::ReasonOf(fixture.hasher->Hash(longest + "x", Owner('a'), kNever).status()) ==
        ErrorReason::INTERNAL_DEFECT);
}

TEST_CASE("Threads that hash at once get the right answers", "[auth][unit]") {
  const Fixture fixture({1}, {.limits = {.wait_max = absl::Minutes(5)}});
  const std::string stored = *fixture.hasher->Hash(kPassword, Owner('a'), kNever);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;

  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      const bool right = i % 2 == 0;
      const auto check = fixture.hasher->Verify(right ? kPassword : "another password entirely",
                                                stored, Owner('a'), kNever);
      if (!check.ok() || check->matches != right) ++wrong;
    });
  }
  for (std::thread& thread : threads) thread.join();

  CHECK(wrong == 0);
}

}  // namespace
}  // namespace clinicd::auth
