#include "services/appointments/plan_text.h"

#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/appointments/resource_store.h"

namespace clinicd::appointments {

std::string FormatAllocations(const std::vector<Allocation>& parts) {
  return absl::StrJoin(parts, ",", [](std::string* out, const Allocation& part) {
    absl::StrAppend(out, std::string(KindText(part.kind)), " ", part.resource.ToString(), " ",
                    part.offset_minutes, " ", part.duration_minutes);
  });
}

std::vector<Allocation> ParseAllocations(const std::string& text) {
  std::vector<Allocation> parts;
  for (const auto& part : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    const std::vector<std::string> fields = absl::StrSplit(part, ' ');
    if (fields.size() != 4) continue;
    Allocation allocation{.kind = ReadKind(fields[0]),
                          .resource = Uuid::Parse(fields[1]).value_or(Uuid())};
    (void)absl::SimpleAtoi(fields[2], &allocation.offset_minutes);
    (void)absl::SimpleAtoi(fields[3], &allocation.duration_minutes);
    parts.push_back(allocation);
  }
  return parts;
}

std::string DaysText(const std::vector<absl::CivilDay>& days) {
  return absl::StrJoin(std::set<absl::CivilDay>(days.begin(), days.end()), " ",
                       [](std::string* out, absl::CivilDay day) {
                         absl::StrAppend(out, absl::FormatCivilTime(day));
                       });
}

Wanted::Wanted(const Plan& plan, std::optional<PatientId> patient) : plan_(plan) {
  for (const Allocation& part : plan.allocations) {
    Add(KindText(part.kind), part.resource, part.offset_minutes, part.duration_minutes);
  }
  if (patient) Add("patient", patient->uuid(), 0, plan.slot.duration_minutes);
}

db::Params& Wanted::AddPartsTo(db::Params& params) const {
  return params.Set("part_kinds", kinds_)
      .Set("part_occupants", occupants_)
      .Set("part_offsets", offsets_)
      .Set("part_durations", durations_)
      .Set("duration_minutes", plan_.slot.duration_minutes)
      .Set("buffer_before_minutes", plan_.buffers.before_minutes)
      .Set("buffer_after_minutes", plan_.buffers.after_minutes);
}

void Wanted::Add(std::string_view kind, const Uuid& occupant, std::int32_t offset,
                 std::int32_t duration) {
  const std::string_view space = kinds_.empty() ? "" : " ";
  kinds_.append(space).append(kind);
  occupants_.append(space).append(occupant.ToString());
  offsets_.append(space).append(std::to_string(offset));
  durations_.append(space).append(std::to_string(duration));
}

}  // namespace clinicd::appointments
