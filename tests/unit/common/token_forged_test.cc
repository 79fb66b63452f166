#include <array>
#include <catch2/catch.hpp>
#include <map>

#include "common/crypto/digest.h"
#include "common/status/error.h"
#include "tests/unit/common/token_fixture.h"

namespace clinicd::auth {
namespace {

using crypto::Base64UrlEncode;
using testing::HeaderOf;
using testing::KeyOf;
using testing::KeysOf;
using testing::Now;
using testing::Signed;
using testing::SomePayload;
using testing::With;

using Cases = std::map<std::string, std::string>;

std::string GoodToken() { return Signed(HeaderOf(KeyOf('a')), SomePayload(), KeyOf('a')); }

// Tokens whose payload differs, truly signed with the right key and header.
Cases BadPayloads() {
  const SigningKey key = KeyOf('a');
  const std::string good = SomePayload();
  Cases cases;
  const auto add = [&](const std::string& name, const std::string& payload) {
    // With() gives nothing if a case no longer fits the payload it changes.
    REQUIRE((!payload.empty() || name == "empty payload"));
    cases["payload: " + name] = Signed(HeaderOf(key), payload, key);
  };
  const auto swap = [&](const std::string& name, std::string_view from, std::string_view to) {
    add(name, With(good, from, to));
  };
  swap("issued for the portal", "clinicd:staff", "clinicd:portal");
  swap("audience in other case", "clinicd:staff", "clinicd:Staff");
  swap("audience with more", "clinicd:staff", "clinicd:staff2");
  swap("audience list", R"("clinicd:staff")", R"(["clinicd:staff"])");
  swap("audience null", R"("clinicd:staff")", "null");
  swap("no audience", R"("aud":"clinicd:staff",)", "");
  swap("other issuer", R"("iss":"clinicd")", R"("iss":"clinicd2")");
  swap("no issuer", R"("iss":"clinicd",)", "");
  swap("no user", R"("sub":"018f0000-0000-7000-8000-0000000000a1",)", "");
  swap("user is nil", "018f0000-0000-7000-8000-0000000000a1",
       "00000000-0000-0000-0000-000000000000");
  swap("user in capitals", "0000000000a1", "0000000000A1");
  swap("user too long", "0000000000a1", "0000000000a11");
  swap("user is a number", R"("018f0000-0000-7000-8000-0000000000a1")", "7");
  swap("no clinic", R"("clinic":"018f0000-0000-7000-8000-0000000000b2",)", "");
  swap("clinic empty", "018f0000-0000-7000-8000-0000000000b2", "");
  swap("clinic is an object", R"("018f0000-0000-7000-8000-0000000000b2")", R"({"id":1})");
  swap("no session", R"("sid":"018f0000-0000-7000-8000-0000000000c3",)", "");
  swap("session null", R"("018f0000-0000-7000-8000-0000000000c3")", "null");
  swap("no roles", R"("roles":[1,5],)", "");
  swap("roles as text", "[1,5]", R"("1,5")");
  swap("role as text", "[1,5]", R"(["1"])");
  swap("role out of range", "[1,5]", "[1,32]");
  swap("role negative", "[1,5]", "[-1]");
  swap("role twice", "[1,5]", "[5,5]");
  swap("roles not ascending", "[1,5]", "[5,1]");
  swap("role fractional", "[1,5]", "[1.5]");
  swap("role huge", "[1,5]", "[18446744073709551617]");
  swap("roles nested", "[1,5]", "[[1]]");
  swap("role null", "[1,5]", "[null]");
  swap("no time zone", R"("zoneinfo":"Europe/Warsaw",)", "");
  swap("time zone empty", "Europe/Warsaw", "");
  swap("time zone as a path with dots", "Europe/Warsaw", "../../etc/passwd");
  swap("time zone too long", "Europe/Warsaw", std::string(65, 'Z'));
  swap("time zone is a number", R"("Europe/Warsaw")", "1");
  swap("no epoch", R"("epoch":7,)", "");
  swap("epoch negative", R"("epoch":7)", R"("epoch":-7)");
  swap("epoch as text", R"("epoch":7)", R"("epoch":"7")");
  swap("epoch fractional", R"("epoch":7)", R"("epoch":7.0)");
  swap("epoch with exponent", R"("epoch":7)", R"("epoch":7e0)");
  swap("epoch beyond 63 bits", R"("epoch":7)", R"("epoch":9223372036854775808)");
  swap("epoch true", R"("epoch":7)", R"("epoch":true)");
  swap("no expiry", R"("exp":1800000600,)", "");
  swap("expiry as text", "1800000600", R"("1800000600")");
  swap("expiry too far", "1800000600", "1800000601");
  swap("expiry absurd", "1800000600", "9223372036854775807");
  swap("expiry negative", "1800000600", "-1");
  swap("no issue time", R"("iat":1800000000,)", "");
  swap("issue time true", "1800000000", "true");
  swap("issued in the future", R"("iat":1800000000,"exp":1800000600)",
       R"("iat":1800000031,"exp":1800000600)");
  swap("issued after expiry", R"("iat":1800000000)", R"("iat":1800000600)");
  swap("no time of authentication", R"(,"auth_time":1799996400)", "");
  swap("authenticated after issue", "1799996400", "1800000001");
  swap("claim twice, same value", R"("epoch":7)", R"("epoch":7,"epoch":7)");
  swap("claim twice, other value", R"("iss")",
       R"("sub":"018f0000-0000-7000-8000-0000000000a9","iss")");
  swap("claim twice, escaped name", R"("epoch":7)", R"("epoch":7,"\u0065poch":8)");
  swap("unknown claim", R"("epoch":7)", R"("epoch":7,"admin":true)");
  swap("name in capitals", R"("epoch":7)", R"("EPOCH":7)");
  swap("text after the object", R"(1799996400})", R"(1799996400}x)");
  swap("two objects", R"(1799996400})", R"(1799996400}{})");
  swap("not closed", R"(1799996400})", "1799996400");
  swap("comma at the end", R"(1799996400})", "1799996400,}");
  swap("comment", R"("epoch":7)", R"(/**/"epoch":7)");
  swap("NUL byte", "clinicd:staff", std::string_view("clinicd:staff\0", 14));
  swap("bytes that are not UTF-8", "clinicd:staff", "clinicd:staff\xff");
  add("empty payload", "");
  add("space before", " " + good);
  add("byte order mark", "\xEF\xBB\xBF" + good);
  add("list around", "[" + good + "]");
  add("object around", R"({"iss":)" + good + "}");
  add("text", R"("clinicd")");
  add("null", "null");
  add("number", "1");
  add("no claims", "{}");
  add("deep lists", std::string(1200, '['));
  add("deep objects", [] {
    std::string bomb;
    for (int i = 0; i < 200; ++i) bomb += R"({"a":)";
    return bomb;
  }());
  add("deep lists in roles", With(good, "[1,5]", std::string(300, '[') + std::string(300, ']')));
  return cases;
}

// Tokens whose header differs, signed as that header would have it.
Cases BadHeaders() {
  const SigningKey key = KeyOf('a');
  const SigningKey stranger = KeyOf('x');
  const std::string good = HeaderOf(key);
  const std::string text =
      Base64UrlEncode(R"({"alg":"none","typ":"at+jwt"})") + "." + Base64UrlEncode(SomePayload());
  const auto hs256 = [&](const std::string& header, std::string_view secret) {
    const std::string signed_text = Base64UrlEncode(header) + "." + Base64UrlEncode(SomePayload());
    return signed_text + "." +
           Base64UrlEncode(crypto::AsView(crypto::HmacSha256(secret, signed_text)));
  };
  const std::string hs_header = With(good, "EdDSA", "HS256");
  const std::string stranger_jwk = R"(,"jwk":{"kty":"OKP","crv":"Ed25519","x":")" +
                                   Base64UrlEncode(stranger.public_key.bytes()) + R"("}})";
  Cases cases;
  const auto header = [&](const std::string& name, const std::string& value) {
    REQUIRE((!value.empty() || name == "empty"));
    cases["header: " + name] = Signed(value, SomePayload(), key);
  };
  cases["alg none without signature"] = text + ".";
  cases["alg none with a signature"] = text + "." + Base64UrlEncode(*key.private_key.Sign(text));
  cases["HS256 with the public key"] = hs256(hs_header, key.public_key.bytes());
  cases["HS256 with the public key as text"] =
      hs256(hs_header, Base64UrlEncode(key.public_key.bytes()));
  cases["HS256 with the key id"] = hs256(hs_header, key.id);
  cases["HS256 with no key"] = hs256(hs_header, "");
  cases["right header, HMAC as signature"] = hs256(good, key.public_key.bytes());
  cases["stranger's key under our key id"] = Signed(good, SomePayload(), stranger);
  cases["stranger's key under its own id"] = Signed(HeaderOf(stranger), SomePayload(), stranger);
  cases["stranger's key brought along"] =
      Signed(With(good, "}", stranger_jwk), SomePayload(), stranger);
  cases["other active key's id"] = Signed(HeaderOf(KeyOf('b')), SomePayload(), key);
  header("alg None", With(good, "EdDSA", "None"));
  header("alg in small letters", With(good, "EdDSA", "eddsa"));
  header("alg ES256", With(good, "EdDSA", "ES256"));
  header("alg Ed448", With(good, "EdDSA", "Ed448"));
  header("alg twice", With(good, R"("alg")", R"("alg":"none","alg")"));
  header("no alg", With(good, R"("alg":"EdDSA",)", ""));
  header("no key id", With(good, R"("kid":")" + key.id + R"(",)", ""));
  header("key id empty", With(good, key.id, ""));
  header("key id with more", With(good, key.id, key.id + "0"));
  header("key id cut", With(good, key.id, key.id.substr(0, 15)));
  header("key id as a path", With(good, key.id, "../../../dev/null"));
  header("key id as SQL", With(good, key.id, "' OR 1=1 --"));
  header("key id null", With(good, "\"" + key.id + "\"", "null"));
  header("other type", With(good, "at+jwt", "JWT"));
  header("no type", With(good, R"(,"typ":"at+jwt")", ""));
  header("jku", With(good, "}", R"(,"jku":"https://clinic.example/keys"})"));
  header("x5u", With(good, "}", R"(,"x5u":"https://clinic.example/keys"})"));
  header("crit", With(good, "}", R"(,"crit":["b64"],"b64":false})"));
  header("zip", With(good, "}", R"(,"zip":"DEF"})"));
  header("spaces", With(good, ":", ": "));
  header("other order", R"({"kid":")" + key.id + R"(","alg":"EdDSA","typ":"at+jwt"})");
  header("empty object", "{}");
  header("empty", "");
  header("not JSON", "EdDSA");
  return cases;
}

// The good token, written otherwise.
Cases BadForms() {
  const std::string good = GoodToken();
  const std::size_t first = good.find('.');
  const std::size_t last = good.rfind('.');
  const std::string header = good.substr(0, first);
  const std::string payload = good.substr(first + 1, last - first - 1);
  const std::string signature = good.substr(last + 1);
  // The last letter of a signature carries two bits: four letters stand for the same bytes.
  std::string stray_bits = good;
  stray_bits.back() = static_cast<char>(stray_bits.back() + 1);
  // Of the same length as the good token.
  const std::string other =
      Signed(HeaderOf(KeyOf('a')), With(SomePayload(), R"("epoch":7)", R"("epoch":8)"), KeyOf('a'));
  return {
      {"form: empty", ""},
      {"form: dots only", ".."},
      {"form: no signature", header + "." + payload},
      {"form: empty signature", header + "." + payload + "."},
      {"form: empty payload", header + ".." + signature},
      {"form: empty header", "." + payload + "." + signature},
      {"form: four parts", good + "." + signature},
      {"form: five parts", header + "." + good + "." + signature},
      {"form: dot at the end", good + "."},
      {"form: dot at the start", "." + good},
      {"form: header and payload swapped", payload + "." + header + "." + signature},
      {"form: signature first", signature + "." + header + "." + payload},
      {"form: payload as signature", header + "." + payload + "." + payload},
      {"form: padded signature", good + "=="},
      {"form: padded payload", header + "." + payload + "=." + signature},
      {"form: padded header", header + "=." + payload + "." + signature},
      {"form: stray bits in the signature", stray_bits},
      {"form: plus for minus", With(good + "-", "-", "+")},
      {"form: space before", " " + good},
      {"form: line end after", good + "\n"},
      {"form: NUL after", good + '\0'},
      {"form: with its scheme", "Bearer " + good},
      {"form: twice", good + good},
      {"form: two, with comma", good + "," + good},
      {"form: in capitals",
       [&good] {
         std::string text = good;
         for (char& letter : text) {
           if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
         }
         return text;
       }()},
      {"form: JSON serialization", R"({"protected":")" + header + R"(","payload":")" + payload +
                                       R"(","signature":")" + signature + R"("})"},
      {"form: signature of another token", header + "." + payload + "." + other.substr(last + 1)},
      {"form: huge", std::string(50'000'000, 'A')},
      {"form: huge, three parts", header + "." + std::string(3000, 'A') + "." + signature},
      {"form: many dots", std::string(2000, '.')},
      {"form: bytes that are no text", std::string(300, '\xff')}};
}

void CheckAllRefused(const Cases& cases) {
  const TokenVerifier verifier(KeysOf("ab"));
  for (const auto& [name, token] : cases) {
    INFO(name);
    const absl::Status status = verifier.Verify(token, Now()).status();
    CHECK(absl::IsUnauthenticated(status));
    CHECK(status::ReasonOf(status) == status::ErrorReason::TOKEN_INVALID);
  }
}

TEST_CASE("The token that the forgeries start from is accepted", "[auth][unit]") {
  CHECK(TokenVerifier(KeysOf("ab")).Verify(GoodToken(), Now()).ok());
}

TEST_CASE("A signed token with a bad payload is refused", "[auth][unit]") {
  const Cases cases = BadPayloads();

  CHECK(cases.size() >= 65);
  CheckAllRefused(cases);
}

TEST_CASE("A token with a foreign header, algorithm or key is refused", "[auth][unit]") {
  const Cases cases = BadHeaders();

  CHECK(cases.size() >= 30);
  CheckAllRefused(cases);
}

TEST_CASE("A token in any other form is refused", "[auth][unit]") {
  const Cases cases = BadForms();

  CHECK(cases.size() >= 30);
  CheckAllRefused(cases);
}

TEST_CASE("A token cut anywhere is refused", "[auth][unit]") {
  const std::string good = GoodToken();
  Cases cases;

  for (std::size_t size = 0; size < good.size(); ++size) {
    cases[std::to_string(size)] = good.substr(0, size);
  }

  CheckAllRefused(cases);
}

TEST_CASE("A token with any bit of any part flipped is refused", "[auth][unit]") {
  const std::string good = GoodToken();
  Cases cases;

  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string changed = good;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    cases[std::to_string(bit)] = changed;
  }

  CheckAllRefused(cases);
}

// Ed25519 signatures would be malleable if the scalar S could be written as S plus the order of
// the group, which gives a second valid text for a token.
TEST_CASE("A token whose signature was moved by the group order is refused", "[auth][unit]") {
  constexpr std::array<unsigned, 32> kOrder = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                               0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                               0,    0,    0,    0,    0,    0,    0,    0,
                                               0,    0,    0,    0,    0,    0,    0,    0x10};
  const std::string good = GoodToken();
  const std::size_t last = good.rfind('.');
  std::string signature = *crypto::Base64UrlDecode(std::string_view(good).substr(last + 1));
  unsigned carry = 0;
  for (std::size_t i = 0; i < kOrder.size(); ++i) {
    const unsigned sum = static_cast<unsigned char>(signature[32 + i]) + kOrder[i] + carry;
    signature[32 + i] = static_cast<char>(sum & 0xff);
    carry = sum >> 8;
  }

  CheckAllRefused({{"moved", good.substr(0, last + 1) + Base64UrlEncode(signature)}});
}

}  // namespace
}  // namespace clinicd::auth
