// Plans in the words of statements.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/base/uuid.h"
#include "db/access/params.h"
#include "services/appointments/appointment.h"

namespace clinicd::appointments {

// "chair <id> <offset> <duration>", with commas between the parts: as the statements that return
// appointments make it.
std::string FormatAllocations(const std::vector<Allocation>& parts);
std::vector<Allocation> ParseAllocations(const std::string& text);

// With spaces between; each day once.
std::string DaysText(const std::vector<absl::CivilDay>& days);

// All that a plan takes: four lists of the same length. Outlived by the plan.
class Wanted final {
 public:
  Wanted(const Plan& plan, std::optional<PatientId> patient);

  // What is taken, and when.
  db::Params& AddTo(db::Params& params) const {
    return AddPartsTo(params).Set("starts_at", plan_.slot.starts_at);
  }
  // The same for statements to which the starts are given otherwise.
  db::Params& AddPartsTo(db::Params& params) const;

 private:
  void Add(std::string_view kind, const Uuid& occupant, std::int32_t offset, std::int32_t duration);

  const Plan& plan_;
  std::string kinds_;
  std::string occupants_;
  std::string offsets_;
  std::string durations_;
};

}  // namespace clinicd::appointments
