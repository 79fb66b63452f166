#include "services/audit/event_rules.h"

#include <catch2/catch.hpp>

#include "common/base/ids.h"
#include "common/status/error.h"
#include "services/audit/event_convert.h"
#include "tests/support/fakes.h"
#include "tests/unit/services/details.h"

namespace clinicd::audit {
namespace {

using testing::FieldsOf;

constexpr char kId[] = "018f0000-0000-7000-8000-000000000001";

v1::ListEventsRequest Period(std::int64_t start_seconds, std::int64_t end_seconds) {
  v1::ListEventsRequest request;
  request.mutable_start_time()->set_seconds(start_seconds);
  request.mutable_end_time()->set_seconds(end_seconds);
  return request;
}

TEST_CASE("A filter that is left out admits everything", "[audit][unit]") {
  const EventFilter filter = ParseFilter(v1::ListEventsRequest()).value();

  CHECK_FALSE(filter.patient);
  CHECK_FALSE(filter.actor);
  CHECK(filter.start == absl::InfinitePast());
  CHECK(filter.end == absl::InfiniteFuture());
}

TEST_CASE("A filter takes patient, actor and period", "[audit][unit]") {
  v1::ListEventsRequest request = Period(10, 11);
  request.set_patient_id(kId);
  request.set_actor_user_id(kId);

  const EventFilter filter = ParseFilter(request).value();

  CHECK(filter.patient == PatientId::Parse(kId));
  CHECK(filter.actor == UserId::Parse(kId));
  CHECK(filter.start == absl::FromUnixSeconds(10));
  CHECK(filter.end == absl::FromUnixSeconds(11));
}

TEST_CASE("A period has two instants and ends after its start", "[audit][unit]") {
  constexpr std::int64_t kTooLate = 253'402'300'800;
  CHECK(FieldsOf(ParseFilter(Period(10, 10)).status()) == std::vector<std::string>{"end_time"});
  CHECK(FieldsOf(ParseFilter(Period(11, 10)).status()) == std::vector<std::string>{"end_time"});
  CHECK(FieldsOf(ParseFilter(Period(kTooLate, kTooLate)).status()) ==
        std::vector<std::string>{"start_time", "end_time"});
  CHECK(status::ReasonOf(ParseFilter(Period(11, 10)).status()) ==
        status::ErrorReason::VALIDATION_FAILED);
}

TEST_CASE("The ids around a period hold every id made in it", "[audit][unit]") {
  const absl::Time start = absl::FromUnixSeconds(1'700'000'000);
  const absl::Time end = start + absl::Hours(1);
  const IdRange range = IdsAround(start, end);
  testing::FakeRandom random(1);
  const auto id_at = [&](absl::Time time) {
    const testing::FakeClock clock(time);
    return IdSource(clock, random).NewUuid();
  };

  CHECK(id_at(start - absl::Microseconds(50)) >= range.first);
  CHECK(id_at(end + absl::Microseconds(50)) < range.last);
  CHECK(id_at(start - absl::Seconds(2)) < range.first);
  CHECK(id_at(end + absl::Seconds(2)) >= range.last);
}

TEST_CASE("The ids around all of time hold every id", "[audit][unit]") {
  const IdRange range = IdsAround(absl::InfinitePast(), absl::InfiniteFuture());

  CHECK(range.first < FirstUuidAt(absl::FromUnixSeconds(1)));
  CHECK(range.last > FirstUuidAt(absl::FromUnixSeconds(7'999'999'999)));
}

TEST_CASE("An event shows before and after as structures", "[audit][unit]") {
  Event event;
  event.action = Action::kChange;
  event.actor_roles = "ROLE_OWNER,ROLE_RECEPTIONIST";
  event.before_json = R"({"family_name": "Li", "birth_date": {"year": 1985}})";

  const v1::Event proto = ToProto(event);

  CHECK(proto.action() == v1::Event::ACTION_CHANGE);
  REQUIRE(proto.actor_roles_size() == 2);
  CHECK(proto.actor_roles(1) == "ROLE_RECEPTIONIST");
  CHECK(proto.before().fields().at("family_name").string_value() == "Li");
  CHECK(
      proto.before().fields().at("birth_date").struct_value().fields().at("year").number_value() ==
      1985);
  CHECK_FALSE(proto.has_after());
}

TEST_CASE("An event without actor, patient or entity leaves them empty", "[audit][unit]") {
  const v1::Event proto = ToProto(Event());

  CHECK(proto.actor_user_id().empty());
  CHECK(proto.actor_roles_size() == 0);
  CHECK(proto.session_id().empty());
  CHECK(proto.patient_id().empty());
  CHECK(proto.entity_id().empty());
}

}  // namespace
}  // namespace clinicd::audit
