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

  CHECK(id_at(start - absl::Seconds(59)) >= range.first);
  CHECK(id_at(end + absl::Seconds(59)) < range.last);
  CHECK(id_at(start - absl::Seconds(61)) < range.first);
  CHECK(id_at(end + absl::Seconds(61)) >= range.last);
}

TEST_CASE("A filter takes thing, category, action and outcome", "[audit][unit]") {
  v1::ListEventsRequest request;
  request.set_entity_id(kId);
  request.set_category(v1::Event::CATEGORY_SIGN_IN);
  request.set_action(v1::Event::ACTION_DELETE);
  request.set_outcome(v1::EVENT_OUTCOME_REFUSED);

  const EventFilter filter = ParseFilter(request).value();

  CHECK(filter.entity_id == Uuid::Parse(kId));
  CHECK(filter.category == "sign_in");
  CHECK(filter.action == "delete");
  CHECK(filter.succeeded == false);
  request.set_outcome(v1::EVENT_OUTCOME_OK);
  CHECK(ParseFilter(request)->succeeded == true);
  CHECK_FALSE(ParseFilter(v1::ListEventsRequest())->succeeded);
}

TEST_CASE("Every category and action of the API has a word of the table", "[audit][unit]") {
  for (int i = v1::Event::Category_MIN; i <= v1::Event::Category_MAX; ++i) {
    const auto category = static_cast<v1::Event::Category>(i);
    CHECK(CategoryOf(CategoryText(category)) == category);
  }
  for (int i = v1::Event::Action_MIN; i <= v1::Event::Action_MAX; ++i) {
    const auto action = static_cast<v1::Event::Action>(i);
    CHECK(ActionOf(ActionText(action)) == action);
  }
  CHECK(CategoryOf("of another time") == v1::Event::CATEGORY_UNSPECIFIED);
  CHECK(ActionText(v1::Event::ACTION_UNSPECIFIED).empty());
}

TEST_CASE("A report is of the year until now, unless its period is given", "[audit][unit]") {
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  v1::GetPatientAccessReportRequest request;

  const auto year = ParsePeriod(request, now).value();
  CHECK(year.end == now);
  CHECK(year.start == now - absl::Hours(24 * 365));
  request.mutable_start_time()->set_seconds(1'800'000'000);
  CHECK(FieldsOf(ParsePeriod(request, now).status()) == std::vector<std::string>{"start_time"});
  request.mutable_end_time()->set_seconds(1'800'000'001);
  CHECK(ParsePeriod(request, now)->end == now + absl::Seconds(1));
}

TEST_CASE("The ids around all of time hold every id", "[audit][unit]") {
  const IdRange range = IdsAround(absl::InfinitePast(), absl::InfiniteFuture());

  CHECK(range.first < FirstUuidAt(absl::FromUnixSeconds(1)));
  CHECK(range.last > FirstUuidAt(absl::FromUnixSeconds(7'999'999'999)));
}

TEST_CASE("An event shows before and after as structures", "[audit][unit]") {
  Event event;
  event.category = "permission";
  event.action = "update";
  event.changed_fields = "birth_date,family_name";
  event.actor_roles = "ROLE_OWNER,ROLE_RECEPTIONIST";

  const v1::Event proto =
      ToProto(event, {.before_json = R"({"family_name": "Li", "birth_date": {"year": 1985}})"});

  CHECK(proto.category() == v1::Event::CATEGORY_PERMISSION);
  CHECK(proto.action() == v1::Event::ACTION_UPDATE);
  REQUIRE(proto.changed_fields_size() == 2);
  CHECK(proto.changed_fields(0) == "birth_date");
  CHECK_FALSE(proto.erased());
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
