// What clients who work in the diaries of one clinic share: its resources by number, so that what
// they did can be written down, and how visits are numbered.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "tests/support/diary_history.h"
#include "tests/support/test_server.h"

namespace clinicd::testing {

// The resources of a clinic in the order of their numbers. Practitioners first, then chairs, then
// patients.
struct DiaryScene {
  static constexpr int kPractitioners = 3;
  static constexpr int kChairs = 2;
  static constexpr int kPatients = 6;
  static constexpr int kFirstChair = kPractitioners;
  static constexpr int kFirstPatient = kPractitioners + kChairs;

  // By number.
  std::vector<std::string> ids;

  int count() const { return static_cast<int>(ids.size()); }
  const std::string& IdOf(int number) const { return ids.at(static_cast<std::size_t>(number)); }
  std::map<std::string, int> Numbers() const;
  // What is taken of the practitioner or chair: from `offset` to the end of the visit.
  appointments::v1::Allocation AllocationOf(int number, int offset = 0) const;
};

// Registers them, without the API.
DiaryScene AddDiaryScene(const TestDatabase& database, const TestClinic& clinic);

// The reason that a visit is booked for says its number.
std::string ReasonOfVisit(int visit);
std::optional<int> VisitOf(std::string_view reason);

// The start as the API has it: minutes after midnight.
std::string LocalStartOf(absl::CivilDay day, int minute);

// Whether a call had no answer, so that the same request is to be sent again.
bool HadNoAnswer(grpc::StatusCode code);

}  // namespace clinicd::testing
