#include "clients/clinicctl/visit_form.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/clinicctl/appointment_text.h"
#include "clients/clinicctl/find.h"
#include "clients/clinicctl/output.h"
#include "clients/clinicctl/text.h"
#include "common/base/try.h"

namespace clinicd::clinicctl {
namespace {

using appointments::v1::Allocation;
using appointments::v1::Appointment;
using appointments::v1::FindSlotsRequest;
using appointments::v1::FindSlotsResponse;
using appointments::v1::Opening;
using appointments::v1::Resource;
using appointments::v1::ResourceKind;
using appointments::v1::ScheduleService;
using appointments::v1::VisitType;
using Parts = google::protobuf::RepeatedPtrField<Allocation>;

constexpr int kPageSize = 100;
constexpr int kSkipMax = 10000;
// How far ahead the next free times are looked for where nobody is free, and how many are told.
constexpr int kDaysAhead = 13;
constexpr std::size_t kTold = 3;
// Clocks of a clinic's sites may differ by this at least, so that a grid of it has every start that
// one of a longer one has.
constexpr int kGridMinutes = 15;

// What was found of what is wanted.
struct Wanted {
  patients::v1::Patient patient;
  std::optional<identity::v1::Practitioner> practitioner;
  std::optional<VisitType> type;
  std::optional<Resource> chair;
};

absl::StatusOr<Wanted> FindWanted(sdk::Session& session, const VisitWishes& wishes) {
  Wanted wanted;
  CLINICD_ASSIGN_OR_RETURN(wanted.patient, FindPatient(session, wishes.patient));
  if (!wishes.practitioner.empty()) {
    CLINICD_ASSIGN_OR_RETURN(wanted.practitioner, FindPractitioner(session, wishes.practitioner));
  }
  if (!wishes.visit_type.empty()) {
    CLINICD_ASSIGN_OR_RETURN(wanted.type, FindVisitType(session, wishes.visit_type));
  }
  if (!wishes.chair.empty()) {
    CLINICD_ASSIGN_OR_RETURN(wanted.chair, FindChair(session, wishes.chair));
  }
  if (!wanted.practitioner && !wanted.type) {
    return absl::InvalidArgumentError("Name a practitioner or a visit type.");
  }
  return wanted;
}

// Searches from the day of `start` to some days later.
FindSlotsRequest SearchFor(const Wanted& wanted, absl::CivilMinute start, int days_ahead) {
  FindSlotsRequest request;
  request.set_visit_type_id(wanted.type->id());
  request.set_patient_id(wanted.patient.id());
  if (wanted.practitioner) request.add_practitioner_ids(wanted.practitioner->id());
  if (wanted.chair && wanted.chair->location_id().empty()) request.set_main_site(true);
  if (wanted.chair && !wanted.chair->location_id().empty()) {
    request.add_location_ids(wanted.chair->location_id());
  }
  const absl::CivilDay day(start);
  *request.mutable_first_date() = ToDate(day);
  *request.mutable_last_date() = ToDate(day + days_ahead);
  // A grid on which `start` is.
  request.set_grid_minutes(
      std::gcd(static_cast<int>(start - absl::CivilMinute(day)), kGridMinutes));
  return request;
}

// What is free at the wanted time.
absl::StatusOr<std::optional<Appointment>> FreeAt(sdk::Session& session, const Wanted& wanted,
                                                  const VisitWishes& wishes,
                                                  absl::CivilMinute start) {
  std::optional<Appointment> found;
  CLINICD_RETURN_IF_ERROR(
      ForEachOpening(session, SearchFor(wanted, start, 0), [&](const Opening& opening) {
        // Local times of one clock are in the order of their texts.
        const std::string& at = opening.appointment().local_start();
        if (at == wishes.local_start) found = opening.appointment();
        return at < wishes.local_start;
      }));
  return found;
}

absl::Status NobodyFree(sdk::Session& session, const Wanted& wanted, const VisitWishes& wishes,
                        absl::CivilMinute start) {
  std::vector<std::string> next;
  CLINICD_RETURN_IF_ERROR(
      ForEachOpening(session, SearchFor(wanted, start, kDaysAhead), [&](const Opening& opening) {
        const std::string& at = opening.appointment().local_start();
        const std::string text = LocalText(at);
        // Two sites may be free at once.
        const bool told = !next.empty() && next.back() == text;
        if (at > wishes.local_start && !told) next.push_back(text);
        return next.size() < kTold;
      }));
  return Conflict(
      absl::StrCat("Nobody is free for '", wanted.type->name(), "' then",
                   next.empty() ? absl::StrCat(", nor in the next ", kDaysAhead, " days.")
                                : absl::StrCat("; free next: ", absl::StrJoin(next, ", "), ".")));
}

bool Overlap(const Allocation& a, const Allocation& b) {
  return a.offset_minutes() < b.offset_minutes() + b.duration_minutes() &&
         b.offset_minutes() < a.offset_minutes() + a.duration_minutes();
}

// Somebody or something of `choices` for each segment, whether free or not.
absl::StatusOr<Appointment> ForcedPlan(sdk::Session& session, const Wanted& wanted) {
  std::map<ResourceKind, std::vector<std::string>> choices;
  choices[appointments::v1::RESOURCE_KIND_PRACTITIONER] = {wanted.practitioner->id()};
  if (wanted.chair) choices[appointments::v1::RESOURCE_KIND_CHAIR] = {wanted.chair->id()};
  CLINICD_ASSIGN_OR_RETURN(const std::vector<Resource> resources,
                           ListResources(session, appointments::v1::RESOURCE_KIND_UNSPECIFIED));
  for (const Resource& resource : resources) {
    std::vector<std::string>& of_kind = choices[resource.kind()];
    if (std::ranges::find(of_kind, resource.id()) == of_kind.end())
      of_kind.push_back(resource.id());
  }
  Appointment plan;
  for (const auto& segment : wanted.type->segments()) {
    Allocation part;
    part.set_kind(segment.resource_kind());
    part.set_offset_minutes(segment.offset_minutes());
    part.set_duration_minutes(segment.duration_minutes());
    const std::vector<std::string>& of_kind = choices[segment.resource_kind()];
    const auto unused = std::ranges::find_if(of_kind, [&](const std::string& id) {
      return std::ranges::none_of(plan.allocations(), [&](const Allocation& other) {
        return other.resource_id() == id && Overlap(part, other);
      });
    });
    if (unused == of_kind.end()) {
      return Conflict(
          absl::StrCat("The clinic has not everything that '", wanted.type->name(), "' needs."));
    }
    part.set_resource_id(*unused);
    *plan.add_allocations() = part;
  }
  plan.set_practitioner_id(wanted.practitioner->id());
  plan.set_duration_minutes(wanted.type->duration_minutes());
  plan.set_buffer_before_minutes(wanted.type->buffer_before_minutes());
  plan.set_buffer_after_minutes(wanted.type->buffer_after_minutes());
  return plan;
}

absl::StatusOr<Appointment> VisitOfType(sdk::Session& session, const Wanted& wanted,
                                        const VisitWishes& wishes) {
  absl::CivilMinute start;
  if (!absl::ParseCivilTime(wishes.local_start, &start)) {
    return absl::InvalidArgumentError("The start is no time.");
  }
  CLINICD_ASSIGN_OR_RETURN(std::optional<Appointment> free, FreeAt(session, wanted, wishes, start));
  if (!free && !wanted.practitioner) return NobodyFree(session, wanted, wishes, start);
  if (!free) {
    // The server says why it cannot be, and what is free instead; or that it can be, because it has
    // been already.
    CLINICD_ASSIGN_OR_RETURN(free, ForcedPlan(session, wanted));
  }
  if (wanted.chair) PutChair(*wanted.chair, *free->mutable_allocations());
  return *std::move(free);
}

Appointment PlainVisit(const Wanted& wanted, const VisitWishes& wishes) {
  Appointment visit;
  visit.set_practitioner_id(wanted.practitioner->id());
  visit.set_duration_minutes(wishes.minutes);
  if (wanted.chair) {
    Allocation& part = *visit.add_allocations();
    part.set_kind(appointments::v1::RESOURCE_KIND_PRACTITIONER);
    part.set_resource_id(wanted.practitioner->id());
    PutChair(*wanted.chair, *visit.mutable_allocations());
  }
  return visit;
}

}  // namespace

absl::StatusOr<Appointment> MakeVisit(sdk::Session& session, const VisitWishes& wishes) {
  CLINICD_ASSIGN_OR_RETURN(const Wanted wanted, FindWanted(session, wishes));
  Appointment visit;
  if (wanted.type) {
    CLINICD_ASSIGN_OR_RETURN(visit, VisitOfType(session, wanted, wishes));
  } else {
    visit = PlainVisit(wanted, wishes);
  }
  visit.set_patient_id(wanted.patient.id());
  if (wanted.type) visit.set_visit_type_id(wanted.type->id());
  visit.set_local_start(wishes.local_start);
  visit.set_reason(wishes.reason);
  return visit;
}

void PutChair(const Resource& chair, Parts& parts) {
  std::string before;
  for (Allocation& part : parts) {
    if (part.kind() != appointments::v1::RESOURCE_KIND_CHAIR) continue;
    if (before.empty()) before = part.resource_id();
    if (part.resource_id() == before) part.set_resource_id(chair.id());
  }
  if (!before.empty()) return;
  Allocation& part = *parts.Add();
  part.set_kind(appointments::v1::RESOURCE_KIND_CHAIR);
  part.set_resource_id(chair.id());
}

absl::Status ForEachOpening(sdk::Session& session, FindSlotsRequest request,
                            const std::function<bool(const Opening&)>& use) {
  const auto stub = ScheduleService::NewStub(session.channel());
  for (request.set_limit(kPageSize); request.skip() <= kSkipMax;
       request.set_skip(request.skip() + kPageSize)) {
    CLINICD_ASSIGN_OR_RETURN(const FindSlotsResponse found,
                             session.Call(*stub, &ScheduleService::Stub::FindSlots, request));
    for (const Opening& opening : found.openings()) {
      if (!use(opening)) return absl::OkStatus();
    }
    if (found.openings_size() < kPageSize) break;
  }
  return absl::OkStatus();
}

}  // namespace clinicd::clinicctl
