// Offers of times that are free: what they keep, and what becomes of them.
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/rpc/civil.h"
#include "tests/integration/waitlist_scene.h"

namespace clinicd::testing {
namespace {

using appointments::v1::AppointmentService;

constexpr char kMondayTen[] = "2027-03-01T10:00";
constexpr char kTuesdayTen[] = "2027-03-02T10:00";

TEST_CASE("An offered time is nobody else's until the offer ends", "[waitlist][integration]") {
  WaitlistScene scene;
  const WaitlistOffer offer = scene.Offered(scene.Added(), scene.Time());

  CHECK(offer.state() == WaitlistOffer::STATE_OPEN);
  CHECK_FALSE(scene.IsFree());
  REQUIRE(scene.Decline(offer.id()).ok());

  CHECK(scene.StateOf(offer) == WaitlistOffer::STATE_DECLINED);
  CHECK(scene.IsFree());
}

TEST_CASE("Who waits for a type of visit is booked for it, if it takes bookings still",
          "[waitlist][integration]") {
  WaitlistScene scene;
  const std::string type = scene.AddVisitType();
  const auto accepted = [&](const std::string& name, const std::string& local_start) {
    WaitlistEntry form = scene.Form(name);
    form.set_duration_minutes(0);
    form.set_visit_type_id(type);
    const WaitlistOffer offer = scene.Offered(scene.Added(form), scene.Time(local_start));
    if (name == "Late") scene.Sql("UPDATE clinicd.visit_types SET active = false");
    return scene.Accept(offer.id());
  };

  const auto soon = accepted("Soon", kMondayTen);
  const auto late = accepted("Late", kTuesdayTen);

  REQUIRE(soon.ok());
  CHECK(soon.response.visit_type_id() == type);
  REQUIRE(late.ok());
  CHECK(late.response.visit_type_id().empty());
}

TEST_CASE("Accepting an offer books its time", "[waitlist][integration]") {
  WaitlistScene scene;
  const WaitlistEntry entry = scene.Added();
  const WaitlistOffer offer = scene.Offered(entry, scene.Time());

  const auto booked = scene.Accept(offer.id());

  INFO(booked.status.error_message());
  REQUIRE(booked.ok());
  CHECK(booked.response.state() == Appointment::STATE_BOOKED);
  CHECK(booked.response.patient_id() == entry.patient_id());
  CHECK(booked.response.local_start() == kMondayTen);
  CHECK(scene.desk().GetAppointment(booked.response.id()).ok());
  const auto after = scene.Get(entry.id());
  CHECK(after.response.state() == WaitlistEntry::STATE_BOOKED);
  CHECK(after.response.appointment_id() == booked.response.id());
  CHECK(scene.GetOffer(offer.id()).response.state() == WaitlistOffer::STATE_ACCEPTED);
  CHECK(scene.GetOffer(offer.id()).response.appointment_id() == booked.response.id());
  CHECK(scene.Sql("SELECT count(*)::text FROM clinicd.holds") == "0");
  CHECK(scene.Accept(offer.id()).metadata("state") == "STATE_ACCEPTED");
  CHECK(scene.Decline(offer.id()).reason() == ErrorReason::WAITLIST_OFFER_OVER);
  CHECK(scene.Offer(entry, scene.Time(kTuesdayTen)).reason() == ErrorReason::WAITLIST_ENTRY_OVER);
  const auto trail = scene.desk().Trail();
  REQUIRE_FALSE(trail.empty());
}

TEST_CASE("An acceptance that is sent twice books once", "[waitlist][integration]") {
  WaitlistScene scene;
  appointments::v1::AcceptWaitlistOfferRequest request;
  request.set_id(scene.Offered(scene.Added(), scene.Time()).id());
  request.set_request_id(scene.server().RequestId());
  const Client& client = scene.desk().client();
  const auto accept = [&] {
    return client.Call(client.waitlist(), &WaitlistService::Stub::AcceptWaitlistOffer, request);
  };

  const auto first = accept();
  const auto second = accept();

  REQUIRE(first.ok());
  CHECK(second.response.SerializeAsString() == first.response.SerializeAsString());
  CHECK(scene.Sql("SELECT count(*)::text FROM clinicd.appointments") == "1");
}

TEST_CASE("Of several who are offered a time the first one who accepts has it",
          "[waitlist][integration]") {
  WaitlistScene scene;
  const WaitlistEntry quick = scene.Added();
  const WaitlistEntry slow = scene.Added();
  const WaitlistOffer to_quick = scene.Offered(quick, scene.Time());
  const WaitlistOffer to_slow = scene.Offered(slow, scene.Time());

  REQUIRE(scene.Accept(to_quick.id()).ok());
  const auto late = scene.Accept(to_slow.id());

  CHECK(late.code() == grpc::StatusCode::FAILED_PRECONDITION);
  CHECK(late.reason() == ErrorReason::WAITLIST_OFFER_OVER);
  CHECK(late.metadata("state") == "STATE_TAKEN");
  CHECK(scene.Get(slow.id()).response.state() == WaitlistEntry::STATE_WAITING);
}

TEST_CASE("A time is kept until the last of its offers has ended", "[waitlist][integration]") {
  WaitlistScene scene;
  const WaitlistOffer first = scene.Offered(scene.Added(), scene.Time());
  const WaitlistOffer last = scene.Offered(scene.Added(), scene.Time());

  REQUIRE(scene.Decline(first.id()).ok());
  CHECK_FALSE(scene.IsFree());
  REQUIRE(scene.Decline(last.id()).ok());

  CHECK(scene.IsFree());
}

TEST_CASE("A shared hold lasts as long as the last of its offers", "[waitlist][integration]") {
  WaitlistScene scene;
  const WaitlistOffer brief = scene.Offer(scene.Added(), scene.Time(), 60).response;
  const WaitlistOffer lasting = scene.Offer(scene.Added(), scene.Time(), 3600).response;
  const std::string hold_expiry = "SELECT expires_at::text FROM clinicd.holds";
  const auto expiry_of = [](const WaitlistOffer& offer) {
    return absl::StrCat("SELECT expires_at::text FROM clinicd.waitlist_offers WHERE id = '",
                        offer.id(), "'");
  };
  CHECK(scene.Sql(hold_expiry) == scene.Sql(expiry_of(lasting)));

  REQUIRE(scene.Decline(lasting.id()).ok());

  CHECK(scene.Sql(hold_expiry) == scene.Sql(expiry_of(brief)));
}

TEST_CASE("An offer past its expiry cannot be accepted though nobody has noted it",
          "[waitlist][integration]") {
  WaitlistScene scene;
  const WaitlistEntry entry = scene.Added();
  const WaitlistOffer offer = scene.Offered(entry, scene.Time());
  scene.Expire(offer);

  const auto late = scene.Accept(offer.id());

  CHECK(late.reason() == ErrorReason::WAITLIST_OFFER_OVER);
  CHECK(late.metadata("state") == "STATE_EXPIRED");
  CHECK(scene.StateOf(offer) == WaitlistOffer::STATE_EXPIRED);
  CHECK(scene.Decline(offer.id()).reason() == ErrorReason::WAITLIST_OFFER_OVER);
  CHECK(scene.IsFree());
  CHECK(scene.Accept(scene.Offered(entry, scene.Time()).id()).ok());
}

TEST_CASE("Who let an offer expire may be asked again while others have it",
          "[waitlist][integration]") {
  WaitlistScene scene;
  const WaitlistEntry forgetful = scene.Added();
  const WaitlistOffer expired = scene.Offered(forgetful, scene.Time());
  const WaitlistOffer other = scene.Offered(scene.Added(), scene.Time());
  scene.Sql(
      absl::StrCat("UPDATE clinicd.waitlist_offers SET created_at = created_at - interval '1 "
                   "day', expires_at = expires_at - interval '1 day' WHERE id = '",
                   expired.id(), "'"));

  const auto again = scene.Offer(forgetful, scene.Time());

  REQUIRE(again.ok());
  CHECK(scene.StateOf(expired) == WaitlistOffer::STATE_EXPIRED);
  CHECK(scene.Accept(again.response.id()).ok());
  CHECK(scene.StateOf(other) == WaitlistOffer::STATE_TAKEN);
}

TEST_CASE("Who has got a time gives up the others that they were offered",
          "[waitlist][integration]") {
  WaitlistScene scene;
  const WaitlistEntry entry = scene.Added();
  const WaitlistOffer monday = scene.Offered(entry, scene.Time());
  const WaitlistOffer tuesday = scene.Offered(entry, scene.Time(kTuesdayTen));
  CHECK_FALSE(scene.IsFree(kTuesdayTen));

  REQUIRE(scene.Accept(monday.id()).ok());

  CHECK(scene.StateOf(tuesday) == WaitlistOffer::STATE_WITHDRAWN);
  CHECK(scene.Accept(tuesday.id()).metadata("state") == "STATE_WITHDRAWN");
  CHECK(scene.IsFree(kTuesdayTen));
}

TEST_CASE("Who is taken off the list keeps no time from others", "[waitlist][integration]") {
  WaitlistScene scene;
  const WaitlistEntry entry = scene.Added();
  const WaitlistOffer offer = scene.Offered(entry, scene.Time());

  REQUIRE(scene.Withdraw(entry.id()).ok());

  CHECK(scene.StateOf(offer) == WaitlistOffer::STATE_WITHDRAWN);
  CHECK(scene.IsFree());
}

TEST_CASE("A time that is not free is not offered", "[waitlist][integration]") {
  WaitlistScene scene;
  const WaitlistEntry entry = scene.Added();
  WaitlistTime longer = scene.Time();
  longer.set_duration_minutes(31);
  REQUIRE(scene.Offer(scene.Added(), scene.Time()).ok());

  // Another time than the one that is offered, and in its way.
  const auto taken = scene.Offer(entry, longer);

  CHECK(taken.reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
  CHECK(scene.Sql(absl::StrCat("SELECT count(*)::text FROM clinicd.waitlist_offers WHERE entry_id "
                               "= '",
                               entry.id(), "'")) == "0");
  WaitlistEntry nobody;
  nobody.set_id(scene.server().RequestId());
  CHECK(scene.Offer(nobody, scene.Time()).reason() == ErrorReason::WAITLIST_ENTRY_NOT_FOUND);
  CHECK(scene.Accept(nobody.id()).reason() == ErrorReason::WAITLIST_OFFER_NOT_FOUND);
  CHECK(scene.Decline(nobody.id()).reason() == ErrorReason::WAITLIST_OFFER_NOT_FOUND);
}

TEST_CASE("A time outside of working hours is not offered", "[waitlist][integration]") {
  WaitlistScene scene;
  scene.Sql(absl::StrCat(
      "INSERT INTO clinicd.working_hours (clinic_id, id, owner_kind, practitioner_id, weekday, "
      "from_minute, to_minute) VALUES ('",
      scene.desk().clinic().id.ToString(), "', gen_random_uuid(), 'practitioner', '",
      scene.practitioner(), "', 1, 540, 630)"));

  CHECK(scene.Offer(scene.Added(), scene.Time()).ok());
  CHECK(scene.Offer(scene.Added(), scene.Time("2027-03-01T10:01")).reason() ==
        ErrorReason::APPOINTMENT_SLOT_TAKEN);
  CHECK(scene.Offer(scene.Added(), scene.Time("2027-03-08T10:01")).reason() ==
        ErrorReason::APPOINTMENT_OUTSIDE_HOURS);
}

TEST_CASE("Nobody has two open offers of a time", "[waitlist][integration]") {
  WaitlistScene scene;
  const WaitlistEntry entry = scene.Added();
  const WaitlistOffer offer = scene.Offered(entry, scene.Time());

  const auto twice = scene.Offer(entry, scene.Time());

  CHECK(twice.code() == grpc::StatusCode::ALREADY_EXISTS);
  CHECK(twice.reason() == ErrorReason::WAITLIST_OFFER_EXISTS);
  CHECK(twice.metadata("id") == offer.id());
}

TEST_CASE("A patient who has another visit by then cannot accept, and the offer stays",
          "[waitlist][integration]") {
  WaitlistScene scene;
  const WaitlistEntry entry = scene.Added();
  const WaitlistOffer offer = scene.Offered(entry, scene.Time());
  const Appointment other = scene.desk().Booked(
      AppointmentForm(entry.patient_id(), scene.desk().AddPractitioner(), kMondayTen));

  const auto refused = scene.Accept(offer.id());

  CHECK(refused.reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
  CHECK(refused.metadata("taken") == "patient");
  CHECK(scene.StateOf(offer) == WaitlistOffer::STATE_OPEN);
  CHECK_FALSE(scene.IsFree());
  REQUIRE(scene.desk().Cancel(other.id()).ok());
  CHECK(scene.Accept(offer.id()).ok());
}

TEST_CASE("What keeps an offered time cannot be booked or released but by the offer",
          "[waitlist][integration]") {
  WaitlistScene scene;
  REQUIRE(scene.Offer(scene.Added(), scene.Time()).ok());
  const std::string hold = scene.Sql("SELECT id::text FROM clinicd.holds");
  const Client& client = scene.desk().client();
  appointments::v1::ReleaseHoldRequest release;
  release.set_id(hold);
  release.set_request_id(scene.server().RequestId());
  appointments::v1::CreateAppointmentRequest book;
  *book.mutable_appointment() =
      AppointmentForm(scene.desk().RegisteredPatient(), scene.practitioner(), kMondayTen);
  book.set_hold_id(hold);
  book.set_request_id(scene.server().RequestId());

  CHECK(client.Call(client.appointments(), &AppointmentService::Stub::ReleaseHold, release)
            .reason() == ErrorReason::HOLD_NOT_FOUND);
  CHECK(client.Call(client.appointments(), &AppointmentService::Stub::CreateAppointment, book)
            .reason() == ErrorReason::HOLD_NOT_FOUND);
  CHECK_FALSE(scene.IsFree());
}

TEST_CASE("The database takes one acceptance of a time, whatever else is thought",
          "[waitlist][integration]") {
  WaitlistScene scene;
  const WaitlistOffer first = scene.Offered(scene.Added(), scene.Time());
  const WaitlistOffer second = scene.Offered(scene.Added(), scene.Time());
  const Appointment other = scene.desk().Booked(AppointmentForm(
      scene.desk().RegisteredPatient(), scene.desk().AddPractitioner(), kTuesdayTen));
  // As if another server had accepted it without telling the rest.
  scene.Sql(
      absl::StrCat("UPDATE clinicd.waitlist_offers SET state = 'accepted', closed_at = now(), "
                   "appointment_id = '",
                   other.id(), "' WHERE id = '", first.id(), "'"));

  const auto late = scene.Accept(second.id());

  CHECK(late.reason() == ErrorReason::WAITLIST_OFFER_OVER);
  CHECK(late.metadata("state") == "STATE_TAKEN");
  CHECK(scene.Sql("SELECT count(*)::text FROM clinicd.appointments") == "1");
}

TEST_CASE("An offer is open for as long as was asked, up to its time", "[waitlist][integration]") {
  WaitlistScene scene;
  const auto life = [](const WaitlistOffer& offer) {
    return *rpc::FromTimestamp(offer.expire_time()) - *rpc::FromTimestamp(offer.create_time());
  };

  const auto standard = scene.Offer(scene.Added(), scene.Time());
  const auto longest = scene.Offer(scene.Added(), scene.Time(), 604800);

  REQUIRE(standard.ok());
  CHECK(life(standard.response) == absl::Minutes(15));
  REQUIRE(longest.ok());
  CHECK(life(longest.response) == absl::Hours(7 * 24));
  CHECK(scene.Offer(scene.Added(), scene.Time(), 59).reason() == ErrorReason::VALIDATION_FAILED);
  CHECK(scene.Offer(scene.Added(), scene.Time(), 604801).reason() ==
        ErrorReason::VALIDATION_FAILED);
}

TEST_CASE("Those who were offered a time show it when it is matched again",
          "[waitlist][integration]") {
  WaitlistScene scene;
  const WaitlistOffer offer = scene.Offered(scene.Added(), scene.Time());
  REQUIRE(scene.Decline(offer.id()).ok());

  appointments::v1::FindWaitlistMatchesRequest request;
  *request.mutable_time() = scene.Time();
  const auto found = scene.Matches(request);

  REQUIRE(found.response.matches_size() == 1);
  CHECK(found.response.matches(0).latest_offer_id() == offer.id());
  CHECK(found.response.matches(0).latest_offer_state() == WaitlistOffer::STATE_DECLINED);
}

}  // namespace
}  // namespace clinicd::testing
