#include "services/appointments/visit_type_rules.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/status/error.h"
#include "services/appointments/visit_type_convert.h"
#include "tests/unit/services/details.h"

namespace clinicd::appointments {
namespace {

using status::ErrorReason;
using status::ReasonOf;
using testing::FieldsOf;

using Fields = std::vector<std::string>;

constexpr Segment kTreatment{ResourceKind::kPractitioner, 10, 30};
constexpr Segment kChair{ResourceKind::kChair, 0, 50};
constexpr Segment kPreparation{ResourceKind::kAssistant, 0, 10};

TEST_CASE("A visit lasts until its last segment ends, wherever that stands in the list",
          "[appointments][unit]") {
  CHECK(DurationMinutes({kTreatment}) == 40);
  CHECK(DurationMinutes({kChair, kTreatment, kPreparation}) == 50);
  CHECK(DurationMinutes({kPreparation, kTreatment, kChair}) == 50);
  CHECK(DurationMinutes({}) == 0);
}

TEST_CASE("A visit needs a practitioner", "[appointments][unit]") {
  CHECK(CheckVisitType({.segments = {kChair, kTreatment}}).ok());

  const absl::Status refused = CheckVisitType({.segments = {kChair, kPreparation}});

  CHECK(ReasonOf(refused) == ErrorReason::VALIDATION_FAILED);
  CHECK(FieldsOf(refused) == Fields{"visit_type.segments"});
  CHECK(FieldsOf(CheckVisitType({})) == Fields{"visit_type.segments"});
}

TEST_CASE("No segment ends later than a day after the start of the visit", "[appointments][unit]") {
  const auto [offset, duration, accepted] = GENERATE(table<std::int32_t, std::int32_t, bool>({
      {0, 1440, true},
      {1, 1439, true},
      {1439, 1, true},
      {1, 1440, false},
      {1439, 2, false},
  }));
  CAPTURE(offset, duration);

  const absl::Status checked =
      CheckVisitType({.segments = {kTreatment, {ResourceKind::kRoom, offset, duration}}});

  CHECK(FieldsOf(checked) ==
        (accepted ? Fields{} : Fields{"visit_type.segments[1].duration_minutes"}));
}

TEST_CASE("There is time between the earliest and the latest moment to book",
          "[appointments][unit]") {
  const auto [notice_minutes, window_days, accepted] =
      GENERATE(table<std::int32_t, std::int32_t, bool>({
          {0, 1, true},
          {1439, 1, true},
          {1440, 1, false},
          {2880, 1, false},
          // Without limit.
          {525600, 0, true},
          {525600, 365, false},
          {525600, 366, true},
      }));
  CAPTURE(notice_minutes, window_days);

  const absl::Status checked = CheckVisitType({.segments = {kTreatment},
                                               .min_notice_minutes = notice_minutes,
                                               .booking_window_days = window_days});

  CHECK(FieldsOf(checked) ==
        (accepted ? Fields{}
                  : Fields{"visit_type.min_notice_minutes", "visit_type.booking_window_days"}));
}

TEST_CASE("Every field of a visit type that is wrong is named", "[appointments][unit]") {
  const absl::Status checked = CheckVisitType({.segments = {{ResourceKind::kChair, 1000, 1000},
                                                            kPreparation,
                                                            {ResourceKind::kDevice, 1, 1440}},
                                               .min_notice_minutes = 1440,
                                               .booking_window_days = 1});

  CHECK(FieldsOf(checked) ==
        Fields{"visit_type.segments", "visit_type.segments[0].duration_minutes",
               "visit_type.segments[2].duration_minutes", "visit_type.min_notice_minutes",
               "visit_type.booking_window_days"});
}

TEST_CASE("A visit type stays what it is between the API and the server", "[appointments][unit]") {
  v1::VisitType proto;
  proto.set_name("Filling");
  proto.set_description("One tooth.");
  proto.set_color("#2f80ed");
  for (const int kind : {v1::RESOURCE_KIND_ASSISTANT, v1::RESOURCE_KIND_PRACTITIONER}) {
    v1::VisitTypeSegment& segment = *proto.add_segments();
    segment.set_resource_kind(static_cast<v1::ResourceKind>(kind));
    segment.set_offset_minutes(kind);
    segment.set_duration_minutes(10 * kind);
  }
  proto.set_buffer_before_minutes(1);
  proto.set_buffer_after_minutes(2);
  proto.set_online_bookable(true);
  proto.set_min_notice_minutes(3);
  proto.set_booking_window_days(4);
  proto.set_cancel_cutoff_minutes(5);
  proto.set_active(true);
  proto.set_external_id("old:1");

  v1::VisitType converted = ToProto(FromProto(proto));

  CHECK(converted.duration_minutes() == 33);
  // What only the server says.
  converted.clear_id();
  converted.clear_duration_minutes();
  converted.clear_create_time();
  converted.clear_etag();
  CHECK(converted.SerializeAsString() == proto.SerializeAsString());
}

}  // namespace
}  // namespace clinicd::appointments
