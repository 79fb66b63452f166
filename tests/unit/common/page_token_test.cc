#include "common/auth/page_token.h"

#include <catch2/catch.hpp>

#include "clinicd/patients/v1/patient_service.pb.h"
#include "common/crypto/base64url.h"
#include "common/status/error.h"
#include "tests/support/fakes.h"

namespace clinicd::auth {
namespace {

constexpr std::string_view kMethod = "clinicd.patients.v1.PatientService.ListPatients";

crypto::SealingKeys Keys(std::uint32_t number) {
  std::vector<crypto::NumberedKey> keys;
  keys.push_back({number, crypto::SecretBytes(std::string(32, 'p'))});
  return *crypto::SealingKeys::Create(std::move(keys));
}

ClinicId Clinic(char last) {
  return *ClinicId::Parse(std::string("018f0000-0000-7000-8000-00000000000") + last);
}

type::v1::PageCursor Cursor() {
  type::v1::PageCursor cursor;
  cursor.add_last_key("Zebrowska");
  cursor.add_last_key("018f0000-0000-7000-8000-0000000000ff");
  return cursor;
}

void CheckRefused(const absl::StatusOr<type::v1::PageCursor>& cursor) {
  CHECK(absl::IsInvalidArgument(cursor.status()));
  CHECK(status::ReasonOf(cursor.status()) == status::ErrorReason::PAGE_TOKEN_INVALID);
}

TEST_CASE("A page token gives its cursor back to the same list", "[auth][unit]") {
  testing::FakeRandom random(1);
  const crypto::SealingKeys keys = Keys(1);
  const PageTokenCodec codec(keys, random);
  patients::v1::ListPatientsRequest request;
  request.set_page_size(10);
  const std::string token = *codec.Encode(Cursor(), PageBinding(Clinic('1'), kMethod, request));
  request.set_page_size(50);
  request.set_page_token(token);

  const auto cursor = codec.Decode(token, PageBinding(Clinic('1'), kMethod, request));

  REQUIRE(cursor.ok());
  CHECK(cursor->SerializeAsString() == Cursor().SerializeAsString());
}

TEST_CASE("A page token shows nothing of its cursor", "[auth][unit]") {
  testing::FakeRandom random(1);
  const crypto::SealingKeys keys = Keys(1);
  const PageTokenCodec codec(keys, random);
  const PageBinding binding(Clinic('1'), kMethod, patients::v1::ListPatientsRequest());

  const std::string token = *codec.Encode(Cursor(), binding);
  const std::string again = *codec.Encode(Cursor(), binding);

  CHECK(crypto::Base64UrlDecode(token)->find("Zebrowska") == std::string::npos);
  // Equal cursors cannot be told from different ones.
  CHECK(token != again);
}

TEST_CASE("A page token is refused for another clinic, method or filter", "[auth][unit]") {
  testing::FakeRandom random(1);
  const crypto::SealingKeys keys = Keys(1);
  const PageTokenCodec codec(keys, random);
  const patients::v1::ListPatientsRequest list;
  patients::v1::SearchPatientsRequest search;
  search.set_query("ann");
  patients::v1::SearchPatientsRequest other_search;
  other_search.set_query("anne");
  const std::string token = *codec.Encode(Cursor(), PageBinding(Clinic('1'), kMethod, list));
  const std::string found = *codec.Encode(Cursor(), PageBinding(Clinic('1'), "m", search));

  CheckRefused(codec.Decode(token, PageBinding(Clinic('2'), kMethod, list)));
  CheckRefused(codec.Decode(token, PageBinding(ClinicId(), kMethod, list)));
  CheckRefused(codec.Decode(token, PageBinding(Clinic('1'), "m", list)));
  CheckRefused(codec.Decode(found, PageBinding(Clinic('1'), "m", other_search)));
  CHECK(codec.Decode(found, PageBinding(Clinic('1'), "m", search)).ok());
}

TEST_CASE("A page token that was changed, cut or made up is refused", "[auth][unit]") {
  testing::FakeRandom random(1);
  const crypto::SealingKeys keys = Keys(1);
  const crypto::SealingKeys other_keys = Keys(2);
  const PageTokenCodec codec(keys, random);
  const PageBinding binding(Clinic('1'), kMethod, patients::v1::ListPatientsRequest());
  const std::string token = *codec.Encode(Cursor(), binding);

  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CheckRefused(codec.Decode(changed, binding));
    CheckRefused(codec.Decode(token.substr(0, i), binding));
  }
  CheckRefused(codec.Decode(token + "=", binding));
  CheckRefused(codec.Decode(token + token, binding));
  CheckRefused(codec.Decode(" " + token, binding));
  CheckRefused(codec.Decode(std::string(1'000'000, 'A'), binding));
  CheckRefused(codec.Decode(crypto::Base64UrlEncode(Cursor().SerializeAsString()), binding));
  CheckRefused(PageTokenCodec(other_keys, random).Decode(token, binding));
}

TEST_CASE("A cursor too long for a token is a defect, not a broken token", "[auth][unit]") {
  testing::FakeRandom random(1);
  const crypto::SealingKeys keys = Keys(1);
  const PageBinding binding(Clinic('1'), kMethod, patients::v1::ListPatientsRequest());
  type::v1::PageCursor cursor;
  cursor.add_last_key(std::string(2000, 'x'));

  const auto token = PageTokenCodec(keys, random).Encode(cursor, binding);

  CHECK(status::ReasonOf(token.status()) == status::ErrorReason::INTERNAL_DEFECT);
}

}  // namespace
}  // namespace clinicd::auth
