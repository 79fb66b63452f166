#include "tests/support/diary_scene.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/appointments/appointment_convert.h"

namespace clinicd::testing {
namespace {

constexpr std::string_view kReasonPrefix = "visit ";

}  // namespace

std::map<std::string, int> DiaryScene::Numbers() const {
  std::map<std::string, int> numbers;
  for (const std::string& id : ids) numbers.emplace(id, static_cast<int>(numbers.size()));
  return numbers;
}

appointments::v1::Allocation DiaryScene::AllocationOf(int number, int offset) const {
  appointments::v1::Allocation part;
  part.set_kind(number < kFirstChair ? appointments::v1::RESOURCE_KIND_PRACTITIONER
                                     : appointments::v1::RESOURCE_KIND_CHAIR);
  part.set_resource_id(IdOf(number));
  part.set_offset_minutes(offset);
  return part;
}

DiaryScene AddDiaryScene(const TestDatabase& database, const TestClinic& clinic) {
  db::AdminConnection connection = database.Connect();
  DiaryScene scene;
  const auto add = [&](const std::string& sql, int count) {
    const auto rows = connection.Query(sql, {clinic.id.ToString(), absl::StrCat(count)});
    if (!rows.ok()) {
      std::fprintf(stderr, "scene: %s\n", rows.status().ToString().c_str());
      std::abort();
    }
    for (const auto& row : *rows) scene.ids.push_back(row[0].value());
  };
  add("INSERT INTO clinicd.practitioners (clinic_id, id, given_name, family_name) SELECT "
      "$1::uuid, gen_random_uuid(), 'Pau', 'Vidal' FROM generate_series(1, $2::integer) "
      "RETURNING id::text",
      DiaryScene::kPractitioners);
  add("INSERT INTO clinicd.resources (clinic_id, id, kind, name) SELECT $1::uuid, "
      "gen_random_uuid(), 'chair', 'C' || n FROM generate_series(1, $2::integer) AS n "
      "RETURNING id::text",
      DiaryScene::kChairs);
  add("INSERT INTO clinicd.patients (clinic_id, id, given_name, family_name, born_on) SELECT "
      "$1::uuid, gen_random_uuid(), 'Ana', 'Li', '1985-03-02' FROM generate_series(1, "
      "$2::integer) RETURNING id::text",
      DiaryScene::kPatients);
  return scene;
}

std::string ReasonOfVisit(int visit) { return std::string(kReasonPrefix) + std::to_string(visit); }

std::optional<int> VisitOf(std::string_view reason) {
  int visit = 0;
  reason.remove_prefix(std::min(reason.size(), kReasonPrefix.size()));
  if (!absl::SimpleAtoi(std::string(reason), &visit)) return std::nullopt;
  return visit;
}

std::string LocalStartOf(absl::CivilDay day, int minute) {
  return appointments::FormatLocal(absl::CivilMinute(day) + minute);
}

bool HadNoAnswer(grpc::StatusCode code) {
  return code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::DEADLINE_EXCEEDED ||
         code == grpc::StatusCode::CANCELLED;
}

}  // namespace clinicd::testing
