#include "common/validate/patch.h"

#include <catch2/catch.hpp>

#include "clinicd/identity/v1/user_service.pb.h"
#include "clinicd/patients/v1/patient_service.pb.h"
#include "common/status/error.h"

namespace clinicd::validate {
namespace {

using patients::v1::Patient;

google::protobuf::FieldMask Mask(const std::vector<std::string>& paths) {
  google::protobuf::FieldMask mask;
  for (const std::string& path : paths) mask.add_paths(path);
  return mask;
}

Patient Stored() {
  Patient patient;
  patient.set_id("stored");
  patient.set_given_name("Ada");
  patient.set_phone("1");
  patient.mutable_birth_date()->set_year(1980);
  patient.mutable_birth_date()->set_month(2);
  return patient;
}

TEST_CASE("A patch takes the fields of the mask and no others", "[validate][unit]") {
  Patient changes;
  changes.set_id("changed");
  changes.set_given_name("Eva");
  changes.set_family_name("Abel");

  const auto patched =
      Patched(Stored(), changes, Mask({"given_name"}), {"given_name", "family_name"});

  REQUIRE(patched.ok());
  CHECK(patched->given_name() == "Eva");
  CHECK(patched->family_name().empty());
  CHECK(patched->id() == "stored");
}

TEST_CASE("A patch clears what the mask names and the changes leave unset", "[validate][unit]") {
  const auto patched =
      Patched(Stored(), Patient(), Mask({"phone", "birth_date"}), {"phone", "birth_date"});

  REQUIRE(patched.ok());
  CHECK(patched->phone().empty());
  CHECK_FALSE(patched->has_birth_date());
  CHECK(patched->given_name() == "Ada");
}

TEST_CASE("A patch replaces messages and lists as a whole", "[validate][unit]") {
  Patient changes;
  changes.mutable_birth_date()->set_year(1990);
  identity::v1::User user;
  user.add_roles(identity::v1::ROLE_OWNER);
  identity::v1::User other;
  other.add_roles(identity::v1::ROLE_HYGIENIST);

  const auto patient = Patched(Stored(), changes, Mask({"birth_date"}), {"birth_date"});
  const auto patched_user = Patched(user, other, Mask({"roles"}), {"roles"});

  REQUIRE(patient.ok());
  CHECK(patient->birth_date().year() == 1990);
  CHECK(patient->birth_date().month() == 0);
  REQUIRE(patched_user.ok());
  REQUIRE(patched_user->roles_size() == 1);
  CHECK(patched_user->roles(0) == identity::v1::ROLE_HYGIENIST);
}

TEST_CASE("A patch refuses a mask with a field that may not be changed", "[validate][unit]") {
  const auto path = GENERATE("id", "*", "", "birth_date.year", "nope");

  const auto patched = Patched(Stored(), Patient(), Mask({"phone", path}), {"phone", "birth_date"});

  CAPTURE(path);
  CHECK(patched.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(status::ReasonOf(patched.status()) == status::ErrorReason::VALIDATION_FAILED);
  google::rpc::BadRequest bad;
  REQUIRE(status::DetailsOf(patched.status()).details(1).UnpackTo(&bad));
  CHECK(bad.field_violations(0).field() == "update_mask");
}

}  // namespace
}  // namespace clinicd::validate
