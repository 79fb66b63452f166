#include "db/vault/clinic_keys.h"

#include <catch2/catch.hpp>

#include "db/vault/data_key.h"
#include "tests/support/fakes.h"

namespace clinicd::db {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
const ClinicId kClinic(*Uuid::Parse("018f0000-0000-7000-8000-00000000000a"));
const ClinicId kOtherClinic(*Uuid::Parse("018f0000-0000-7000-8000-00000000000b"));
const Uuid kPatient = *Uuid::Parse("018f0000-0000-7000-8001-000000000001");
const Uuid kOtherPatient = *Uuid::Parse("018f0000-0000-7000-8001-000000000002");
const Uuid kRow = *Uuid::Parse("018f0000-0000-7000-8002-000000000001");
const FieldPlace kPlace{.table = "notes", .column = "text", .row = kRow};

TEST_CASE("Keys of a clinic are the same after they were kept", "[vault][unit]") {
  testing::FakeRandom random(1);
  ClinicKeys keys = ClinicKeys::Make(random, kNow);
  keys.Shred(kPatient);
  keys.AddVersion(random, kNow + absl::Seconds(1));

  const auto kept = ClinicKeys::Parse(keys.Serialize().view());

  REQUIRE(kept.ok());
  CHECK(kept->Serialize().view() == keys.Serialize().view());
  CHECK(kept->newest().number == 2);
  CHECK(kept->newest().made_at == kNow + absl::Seconds(1));
  CHECK(kept->versions().size() == 2);
}

TEST_CASE("A shredded subject has no key in any version, nor in later ones", "[vault][unit]") {
  testing::FakeRandom random(1);
  ClinicKeys keys = ClinicKeys::Make(random, kNow);
  keys.AddVersion(random, kNow);

  keys.Shred(kPatient);
  keys.AddVersion(random, kNow);

  CHECK(keys.IsShredded(kPatient));
  CHECK_FALSE(keys.IsShredded(kOtherPatient));
  CHECK(keys.ShreddedCount() == 1);
  REQUIRE(keys.versions().size() == 3);
  for (const ClinicKeyVersion& version : keys.versions()) {
    CHECK_FALSE(version.key.Derive(kPatient.bytes()));
    CHECK(version.key.Derive(kOtherPatient.bytes()));
  }
  CHECK(keys.DropOlder() == 2);
  CHECK(keys.IsShredded(kPatient));
  CHECK(keys.newest().number == 3);
  CHECK(keys.Find(2) == nullptr);
}

TEST_CASE("Bytes that are no keys of a clinic are refused", "[vault][unit]") {
  testing::FakeRandom random(1);
  ClinicKeys keys = ClinicKeys::Make(random, kNow);
  keys.AddVersion(random, kNow);
  const std::string bytes(keys.Serialize().view());

  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK(absl::IsDataLoss(ClinicKeys::Parse(bytes.substr(0, size)).status()));
  }
  CHECK(absl::IsDataLoss(ClinicKeys::Parse(bytes + '\0').status()));
  CHECK(absl::IsDataLoss(ClinicKeys::Parse(std::string(8, '\0')).status()));
  std::string again = bytes;
  // The number of the second version is that of the first.
  const std::size_t second = 8 + 3 * 8 + 4 + 49;
  REQUIRE(again[second + 7] == 2);
  again[second + 7] = 1;
  CHECK(absl::IsDataLoss(ClinicKeys::Parse(again).status()));
}

TEST_CASE("A data key unwraps for its own row only", "[vault][unit]") {
  testing::FakeRandom random(1);
  ClinicKeys keys = ClinicKeys::Make(random, kNow);
  const KeySubject subject{.clinic = kClinic, .subject = kPatient};
  const DataKey key = MakeDataKey(1, random);
  const WrappedKey wrapped =
      *WrapDataKey(subject, key, *DeriveWrappingKey(kPatient, keys.newest()), random);

  CHECK(UnwrapDataKey(subject, wrapped, keys)->bytes.view() == key.bytes.view());
  CHECK(wrapped.wrapped.find(key.bytes.view()) == std::string::npos);
  WrappedKey other = wrapped;
  other.version = 2;
  CHECK(absl::IsDataLoss(UnwrapDataKey(subject, other, keys).status()));
  CHECK(absl::IsDataLoss(
      UnwrapDataKey({.clinic = kClinic, .subject = kOtherPatient}, wrapped, keys).status()));
  CHECK(absl::IsDataLoss(
      UnwrapDataKey({.clinic = kOtherClinic, .subject = kPatient}, wrapped, keys).status()));
  other = wrapped;
  other.wrapped.pop_back();
  CHECK(absl::IsDataLoss(UnwrapDataKey(subject, other, keys).status()));
  other.clinic_key_version = 2;
  CHECK(absl::IsNotFound(UnwrapDataKey(subject, other, keys).status()));
  keys.AddVersion(random, kNow);
  CHECK(absl::IsDataLoss(UnwrapDataKey(subject, other, keys).status()));
  CHECK(UnwrapDataKey(subject, wrapped, keys).ok());
  keys.Shred(kPatient);
  CHECK(absl::IsCancelled(UnwrapDataKey(subject, wrapped, keys).status()));
  CHECK_FALSE(DeriveWrappingKey(kPatient, keys.newest()));
  CHECK(DeriveWrappingKey(kOtherPatient, keys.newest()));
}

TEST_CASE("A sealed value opens in its own place only, and not after any change", "[vault][unit]") {
  testing::FakeRandom random(1);
  const DataKey key = MakeDataKey(7, random);
  const std::string text =
      GENERATE(std::string(), std::string("penicillin"), std::string(70'000, 'x'));
  const std::string sealed = *SealField(kClinic, kPlace, key, text, random);
  const auto opens = [&](const ClinicId& clinic, const FieldPlace& place, std::string_view value) {
    return OpenField(clinic, place, key, value).ok();
  };

  CHECK(sealed.size() == text.size() + 33);
  CHECK(VersionOfSealed(sealed) == 7);
  CHECK(OpenField(kClinic, kPlace, key, sealed).value() == text);
  CHECK(*SealField(kClinic, kPlace, key, text, random) != sealed);
  CHECK_FALSE(opens(kOtherClinic, kPlace, sealed));
  CHECK_FALSE(opens(kClinic, {.table = "note", .column = "stext", .row = kRow}, sealed));
  CHECK_FALSE(opens(kClinic, {.table = "notes", .column = "texts", .row = kRow}, sealed));
  CHECK_FALSE(opens(kClinic, {.table = "notes", .column = "text", .row = kPatient}, sealed));
  for (std::size_t i = 0; i < std::min<std::size_t>(sealed.size(), 60); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_FALSE(opens(kClinic, kPlace, changed));
  }
  CHECK_FALSE(opens(kClinic, kPlace, sealed + 'x'));
}

TEST_CASE("A value that cannot have been sealed names no version", "[vault][unit]") {
  const std::string rest(12 + 16, 'r');
  const auto version = [&rest](std::string_view head) {
    return VersionOfSealed(std::string(head) + rest);
  };

  CHECK(version(std::string_view("\1\0\0\0\1", 5)) == 1);
  CHECK(version(std::string_view("\1\0\x0f\x42\x40", 5)) == 1'000'000);
  CHECK_FALSE(version(std::string_view("\1\0\x0f\x42\x41", 5)));
  CHECK_FALSE(version(std::string_view("\1\0\0\0\0", 5)));
  CHECK_FALSE(version(std::string_view("\1\xff\xff\xff\xff", 5)));
  CHECK_FALSE(version(std::string_view("\2\0\0\0\1", 5)));
  CHECK_FALSE(VersionOfSealed(std::string_view("\1\0\0\0\1", 5)));
  CHECK_FALSE(VersionOfSealed(""));
}

}  // namespace
}  // namespace clinicd::db
