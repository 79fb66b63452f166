// What a desk asks for by name, as the API takes it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "clinicd/appointments/v1/appointment_service.pb.h"
#include "clinicd/appointments/v1/resource_service.pb.h"
#include "clinicd/appointments/v1/schedule_service.grpc.pb.h"
#include "clinicd/sdk/session.h"

namespace clinicd::clinicctl {

// Ids, or what finds one only. What is empty is left open.
struct VisitWishes {
  std::string patient = {};
  // May be left open where there is a visit type: then whoever is free.
  std::string practitioner = {};
  // Says how long it takes and what it needs; else `minutes`.
  std::string visit_type = {};
  int minutes = 30;
  std::string chair = {};
  // What it is for.
  std::string reason = {};
  // "2026-11-23T09:30", on the clock of the clinic.
  std::string local_start = {};
};

// The appointment to book. A visit type gets everything it needs: what is free then, or, if
// somebody in particular is wanted who has no time, what the server is to refuse with what is free
// instead. Errors: those of finding what is named, and Conflict() where nobody is free.
absl::StatusOr<appointments::v1::Appointment> MakeVisit(sdk::Session& session,
                                                        const VisitWishes& wishes);

// Puts `chair` into the place of the one that the parts of a visit have, or adds it from start to
// end.
void PutChair(const appointments::v1::Resource& chair,
              google::protobuf::RepeatedPtrField<appointments::v1::Allocation>& parts);

// Calls `use` with the openings that a search finds, page by page, until it returns false.
absl::Status ForEachOpening(sdk::Session& session, appointments::v1::FindSlotsRequest request,
                            const std::function<bool(const appointments::v1::Opening&)>& use);

}  // namespace clinicd::clinicctl
