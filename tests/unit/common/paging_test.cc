#include "common/auth/paging.h"

#include <catch2/catch.hpp>

#include "clinicd/patients/v1/patient_service.pb.h"
#include "common/status/error.h"
#include "tests/support/fakes.h"

namespace clinicd::auth {
namespace {

crypto::SealingKeys Keys() {
  std::vector<crypto::NumberedKey> keys;
  keys.push_back({1, crypto::SecretBytes(std::string(32, 'p'))});
  return *crypto::SealingKeys::Create(std::move(keys));
}

PageKey KeyOf(const std::string& row) { return {row, row + "-id"}; }

TEST_CASE("PageSize takes the standard for zero and the most for more", "[auth][unit]") {
  CHECK(PageSize(0, 50, 200) == 50);
  CHECK(PageSize(1, 50, 200) == 1);
  CHECK(PageSize(200, 50, 200) == 200);
  CHECK(PageSize(201, 50, 200) == 200);
}

TEST_CASE("A page that holds every row has no next one", "[auth][unit]") {
  testing::FakeRandom random(1);
  const crypto::SealingKeys keys = Keys();
  const PageTokenCodec codec(keys, random);
  const Pager pager(codec, ClinicId(), "m", patients::v1::ListPatientsRequest());
  std::vector<std::string> rows = {"a", "b"};

  const absl::StatusOr<std::string> token = pager.Cut(rows, 2, KeyOf);

  REQUIRE(token.ok());
  CHECK(token->empty());
  CHECK(rows == std::vector<std::string>{"a", "b"});
}

TEST_CASE("The next page starts after the last row of the page before", "[auth][unit]") {
  testing::FakeRandom random(1);
  const crypto::SealingKeys keys = Keys();
  const PageTokenCodec codec(keys, random);
  const Pager pager(codec, ClinicId(), "m", patients::v1::ListPatientsRequest());
  std::vector<std::string> rows = {"a", "b", "c"};

  const absl::StatusOr<std::string> token = pager.Cut(rows, 2, KeyOf);

  REQUIRE(token.ok());
  CHECK(rows == std::vector<std::string>{"a", "b"});
  CHECK(pager.Start(*token, 2).value() == PageKey{"b", "b-id"});
  CHECK(pager.Start("", 2).value().empty());
}

TEST_CASE("A token with a key of another length is refused", "[auth][unit]") {
  testing::FakeRandom random(1);
  const crypto::SealingKeys keys = Keys();
  const PageTokenCodec codec(keys, random);
  const Pager pager(codec, ClinicId(), "m", patients::v1::ListPatientsRequest());
  std::vector<std::string> rows = {"a", "b"};
  const std::string token = pager.Cut(rows, 1, KeyOf).value();

  CHECK(status::ReasonOf(pager.Start(token, 3).status()) ==
        status::ErrorReason::PAGE_TOKEN_INVALID);
}

}  // namespace
}  // namespace clinicd::auth
