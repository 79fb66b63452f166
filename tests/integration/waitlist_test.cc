// Who waits, and who fits a time that has become free, through the whole server.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/rpc/civil.h"
#include "tests/integration/waitlist_scene.h"

namespace clinicd::testing {
namespace {

using appointments::v1::AppointmentService;
using appointments::v1::FindWaitlistMatchesRequest;
using appointments::v1::ListWaitlistEntriesRequest;
using appointments::v1::PreferredWindow;
using Names = std::vector<std::string>;

constexpr char kMondayTen[] = "2027-03-01T10:00";
constexpr absl::CivilDay kMonday(2027, 3, 1);

PreferredWindow Mondays(const std::string& from, const std::string& to) {
  PreferredWindow window;
  window.add_weekdays(1);
  window.set_local_from(from);
  window.set_local_to(to);
  return window;
}

// An appointment of somebody who does not wait.
Appointment BookedAt(const WaitlistScene& scene, const std::string& local_start) {
  return scene.desk().Booked(AppointmentForm(scene.desk().RegisteredPatient("Bo", "Oked"),
                                             scene.practitioner(), local_start));
}

Reply<Appointment> Move(WaitlistScene& scene, const Appointment& appointment,
                        const std::string& local_start) {
  appointments::v1::RescheduleAppointmentRequest request;
  request.set_id(appointment.id());
  request.set_etag(appointment.etag());
  request.set_local_start(local_start);
  request.set_request_id(scene.server().RequestId());
  const Client& client = scene.desk().client();
  return client.Call(client.appointments(), &AppointmentService::Stub::RescheduleAppointment,
                     request);
}

Names NamesIn(const appointments::v1::ListWaitlistEntriesResponse& response) {
  Names names;
  for (const WaitlistEntry& entry : response.entries()) {
    names.push_back(entry.patient_family_name());
  }
  return names;
}

TEST_CASE("An entry is read as it was added", "[waitlist][integration]") {
  WaitlistScene scene;
  WaitlistEntry form = scene.Form("Iris");
  form.set_duration_minutes(0);
  form.set_visit_type_id(scene.AddVisitType());
  form.set_practitioner_id(scene.practitioner());
  form.set_main_site(true);
  form.set_urgency(WaitlistEntry::URGENCY_SOON);
  form.set_note("Prefers calls");
  *form.mutable_earliest_date() = rpc::ToDate(kMonday);
  *form.mutable_latest_date() = rpc::ToDate(kMonday + 30);
  *form.add_windows() = Mondays("22:00", "02:00");

  const WaitlistEntry added = scene.Added(form);

  CHECK(added.state() == WaitlistEntry::STATE_WAITING);
  CHECK(added.patient_family_name() == "Iris");
  CHECK(added.appointment_id().empty());
  CHECK(added.visit_type_id() == form.visit_type_id());
  CHECK(added.windows(0).SerializeAsString() == form.windows(0).SerializeAsString());
  CHECK(added.latest_date().SerializeAsString() == form.latest_date().SerializeAsString());
  CHECK(scene.Get(added.id()).response.SerializeAsString() == added.SerializeAsString());
}

TEST_CASE("An entry about what the clinic does not have is refused", "[waitlist][integration]") {
  WaitlistScene scene;
  const std::string absent = scene.server().RequestId();
  const WaitlistEntry good = scene.Form();
  const auto with = [&good](const auto& change) {
    WaitlistEntry form = good;
    change(form);
    return form;
  };

  CHECK(scene.Add(with([&](auto& form) { form.set_patient_id(absent); })).reason() ==
        ErrorReason::PATIENT_NOT_FOUND);
  CHECK(scene.Add(with([&](auto& form) { form.set_practitioner_id(absent); })).reason() ==
        ErrorReason::PRACTITIONER_NOT_FOUND);
  CHECK(scene.Add(with([&](auto& form) { form.set_location_id(absent); })).reason() ==
        ErrorReason::LOCATION_NOT_FOUND);
  CHECK(scene
            .Add(with([&](auto& form) {
              form.set_duration_minutes(0);
              form.set_visit_type_id(absent);
            }))
            .reason() == ErrorReason::VISIT_TYPE_NOT_FOUND);
  CHECK(scene
            .Add(with([&](auto& form) {
              form.set_duration_minutes(0);
              form.set_visit_type_id(scene.AddVisitType(false));
            }))
            .reason() == ErrorReason::VISIT_TYPE_INACTIVE);
  CHECK(scene.Add(with([](auto& form) { form.set_duration_minutes(0); })).fields() ==
        Names{"entry.visit_type_id"});
  CHECK(scene.Add(with([](auto& form) { form.set_urgency(WaitlistEntry::URGENCY_UNSPECIFIED); }))
            .fields() == Names{"entry.urgency"});
  CHECK(scene.Get(absent).reason() == ErrorReason::WAITLIST_ENTRY_NOT_FOUND);
  CHECK(scene.Sql("SELECT count(*)::text FROM clinicd.waitlist_entries") == "0");
}

TEST_CASE("An entry is added once however often the call is made", "[waitlist][integration]") {
  WaitlistScene scene;
  appointments::v1::CreateWaitlistEntryRequest request;
  *request.mutable_entry() = scene.Form();
  request.set_request_id(scene.server().RequestId());
  const Client& client = scene.desk().client();
  const auto add = [&] {
    return client.Call(client.waitlist(), &WaitlistService::Stub::CreateWaitlistEntry, request);
  };

  const auto first = add();
  const auto second = add();

  REQUIRE(first.ok());
  CHECK(second.response.SerializeAsString() == first.response.SerializeAsString());
  CHECK(scene.Sql("SELECT count(*)::text FROM clinicd.waitlist_entries") == "1");
}

TEST_CASE("The list is by urgency and waiting time, page by page", "[waitlist][integration]") {
  WaitlistScene scene;
  for (const auto& [name, urgency] : {std::pair("Third", WaitlistEntry::URGENCY_SOON),
                                      std::pair("Fifth", WaitlistEntry::URGENCY_ROUTINE),
                                      std::pair("First", WaitlistEntry::URGENCY_URGENT),
                                      std::pair("Fourth", WaitlistEntry::URGENCY_SOON),
                                      std::pair("Second", WaitlistEntry::URGENCY_URGENT)}) {
    WaitlistEntry form = scene.Form(name);
    form.set_urgency(urgency);
    scene.Added(form);
  }

  Names listed;
  ListWaitlistEntriesRequest request;
  request.set_page_size(2);
  do {
    const auto page = scene.List(request);
    REQUIRE(page.ok());
    std::ranges::copy(NamesIn(page.response), std::back_inserter(listed));
    request.set_page_token(page.response.next_page_token());
  } while (!request.page_token().empty());

  CHECK(listed == Names{"First", "Second", "Third", "Fourth", "Fifth"});
}

TEST_CASE("The list is of one state, and of whom it is asked for", "[waitlist][integration]") {
  WaitlistScene scene;
  WaitlistEntry typed = scene.Form("Typed");
  typed.set_duration_minutes(0);
  typed.set_visit_type_id(scene.AddVisitType());
  scene.Added(typed);
  WaitlistEntry faithful = scene.Form("Faithful");
  faithful.set_practitioner_id(scene.practitioner());
  scene.Added(faithful);
  WaitlistEntry past = scene.Form("Past");
  *past.mutable_latest_date() = rpc::ToDate(absl::CivilDay(2020, 1, 1));
  scene.Added(past);
  const WaitlistEntry gone = scene.Added(scene.Form("Gone"));
  REQUIRE(scene.Withdraw(gone.id()).ok());
  const auto listed = [&scene](const auto& change) {
    ListWaitlistEntriesRequest request;
    change(request);
    return NamesIn(scene.List(request).response);
  };

  CHECK(listed([](auto&) {}) == Names{"Typed", "Faithful"});
  CHECK(listed([&](auto& request) { request.set_practitioner_id(scene.practitioner()); }) ==
        Names{"Faithful"});
  CHECK(listed([&](auto& request) { request.set_visit_type_id(typed.visit_type_id()); }) ==
        Names{"Typed"});
  CHECK(listed([&](auto& request) { request.set_patient_id(faithful.patient_id()); }) ==
        Names{"Faithful"});
  CHECK(listed([](auto& request) { request.set_state(WaitlistEntry::STATE_EXPIRED); }) ==
        Names{"Past"});
  CHECK(listed([](auto& request) { request.set_state(WaitlistEntry::STATE_WITHDRAWN); }) ==
        Names{"Gone"});
  CHECK(listed([](auto& request) { request.set_state(WaitlistEntry::STATE_BOOKED); }).empty());
}

TEST_CASE("An entry is changed in the version that was read, while it waits",
          "[waitlist][integration]") {
  WaitlistScene scene;
  WaitlistEntry entry = scene.Added();
  const WaitlistEntry stale = entry;
  entry.set_urgency(WaitlistEntry::URGENCY_URGENT);
  entry.set_note("not in the mask");

  const auto changed = scene.Update(entry, {"urgency"});

  REQUIRE(changed.ok());
  CHECK(changed.response.urgency() == WaitlistEntry::URGENCY_URGENT);
  CHECK(changed.response.note().empty());
  CHECK(changed.response.create_time().SerializeAsString() ==
        entry.create_time().SerializeAsString());
  CHECK(scene.Update(stale, {"note"}).reason() == ErrorReason::ETAG_MISMATCH);
  CHECK(scene.Update(changed.response, {"patient_id"}).reason() == ErrorReason::VALIDATION_FAILED);
  CHECK(scene.Withdraw(entry.id(), stale.etag()).reason() == ErrorReason::ETAG_MISMATCH);
  REQUIRE(scene.Withdraw(entry.id(), changed.response.etag()).ok());
  const auto late = scene.Update(scene.Get(entry.id()).response, {"note"});
  CHECK(late.reason() == ErrorReason::WAITLIST_ENTRY_OVER);
  CHECK(late.metadata("state") == "STATE_WITHDRAWN");
  CHECK(scene.Withdraw(entry.id()).reason() == ErrorReason::WAITLIST_ENTRY_OVER);
}

TEST_CASE("An entry that has expired waits again when its last day is moved",
          "[waitlist][integration]") {
  WaitlistScene scene;
  WaitlistEntry form = scene.Form("Late");
  *form.mutable_latest_date() = rpc::ToDate(absl::CivilDay(2020, 1, 1));
  WaitlistEntry entry = scene.Added(form);
  REQUIRE(entry.state() == WaitlistEntry::STATE_EXPIRED);
  CHECK(scene.WhoFits(scene.Time()).empty());
  CHECK(scene.Offer(entry, scene.Time()).reason() == ErrorReason::WAITLIST_ENTRY_OVER);

  *entry.mutable_latest_date() = rpc::ToDate(kMonday);
  const auto changed = scene.Update(entry, {"latest_date"});

  REQUIRE(changed.ok());
  CHECK(changed.response.state() == WaitlistEntry::STATE_WAITING);
  CHECK(scene.WhoFits(scene.Time()) == Names{"Late"});
}

TEST_CASE("Who fits a cancelled appointment is called in a fair order that explains itself",
          "[waitlist][integration]") {
  WaitlistScene scene;
  WaitlistEntry urgent = scene.Form("Urgent");
  urgent.set_urgency(WaitlistEntry::URGENCY_URGENT);
  scene.Added(scene.Form("Routine"));
  scene.Added(urgent);
  WaitlistEntry elsewhere = scene.Form("Elsewhere");
  elsewhere.set_practitioner_id(scene.desk().AddPractitioner());
  scene.Added(elsewhere);
  WaitlistEntry longer = scene.Form("Longer");
  longer.set_duration_minutes(31);
  scene.Added(longer);
  WaitlistEntry afternoons = scene.Form("Afternoons");
  *afternoons.add_windows() = Mondays("15:00", "18:00");
  scene.Added(afternoons);
  const Appointment appointment = BookedAt(scene, kMondayTen);
  CHECK(scene.Sql("UPDATE clinicd.patients SET phone = '+34 1' WHERE family_name = 'Urgent'"
                  " RETURNING phone") == "+34 1");
  REQUIRE(scene.desk().Cancel(appointment.id()).ok());

  FindWaitlistMatchesRequest request;
  request.set_appointment_id(appointment.id());
  const auto found = scene.Matches(request);

  REQUIRE(found.ok());
  CHECK(found.response.time().local_start() == kMondayTen);
  CHECK(found.response.time().allocations_size() == 1);
  CHECK(found.response.next_page_token().empty());
  REQUIRE(found.response.matches_size() == 2);
  const auto& first = found.response.matches(0);
  CHECK(first.entry().patient_family_name() == "Urgent");
  CHECK(first.rank() == 1);
  CHECK(first.waiting_days() == 0);
  CHECK(first.duration_minutes() == 30);
  CHECK(first.local_start() == kMondayTen);
  CHECK_FALSE(first.short_call());
  CHECK(first.patient_phone() == "+34 1");
  CHECK(first.latest_offer_id().empty());
  CHECK(found.response.matches(1).entry().patient_family_name() == "Routine");
  CHECK(found.response.matches(1).rank() == 2);
}

TEST_CASE("A visit type fits a time by its length", "[waitlist][integration]") {
  WaitlistScene scene;
  WaitlistEntry typed = scene.Form("Typed");
  typed.set_duration_minutes(0);
  typed.set_visit_type_id(scene.AddVisitType());
  scene.Added(typed);
  WaitlistTime time = scene.Time();

  time.set_duration_minutes(44);
  CHECK(scene.WhoFits(time).empty());
  time.set_duration_minutes(45);
  CHECK(scene.WhoFits(time) == Names{"Typed"});
}

TEST_CASE("Who fits a moved appointment fits the time that it had before",
          "[waitlist][integration]") {
  WaitlistScene scene;
  WaitlistEntry mornings = scene.Form("Mornings");
  *mornings.add_windows() = Mondays("10:00", "10:30");
  scene.Added(mornings);
  const Appointment appointment = BookedAt(scene, kMondayTen);
  FindWaitlistMatchesRequest request;
  request.set_appointment_id(appointment.id());
  CHECK(scene.Matches(request).reason() == ErrorReason::WAITLIST_TIME_NOT_FREED);

  REQUIRE(Move(scene, appointment, "2027-03-02T16:00").ok());

  CHECK(scene.WhoFits(appointment.id()) == Names{"Mornings"});
  *request.mutable_time() = scene.Time();
  CHECK(scene.Matches(request).response.matches_size() == 1);
  *request.mutable_time() = scene.Time("2027-03-01T10:01");
  CHECK(scene.Matches(request).fields() == Names{"time"});
}

TEST_CASE("Nobody is matched with a time that is over, or with no time at all",
          "[waitlist][integration]") {
  WaitlistScene scene;
  const Appointment past = BookedAt(scene, "2025-03-03T10:00");
  REQUIRE(scene.desk().Cancel(past.id()).ok());
  FindWaitlistMatchesRequest request;
  CHECK(scene.Matches(request).fields() == Names{"appointment_id"});
  request.set_appointment_id(scene.server().RequestId());
  CHECK(scene.Matches(request).reason() == ErrorReason::APPOINTMENT_NOT_FOUND);
  request.set_appointment_id(past.id());

  CHECK(scene.Matches(request).reason() == ErrorReason::WAITLIST_TIME_PAST);
  CHECK(scene.Offer(scene.Added(), scene.Time("2025-03-03T10:00")).reason() ==
        ErrorReason::WAITLIST_TIME_PAST);
}

TEST_CASE("Matches go on from page to page, and so do their ranks", "[waitlist][integration]") {
  WaitlistScene scene;
  for (const char* name : {"One", "Two", "Three", "Four", "Five"}) {
    WaitlistEntry form = scene.Form(name);
    if (std::string(name) == "Three") form.set_duration_minutes(31);
    scene.Added(form);
  }
  FindWaitlistMatchesRequest request;
  *request.mutable_time() = scene.Time();
  request.set_page_size(2);

  Names names;
  std::vector<int> ranks;
  do {
    const auto page = scene.Matches(request);
    REQUIRE(page.ok());
    for (const auto& match : page.response.matches()) {
      names.push_back(match.entry().patient_family_name());
      ranks.push_back(match.rank());
    }
    request.set_page_token(page.response.next_page_token());
  } while (!request.page_token().empty());

  CHECK(names == Names{"One", "Two", "Four", "Five"});
  CHECK(ranks == std::vector<int>{1, 2, 3, 4});
}

TEST_CASE("Who has another visit at that time does not fit", "[waitlist][integration]") {
  WaitlistScene scene;
  const WaitlistEntry busy = scene.Added(scene.Form("Busy"));
  const Appointment other = scene.desk().Booked(
      AppointmentForm(busy.patient_id(), scene.desk().AddPractitioner(), "2027-03-01T10:29"));
  CHECK(scene.WhoFits(scene.Time()).empty());

  REQUIRE(scene.desk().Cancel(other.id()).ok());

  CHECK(scene.WhoFits(scene.Time()) == Names{"Busy"});
}

TEST_CASE("Windows are on the clock of the site where the visit would be",
          "[waitlist][integration]") {
  WaitlistScene scene;
  const std::string clinic = scene.desk().clinic().id.ToString();
  const std::string location = scene.server().RequestId();
  const std::string chair = scene.server().RequestId();
  scene.Sql("INSERT INTO clinicd.locations (clinic_id, id, name, time_zone) VALUES ('" + clinic +
            "', '" + location + "', 'Las Palmas', 'Atlantic/Canary')");
  scene.Sql("INSERT INTO clinicd.resources (clinic_id, id, kind, name, location_id) VALUES ('" +
            clinic + "', '" + chair + "', 'chair', 'One', '" + location + "')");
  WaitlistEntry form = scene.Form("Islander");
  form.set_location_id(location);
  *form.add_windows() = Mondays("09:00", "09:30");
  scene.Added(form);
  WaitlistTime time = scene.Time();
  for (const auto& [kind, id] :
       {std::pair(appointments::v1::RESOURCE_KIND_PRACTITIONER, scene.practitioner()),
        std::pair(appointments::v1::RESOURCE_KIND_CHAIR, chair)}) {
    auto& part = *time.add_allocations();
    part.set_kind(kind);
    part.set_resource_id(id);
  }

  // 10:00 in Madrid is 09:00 there; without the chair it would be in Madrid.
  CHECK(scene.WhoFits(time) == Names{"Islander"});
  CHECK(scene.WhoFits(scene.Time()).empty());
}

TEST_CASE("The waiting list is for those who see patients, and leaves its trace",
          "[waitlist][integration]") {
  WaitlistScene scene;
  const WaitlistEntry entry = scene.Added();
  TestServer& server = scene.server();
  const Client clerk = server.SignedIn(scene.desk().clinic(), {identity::v1::ROLE_BILLING_CLERK});
  const Client assistant = server.SignedIn(scene.desk().clinic(), {identity::v1::ROLE_ASSISTANT});
  const FrontDesk other(server, "luna");
  appointments::v1::GetWaitlistEntryRequest get;
  get.set_id(entry.id());
  appointments::v1::WithdrawWaitlistEntryRequest withdraw;
  withdraw.set_id(entry.id());
  withdraw.set_request_id(server.RequestId());
  const auto get_as = [&get](const Client& client) {
    return client.Call(client.waitlist(), &WaitlistService::Stub::GetWaitlistEntry, get).reason();
  };

  CHECK(get_as(clerk) == ErrorReason::PERMISSION_MISSING);
  CHECK(get_as(assistant) == ErrorReason::ERROR_REASON_UNSPECIFIED);
  CHECK(get_as(other.client()) == ErrorReason::WAITLIST_ENTRY_NOT_FOUND);
  CHECK(
      assistant.Call(assistant.waitlist(), &WaitlistService::Stub::WithdrawWaitlistEntry, withdraw)
          .reason() == ErrorReason::PERMISSION_MISSING);
  CHECK(scene.WhoFits(scene.Time()).size() == 1);
  const auto trail = scene.desk().Trail();
  CHECK(std::ranges::any_of(trail, [](const auto& event) {
    return event.method() == "clinicd.appointments.v1.WaitlistService/FindWaitlistMatches";
  }));
}

TEST_CASE("A look at who waits, or at an offer, is in the trail of the patient",
          "[waitlist][integration]") {
  WaitlistScene scene;
  const WaitlistEntry entry = scene.Added();
  const WaitlistOffer offer = scene.Offered(entry, scene.Time());
  REQUIRE(scene.Get(entry.id()).ok());
  REQUIRE(scene.GetOffer(offer.id()).ok());
  REQUIRE_FALSE(scene.Get(offer.id()).ok());

  const auto trail = scene.desk().Trail();

  REQUIRE(trail.size() >= 3);
  CHECK(trail[0].entity_type() == "waitlist_entry");
  CHECK(trail[0].outcome() == "WAITLIST_ENTRY_NOT_FOUND");
  CHECK(trail[1].entity_type() == "waitlist_offer");
  CHECK(trail[1].entity_id() == offer.id());
  CHECK(trail[1].outcome() == "OK");
  CHECK(trail[1].patient_id() == entry.patient_id());
  CHECK(trail[2].entity_type() == "waitlist_entry");
  CHECK(trail[2].entity_id() == entry.id());
  CHECK(trail[2].outcome() == "OK");
  CHECK(trail[2].patient_id() == entry.patient_id());
}

}  // namespace
}  // namespace clinicd::testing
