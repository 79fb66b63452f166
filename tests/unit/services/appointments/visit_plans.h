// Visits, and who serves them, as tests write them.
#pragma once

#include <cstdint>
#include <utility>

#include "services/appointments/visit_plan.h"

namespace clinicd::testing {

inline constexpr auto kPractitioner = static_cast<appointments::ResourceKind>(0);
inline constexpr auto kChair = static_cast<appointments::ResourceKind>(1);
inline constexpr auto kAssistant = static_cast<appointments::ResourceKind>(2);

inline Uuid NumberedId(std::uint8_t number) {
  Uuid::Bytes bytes{};
  bytes.back() = number;
  return Uuid(bytes);
}

inline appointments::Candidate Serves(appointments::ResourceKind kind, std::uint8_t number,
                                      appointments::TimeSet working,
                                      appointments::TimeSet busy = {}) {
  return {.kind = kind,
          .id = NumberedId(number),
          .working = std::move(working),
          .busy = std::move(busy)};
}

// A visit that takes a practitioner for all of its time.
inline appointments::VisitPlan VisitOf(std::int32_t minutes) {
  return {.duration_minutes = minutes,
          .segments = {{.kind = kPractitioner, .duration_minutes = minutes}}};
}

// Ten minutes with an assistant, thirty with a practitioner, ten to clean the chair.
inline appointments::VisitPlan ThreePartVisit() {
  return {.duration_minutes = 50,
          .segments = {{.kind = kAssistant, .offset_minutes = 0, .duration_minutes = 10},
                       {.kind = kPractitioner, .offset_minutes = 10, .duration_minutes = 30},
                       {.kind = kChair, .offset_minutes = 0, .duration_minutes = 50}}};
}

}  // namespace clinicd::testing
