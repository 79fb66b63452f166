#include "services/appointments/waitlist_convert.h"

#include "common/rpc/civil.h"
#include "common/rpc/etag.h"
#include "services/appointments/appointment_convert.h"
#include "services/appointments/schedule_convert.h"
#include "services/appointments/waitlist_rules.h"

namespace clinicd::appointments {
namespace {

constexpr std::size_t kWeekdays = 7;

v1::PreferredWindow ToProto(const ComingWindow& window) {
  v1::PreferredWindow proto;
  // All of them are said by none.
  if (window.weekdays.size() < kWeekdays) {
    proto.mutable_weekdays()->Add(window.weekdays.begin(), window.weekdays.end());
  }
  proto.set_local_from(FormatClock(window.span.from_minute));
  proto.set_local_to(FormatClock(window.span.to_minute));
  return proto;
}

}  // namespace

v1::WaitlistEntry::Urgency ToProto(Urgency urgency) {
  switch (urgency) {
    case Urgency::kUrgent:
      return v1::WaitlistEntry::URGENCY_URGENT;
    case Urgency::kSoon:
      return v1::WaitlistEntry::URGENCY_SOON;
    case Urgency::kRoutine:
      return v1::WaitlistEntry::URGENCY_ROUTINE;
  }
  return v1::WaitlistEntry::URGENCY_UNSPECIFIED;
}

Urgency FromProto(v1::WaitlistEntry::Urgency urgency) {
  if (urgency == v1::WaitlistEntry::URGENCY_URGENT) return Urgency::kUrgent;
  return urgency == v1::WaitlistEntry::URGENCY_SOON ? Urgency::kSoon : Urgency::kRoutine;
}

v1::WaitlistEntry::State ToProto(EntryState state) {
  switch (state) {
    case EntryState::kWaiting:
      return v1::WaitlistEntry::STATE_WAITING;
    case EntryState::kBooked:
      return v1::WaitlistEntry::STATE_BOOKED;
    case EntryState::kWithdrawn:
      return v1::WaitlistEntry::STATE_WITHDRAWN;
    case EntryState::kExpired:
      return v1::WaitlistEntry::STATE_EXPIRED;
  }
  return v1::WaitlistEntry::STATE_UNSPECIFIED;
}

EntryState FromProto(v1::WaitlistEntry::State state) {
  if (state == v1::WaitlistEntry::STATE_BOOKED) return EntryState::kBooked;
  if (state == v1::WaitlistEntry::STATE_WITHDRAWN) return EntryState::kWithdrawn;
  return state == v1::WaitlistEntry::STATE_EXPIRED ? EntryState::kExpired : EntryState::kWaiting;
}

v1::WaitlistOffer::State ToProto(OfferState state) {
  switch (state) {
    case OfferState::kOpen:
      return v1::WaitlistOffer::STATE_OPEN;
    case OfferState::kAccepted:
      return v1::WaitlistOffer::STATE_ACCEPTED;
    case OfferState::kDeclined:
      return v1::WaitlistOffer::STATE_DECLINED;
    case OfferState::kExpired:
      return v1::WaitlistOffer::STATE_EXPIRED;
    case OfferState::kWithdrawn:
      return v1::WaitlistOffer::STATE_WITHDRAWN;
    case OfferState::kTaken:
      return v1::WaitlistOffer::STATE_TAKEN;
  }
  return v1::WaitlistOffer::STATE_UNSPECIFIED;
}

v1::WaitlistEntry ToProto(const WaitlistEntry& entry, absl::CivilDay today) {
  v1::WaitlistEntry proto;
  proto.set_id(entry.id.ToString());
  proto.set_patient_id(entry.patient_id.ToString());
  if (entry.visit_type) proto.set_visit_type_id(entry.visit_type->ToString());
  proto.set_duration_minutes(entry.duration_minutes.value_or(0));
  if (entry.practitioner) proto.set_practitioner_id(entry.practitioner->ToString());
  if (entry.location) proto.set_location_id(entry.location->ToString());
  proto.set_main_site(entry.main_site);
  proto.set_urgency(ToProto(entry.urgency));
  proto.set_short_notice_minutes(entry.short_notice_minutes.value_or(0));
  if (entry.earliest_day) *proto.mutable_earliest_date() = rpc::ToDate(*entry.earliest_day);
  if (entry.latest_day) *proto.mutable_latest_date() = rpc::ToDate(*entry.latest_day);
  for (const ComingWindow& window : entry.windows) *proto.add_windows() = ToProto(window);
  proto.set_note(entry.note);
  proto.set_state(ToProto(StateOn(entry, today)));
  if (entry.appointment) proto.set_appointment_id(entry.appointment->ToString());
  proto.set_patient_given_name(entry.patient_given_name);
  proto.set_patient_family_name(entry.patient_family_name);
  *proto.mutable_create_time() = rpc::ToTimestamp(entry.created_at);
  proto.set_etag(rpc::Etag(entry.row_version));
  return proto;
}

v1::WaitlistOffer ToProto(const WaitlistOffer& offer, absl::Time now) {
  v1::WaitlistOffer proto;
  proto.set_id(offer.id.ToString());
  proto.set_entry_id(offer.entry.ToString());
  *proto.mutable_time() = ToProto(offer.plan);
  proto.set_state(ToProto(StateAt(offer.state, offer.expires_at, now)));
  *proto.mutable_expire_time() = rpc::ToTimestamp(offer.expires_at);
  if (offer.appointment) proto.set_appointment_id(offer.appointment->ToString());
  *proto.mutable_create_time() = rpc::ToTimestamp(offer.created_at);
  if (offer.closed_at) *proto.mutable_close_time() = rpc::ToTimestamp(*offer.closed_at);
  return proto;
}

v1::WaitlistMatch ToProto(const WaitlistMatch& match, absl::Time now, absl::TimeZone zone) {
  const WaitingPerson& person = match.person;
  v1::WaitlistMatch proto;
  *proto.mutable_entry() = ToProto(person.entry, absl::ToCivilDay(now, zone));
  proto.set_rank(match.rank);
  proto.set_waiting_days(WaitingDays(person.entry, now));
  proto.set_duration_minutes(person.needed_minutes);
  proto.set_local_start(FormatLocal(match.fit.local_start));
  *proto.mutable_start_time() = rpc::ToTimestamp(match.fit.start);
  proto.set_short_call(match.fit.short_call);
  proto.set_patient_phone(person.phone);
  if (person.offer) {
    proto.set_latest_offer_id(person.offer->id.ToString());
    proto.set_latest_offer_state(
        ToProto(StateAt(person.offer->state, person.offer->expires_at, now)));
  }
  return proto;
}

}  // namespace clinicd::appointments
