#include "services/identity/user_rules.h"

#include <catch2/catch.hpp>
#include <string>

#include "common/status/error.h"
#include "services/identity/builtin_roles.h"

namespace clinicd::identity {
namespace {

using status::ErrorReason;

v1::User GoodForm() {
  v1::User form;
  form.set_email(" Ana@Clinic.example");
  form.set_given_name("Ana");
  form.set_family_name("Garc\xC3\xAD\x61");
  form.add_roles(v1::ROLE_RECEPTIONIST);
  form.add_roles(v1::ROLE_OWNER);
  return form;
}

TEST_CASE("A new user has the address as it was typed and a folded key", "[identity][unit]") {
  const auto user = ParseNewUser(GoodForm());

  REQUIRE(user.ok());
  CHECK(user->email == "Ana@Clinic.example");
  CHECK(user->email_key == "ana@clinic.example");
  CHECK(user->roles == (RoleBit(v1::ROLE_OWNER) | RoleBit(v1::ROLE_RECEPTIONIST)));
}

TEST_CASE("A new user needs an address and a role", "[identity][unit]") {
  v1::User form = GoodForm();
  SECTION("no address") { form.clear_email(); }
  SECTION("an address of spaces") { form.set_email("  "); }
  SECTION("no role") { form.clear_roles(); }
  // Folding makes two letters of one.
  SECTION("a key that is too long") {
    std::string local;
    for (int i = 0; i < 124; ++i) local += "\xC3\x9F";
    form.set_email(local + "@x.test");
  }

  CHECK(status::ReasonOf(ParseNewUser(form).status()) == ErrorReason::VALIDATION_FAILED);
}

TEST_CASE("An address whose key has the greatest length is accepted", "[identity][unit]") {
  v1::User form = GoodForm();
  form.set_email(std::string(247, 'a') + "@x.test");
  CHECK(ParseNewUser(form).ok());

  form.set_email(std::string(248, 'a') + "@x.test");
  CHECK_FALSE(ParseNewUser(form).ok());
}

TEST_CASE("A clinic keeps an enabled owner", "[identity][unit]") {
  const auth::RoleSet owner = RoleBit(v1::ROLE_OWNER);
  const auth::RoleSet desk = RoleBit(v1::ROLE_RECEPTIONIST);
  struct Case {
    auth::RoleSet roles_before, roles_after;
    bool active_before, active_after, other_owner, allowed;
  };
  const Case c = GENERATE_COPY(values<Case>({
      {owner, desk, true, true, false, false},
      {owner, owner, true, false, false, false},
      {owner, desk, true, true, true, true},
      {owner, owner, true, false, true, true},
      {owner, owner | desk, true, true, false, true},
      {desk, owner, true, true, false, true},
      {desk, desk, true, false, false, true},
      // A disabled owner is none.
      {owner, desk, false, false, false, true},
      {owner, owner, false, true, false, true},
  }));
  UserForChange before;
  before.user.roles = c.roles_before;
  before.user.active = c.active_before;
  before.has_other_owner = c.other_owner;
  User after = before.user;
  after.roles = c.roles_after;
  after.active = c.active_after;

  const absl::Status status = CheckKeepsOwner(before, after);

  CAPTURE(c.roles_before, c.roles_after, c.active_before, c.active_after, c.other_owner);
  CHECK(status.ok() == c.allowed);
  if (!c.allowed) CHECK(status::ReasonOf(status) == ErrorReason::LAST_OWNER);
}

}  // namespace
}  // namespace clinicd::identity
