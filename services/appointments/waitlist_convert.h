// The waiting list between the area and its API. Total functions without decisions.
#pragma once

#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "clinicd/appointments/v1/waitlist_service.pb.h"
#include "services/appointments/waitlist.h"
#include "services/appointments/waitlist_matching.h"

namespace clinicd::appointments {

v1::WaitlistEntry::Urgency ToProto(Urgency urgency);
// What is unspecified is routine.
Urgency FromProto(v1::WaitlistEntry::Urgency urgency);
v1::WaitlistEntry::State ToProto(EntryState state);
// What is unspecified waits.
EntryState FromProto(v1::WaitlistEntry::State state);
v1::WaitlistOffer::State ToProto(OfferState state);

// As it stands on that day at the clinic.
v1::WaitlistEntry ToProto(const WaitlistEntry& entry, absl::CivilDay today);
// As it stands at that time.
v1::WaitlistOffer ToProto(const WaitlistOffer& offer, absl::Time now);
v1::WaitlistMatch ToProto(const WaitlistMatch& match, absl::Time now, absl::TimeZone zone);

}  // namespace clinicd::appointments
