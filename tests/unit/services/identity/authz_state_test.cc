#include "services/identity/authz_state.h"

#include <catch2/catch.hpp>

#include "common/status/error.h"
#include "tests/support/fakes.h"

namespace clinicd::identity {
namespace {

using absl::Milliseconds;
using absl::Minutes;
using status::ErrorReason;

constexpr std::string_view kOne = "018f0000-0000-7000-8000-000000000001";
constexpr std::string_view kTwo = "018f0000-0000-7000-8000-000000000002";

auth::Identity Caller() {
  return {.clinic = *ClinicId::Parse(kOne),
          .user = *UserId::Parse(kOne),
          .session = *SessionId::Parse(kOne),
          .authz_epoch = 5};
}

AuthzChange EndOf(std::string_view clinic, std::string_view session) {
  AuthzChange change;
  change.clinic = *ClinicId::Parse(clinic);
  change.user = *UserId::Parse(kOne);
  change.session = *SessionId::Parse(session);
  return change;
}

AuthzChange LeastEpoch(std::string_view clinic, std::string_view user, std::int64_t epoch) {
  AuthzChange change;
  change.clinic = *ClinicId::Parse(clinic);
  change.user = *UserId::Parse(user);
  change.min_epoch = epoch;
  return change;
}

struct Node {
  testing::FakeClock clock{absl::FromUnixSeconds(1000)};
  AuthzState state{{.keep = Minutes(12), .age_max = absl::Seconds(1)}, clock};

  ErrorReason Check() const { return status::ReasonOf(state.Check(Caller())); }
};

TEST_CASE("A state that knows nothing admits nobody", "[identity][unit]") {
  const Node node;

  CHECK_FALSE(node.state.fresh());
  CHECK(node.Check() == ErrorReason::DATABASE_UNAVAILABLE);
}

TEST_CASE("A state admits until its knowledge is too old", "[identity][unit]") {
  Node node;
  node.state.Confirm(node.clock.Now());
  CHECK(node.state.Check(Caller()).ok());

  node.clock.Advance(Milliseconds(1000));
  CHECK(node.state.Check(Caller()).ok());
  CHECK(node.state.fresh());

  node.clock.Advance(Milliseconds(1));
  CHECK(node.Check() == ErrorReason::DATABASE_UNAVAILABLE);
  CHECK_FALSE(node.state.fresh());
}

TEST_CASE("A late confirmation of an earlier look does not make the state older",
          "[identity][unit]") {
  Node node;
  const absl::Time early = node.clock.Now();
  node.clock.Advance(Milliseconds(900));
  node.state.Confirm(node.clock.Now());
  node.state.Confirm(early);
  node.clock.Advance(Milliseconds(900));

  CHECK(node.state.Check(Caller()).ok());
}

TEST_CASE("A token of an ended session is refused, one of another session or clinic is not",
          "[identity][unit]") {
  Node node;
  node.state.Confirm(node.clock.Now());

  node.state.Add({EndOf(kOne, kTwo), EndOf(kTwo, kOne)});
  CHECK(node.state.Check(Caller()).ok());

  node.state.Add({EndOf(kOne, kOne)});
  CHECK(node.Check() == ErrorReason::SESSION_REVOKED);
}

TEST_CASE("A token needs the least epoch of its user", "[identity][unit]") {
  Node node;
  node.state.Confirm(node.clock.Now());

  node.state.Add({LeastEpoch(kTwo, kOne, 9), LeastEpoch(kOne, kTwo, 9)});
  CHECK(node.state.Check(Caller()).ok());
  node.state.Add({LeastEpoch(kOne, kOne, 5)});
  CHECK(node.state.Check(Caller()).ok());
  node.state.Add({LeastEpoch(kOne, kOne, 6)});
  CHECK(node.Check() == ErrorReason::SESSION_REVOKED);
  // An older change that is seen again takes nothing back.
  node.state.Add({LeastEpoch(kOne, kOne, 5)});
  CHECK(node.Check() == ErrorReason::SESSION_REVOKED);
}

TEST_CASE("A change is kept as long as tokens live and then forgotten", "[identity][unit]") {
  Node node;
  node.state.Add({EndOf(kOne, kOne), LeastEpoch(kOne, kOne, 6)});
  node.clock.Advance(Minutes(12) - Milliseconds(1));
  node.state.Add({});
  node.state.Confirm(node.clock.Now());
  CHECK(node.Check() == ErrorReason::SESSION_REVOKED);
  CHECK(node.state.size() == 2);

  node.clock.Advance(Minutes(1));
  node.state.Add({});
  CHECK(node.state.size() == 0);
}

}  // namespace
}  // namespace clinicd::identity
