#include <array>
#include <catch2/catch.hpp>
#include <set>

#include "absl/strings/escaping.h"
#include "common/base/text.h"
#include "common/crypto/aes_gcm.h"
#include "common/crypto/base64url.h"
#include "common/crypto/digest.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/sealed_box.h"
#include "common/crypto/secret.h"
#include "tests/support/fakes.h"

namespace clinicd::crypto {
namespace {

std::string Hex(std::string_view digits) { return absl::HexStringToBytes(ToAbsl(digits)); }

SealingKeys Keys(std::initializer_list<std::uint32_t> numbers) {
  std::vector<NumberedKey> keys;
  for (const std::uint32_t number : numbers) {
    keys.push_back({number, SecretBytes(std::string(kAesKeySize, static_cast<char>(number)))});
  }
  return *SealingKeys::Create(std::move(keys));
}

TEST_CASE("SHA-256 and HMAC-SHA256 give the published answers", "[crypto][unit]") {
  CHECK(ToHex(AsView(Sha256("abc"))) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(ToHex(AsView(Sha256(""))) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  // RFC 4231 section 4.3.
  CHECK(ToHex(AsView(HmacSha256("Jefe", "what do ya want for nothing?"))) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("ConstantTimeEqual tells equal from different bytes and sizes", "[crypto][unit]") {
  CHECK(ConstantTimeEqual("", ""));
  CHECK(ConstantTimeEqual("secret", "secret"));
  CHECK_FALSE(ConstantTimeEqual("secret", "secreT"));
  CHECK_FALSE(ConstantTimeEqual("secret", "secre"));
}

TEST_CASE("JoinParts keeps apart lists whose plain concatenation is equal", "[crypto][unit]") {
  CHECK(JoinParts({"ab", "c"}) != JoinParts({"a", "bc"}));
  CHECK(JoinParts({"abc"}) != JoinParts({"abc", ""}));
  CHECK(JoinParts({"a"}) == std::string("\0\0\0\1a", 5));
}

TEST_CASE("Base64UrlDecode undoes the encoding of every length", "[crypto][unit]") {
  testing::FakeRandom random(7);
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string bytes = random.Bytes(size);

    CHECK(Base64UrlDecode(Base64UrlEncode(bytes)) == bytes);
  }
}

TEST_CASE("Base64UrlDecode refuses every form but the canonical one", "[crypto][unit]") {
  REQUIRE(Base64UrlDecode("-_-_Zg") == Hex("fbffbf66"));
  const std::string text = GENERATE("-_-_Zg==", "-_-_Zg=", "-_-_Zh", "-_-_Z", "-_-_ Zg", "-_-_Zg\n",
                                    "+/+/Zg", "-_-_Zg.", "-_-_Z\xC3\xA9", "A", "====");

  CHECK_FALSE(Base64UrlDecode(text).has_value());
}

// Test cases 13, 14 and 16 of the GCM specification submitted to NIST.
TEST_CASE("AES-256-GCM gives the published answers", "[crypto][unit]") {
  const std::string zero_key(32, '\0');
  const std::string zero_nonce(12, '\0');
  const std::string key = Hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const std::string nonce = Hex("cafebabefacedbaddecaf888");
  const std::string aad = Hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const std::string plaintext =
      Hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e24"
          "49a6b525b16aedf5aa0de657ba637b39");
  const std::string sealed =
      Hex("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b10"
          "56828838c5f61e6393ba7a0abcc9f662"
          "76fc6ece0f4e1768cddf8853bb2d551b");

  CHECK(*AesGcmEncrypt(zero_key, zero_nonce, "", "") == Hex("530f8afbc74536b9a963b4f1c4cb738b"));
  CHECK(*AesGcmDecrypt(zero_key, zero_nonce, "", Hex("530f8afbc74536b9a963b4f1c4cb738b")) == "");
  CHECK(*AesGcmEncrypt(zero_key, zero_nonce, "", std::string(16, '\0')) ==
        Hex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"));
  CHECK(*AesGcmEncrypt(key, nonce, aad, plaintext) == sealed);
  CHECK(*AesGcmDecrypt(key, nonce, aad, sealed) == plaintext);
}

TEST_CASE("AES-256-GCM refuses keys and nonces of other sizes", "[crypto][unit]") {
  const std::string key(32, 'k');
  const std::string nonce(12, 'n');

  CHECK(absl::IsInvalidArgument(AesGcmEncrypt(key.substr(1), nonce, "", "x").status()));
  CHECK(absl::IsInvalidArgument(AesGcmEncrypt(key, nonce + "n", "", "x").status()));
  CHECK(absl::IsDataLoss(AesGcmDecrypt(key, nonce, "", std::string(15, 't')).status()));
}

TEST_CASE("A sealed text opens only whole, unchanged and with its associated data",
          "[crypto][unit]") {
  testing::FakeRandom random(1);
  const SealingKeys keys = Keys({1});
  const std::string sealed = *keys.Seal("attack at dawn", "context", random);

  CHECK(*keys.Open(sealed, "context") == "attack at dawn");
  CHECK(absl::IsDataLoss(keys.Open(sealed, "contexT").status()));
  CHECK(absl::IsDataLoss(keys.Open(sealed, "").status()));
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    CHECK(absl::IsDataLoss(keys.Open(changed, "context").status()));
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    CHECK(absl::IsDataLoss(keys.Open(sealed.substr(0, size), "context").status()));
  }
}

TEST_CASE("Sealing the same text twice gives different sealed texts", "[crypto][unit]") {
  testing::FakeRandom random(1);
  const SealingKeys keys = Keys({1});
  std::set<std::string> seen;

  for (int i = 0; i < 100; ++i) seen.insert(*keys.Seal("same", "aad", random));

  CHECK(seen.size() == 100);
}

TEST_CASE("The newest key seals and older keys still open", "[crypto][unit]") {
  testing::FakeRandom random(1);
  const SealingKeys before = Keys({3});
  const SealingKeys after = Keys({12, 3});
  const std::string old_text = *before.Seal("old", "aad", random);
  const std::string new_text = *after.Seal("new", "aad", random);

  CHECK(*after.Open(old_text, "aad") == "old");
  CHECK_FALSE(after.IsNewest(old_text));
  CHECK(after.IsNewest(new_text));
  CHECK(after.newest_number() == 12);
  CHECK(absl::IsDataLoss(before.Open(new_text, "aad").status()));
}

TEST_CASE("Sealing keys of a wrong size, twice the same number, or none are refused",
          "[crypto][unit]") {
  std::vector<NumberedKey> short_key;
  short_key.push_back({1, SecretBytes(31)});
  std::vector<NumberedKey> twice;
  twice.push_back({1, SecretBytes(32)});
  twice.push_back({1, SecretBytes(32)});

  CHECK(absl::IsInvalidArgument(SealingKeys::Create({}).status()));
  CHECK(absl::IsInvalidArgument(SealingKeys::Create(std::move(short_key)).status()));
  CHECK(absl::IsInvalidArgument(SealingKeys::Create(std::move(twice)).status()));
}

// RFC 8032 section 7.1, test 1, and RFC 8037 appendices A.4 and A.5, which share one key.
TEST_CASE("Ed25519 gives the published answers", "[crypto][unit]") {
  const std::string seed = *Base64UrlDecode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
  const std::string message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  const std::string signature = *Base64UrlDecode(
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");

  const auto private_key = Ed25519PrivateKey::FromSeed(seed);
  REQUIRE(private_key.ok());
  CHECK(Base64UrlEncode(private_key->public_bytes()) ==
        "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
  CHECK(*private_key->Sign(message) == signature);
  CHECK(*private_key->Sign("") ==
        Hex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39"
            "701cf9b46bd25bf5f0595bbe24655141438e7a100b"));
  const auto public_key = Ed25519PublicKey::FromBytes(private_key->public_bytes());
  REQUIRE(public_key.ok());
  CHECK(public_key->Verify(message, signature));
}

TEST_CASE("Ed25519 refuses signatures that differ in any bit or in size", "[crypto][unit]") {
  const auto private_key = Ed25519PrivateKey::FromSeed(std::string(32, 's'));
  const auto public_key = Ed25519PublicKey::FromBytes(private_key->public_bytes());
  const std::string signature = *private_key->Sign("message");

  REQUIRE(public_key->Verify("message", signature));
  CHECK_FALSE(public_key->Verify("messagE", signature));
  CHECK_FALSE(public_key->Verify("message", ""));
  CHECK_FALSE(public_key->Verify("message", signature + '\0'));
  CHECK_FALSE(public_key->Verify("message", signature.substr(0, 63)));
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    std::string changed = signature;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    CHECK_FALSE(public_key->Verify("message", changed));
  }
}

TEST_CASE("Ed25519 keys of other sizes are refused", "[crypto][unit]") {
  CHECK(absl::IsInvalidArgument(Ed25519PrivateKey::FromSeed(std::string(31, 's')).status()));
  CHECK(absl::IsInvalidArgument(Ed25519PublicKey::FromBytes(std::string(33, 'p')).status()));
}

TEST_CASE("Secret bytes move without leaving a copy behind", "[crypto][unit]") {
  SecretBytes first(std::string_view("key"));
  const std::uint8_t* address = first.data();

  SecretBytes second = std::move(first);

  CHECK(second.view() == "key");
  CHECK(second.data() == address);
  CHECK(first.empty());  // NOLINT(bugprone-use-after-move): what is left is the point.
  const SecretBytes third = second.Clone();
  CHECK(third.view() == "key");
  CHECK(third.data() != second.data());
}

}  // namespace
}  // namespace clinicd::crypto
