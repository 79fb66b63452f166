// Days of the diary, through the whole server.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/integration/diary_scene.h"

namespace clinicd::testing {
namespace {

using appointments::v1::Appointment;
using appointments::v1::Diary;
using appointments::v1::DiaryBlock;
using appointments::v1::DiaryColumn;
using appointments::v1::GetDiaryRequest;
using appointments::v1::GetWaitingRoomRequest;
using DiaryStub = appointments::v1::DiaryService::Stub;
using Texts = std::vector<std::string>;

// "09:00-12:00" on the clock of Madrid, for anything with a start and an end.
template <typename Range>
std::string OnClock(const Range& range) {
  absl::TimeZone zone;
  REQUIRE(absl::LoadTimeZone("Europe/Madrid", &zone));
  const auto text = [&zone](const google::protobuf::Timestamp& time) {
    return absl::FormatTime("%H:%M", absl::FromUnixSeconds(time.seconds()), zone);
  };
  return absl::StrCat(text(range.start_time()), "-", text(range.end_time()));
}

template <typename Ranges>
Texts OnClocks(const Ranges& ranges) {
  Texts texts;
  for (const auto& range : ranges) texts.push_back(OnClock(range));
  return texts;
}

const DiaryColumn& ColumnOf(const Diary& diary, const std::string& id) {
  const auto found = std::ranges::find(diary.columns(), id, &DiaryColumn::id);
  REQUIRE(found != diary.columns().end());
  return *found;
}

Texts VisitsOf(const Diary& diary) {
  Texts ids;
  for (const auto& visit : diary.visits()) ids.push_back(visit.appointment().id());
  return ids;
}

Texts PlacedIn(const DiaryColumn& column) {
  Texts ids;
  for (const auto& placed : column.placements()) ids.push_back(placed.appointment_id());
  return ids;
}

TEST_CASE("A diary shows what a practitioner works, has taken, has closed, holds and has free",
          "[diary][integration]") {
  TestServer server;
  const DiaryDesk at(server);
  at.SetHours(at.practitioner, "09:00", "14:00");
  Appointment form = AppointmentForm(at.patient, at.practitioner, "2027-03-01T10:00");
  form.set_buffer_after_minutes(10);
  const Appointment booked = at.desk.Booked(form);
  const std::string meeting = at.Close(at.practitioner, "12:00", "13:00");
  const auto hold = at.Hold(at.practitioner, "2027-03-01T13:00");

  const Diary diary = at.Shown(at.Asked(GetDiaryRequest::GROUPING_PRACTITIONER));

  REQUIRE(diary.columns_size() == 1);
  const DiaryColumn& column = diary.columns(0);
  CHECK(column.id() == at.practitioner);
  CHECK(column.name() == "Pau Vidal");
  CHECK(OnClocks(column.working()) == Texts{"09:00-12:00", "13:00-14:00"});
  CHECK(OnClocks(column.free()) == Texts{"09:00-10:00", "10:40-12:00", "13:30-14:00"});
  REQUIRE(column.placements_size() == 1);
  CHECK(column.placements(0).appointment_id() == booked.id());
  CHECK(OnClock(column.placements(0)) == "10:00-10:30");
  CHECK(column.placements(0).taken_end_time().seconds() ==
        column.placements(0).end_time().seconds() + 600);
  CHECK(OnClocks(column.blocks()) == Texts{"12:00-13:00", "13:00-13:30"});
  REQUIRE(column.blocks_size() == 2);
  CHECK(column.blocks(0).kind() == DiaryBlock::KIND_CLOSED);
  CHECK(column.blocks(0).reason() == "Meeting");
  CHECK(column.blocks(0).exception_id() == meeting);
  CHECK(column.blocks(1).kind() == DiaryBlock::KIND_HOLD);
  CHECK(column.blocks(1).hold_id() == hold.id());
  CHECK(column.blocks(1).expire_time().seconds() == hold.expire_time().seconds());
  REQUIRE(diary.visits_size() == 1);
  CHECK(diary.visits(0).appointment().SerializeAsString() == booked.SerializeAsString());
  CHECK(diary.visits(0).patient_birth_date().year() == 1985);
  CHECK(diary.time_zone() == "Europe/Madrid");
}

TEST_CASE("A visit whose chair is not decided is in no column of chairs, and still shown",
          "[diary][integration]") {
  TestServer server;
  const DiaryDesk at(server);
  const std::string harbour = at.AddLocation("Harbour");
  const std::string first = at.AddChair("Chair 1");
  const std::string second = at.AddChair("Chair 2", harbour);
  const auto open =
      at.desk.Booked(AppointmentForm(at.patient, at.practitioner, "2027-03-01T08:00"));
  const auto seated = at.desk.Booked(
      InChair(AppointmentForm(at.patient, at.practitioner, "2027-03-01T09:00"), second));

  GetDiaryRequest request = at.Asked(GetDiaryRequest::GROUPING_CHAIR);
  const Diary all = at.Shown(request);
  request.add_column_ids(second);
  const Diary one = at.Shown(request);

  REQUIRE(all.columns_size() == 2);
  CHECK(all.columns(0).id() == first);
  CHECK(all.columns(0).location_id().empty());
  CHECK(all.columns(1).name() == "Chair 2");
  CHECK(all.columns(1).color() == "#2f80ed");
  CHECK(all.columns(1).location_id() == harbour);
  CHECK(PlacedIn(all.columns(0)).empty());
  CHECK(PlacedIn(all.columns(1)) == Texts{seated.id()});
  CHECK(VisitsOf(all) == Texts{open.id(), seated.id()});
  CHECK(all.visits(0).location_id().empty());
  CHECK(all.visits(1).location_id() == harbour);
  CHECK(one.columns_size() == 1);
  CHECK(VisitsOf(one) == Texts{seated.id()});
}

TEST_CASE("A visit without a resource is at the location where its practitioner works then",
          "[diary][integration]") {
  TestServer server;
  const DiaryDesk at(server);
  const std::string harbour = at.AddLocation("Harbour");
  at.SetHours(at.practitioner, "09:00", "14:00", harbour);
  // The clock at the harbour is an hour behind that of the clinic.
  const auto visit =
      at.desk.Booked(AppointmentForm(at.patient, at.practitioner, "2027-03-01T10:00"));

  GetDiaryRequest request = at.Asked(GetDiaryRequest::GROUPING_LOCATION);
  const Diary all = at.Shown(request);
  request.set_main_site(true);
  const Diary main_site = at.Shown(request);
  const Diary who = at.Shown(at.Asked(GetDiaryRequest::GROUPING_PRACTITIONER));

  REQUIRE(all.columns_size() == 2);
  CHECK(all.columns(0).id().empty());
  CHECK(PlacedIn(all.columns(0)).empty());
  CHECK(PlacedIn(all.columns(1)) == Texts{visit.id()});
  CHECK(OnClocks(all.columns(1).free()) == Texts{"10:30-15:00"});
  CHECK(all.columns(0).free_size() == 0);
  CHECK(main_site.columns_size() == 1);
  CHECK(main_site.visits_size() == 0);
  REQUIRE(who.columns(0).working_size() == 1);
  CHECK(OnClock(who.columns(0).working(0)) == "10:00-15:00");
  CHECK(who.columns(0).working(0).location_id() == harbour);
}

TEST_CASE("Every visit shows what to know of its patient first, as it is now",
          "[diary][integration]") {
  TestServer server;
  const DiaryDesk at(server);
  at.desk.Booked(AppointmentForm(at.patient, at.practitioner, "2027-03-01T08:00"));
  patients::v1::Patient form = PatientForm("Eva", "Roca");
  form.set_alert("Allergic to latex");
  patients::v1::Patient allergic = at.desk.Register(form).response;
  at.desk.Booked(AppointmentForm(allergic.id(), at.practitioner, "2027-03-01T09:00"));

  const Diary diary = at.Shown(at.Asked(GetDiaryRequest::GROUPING_PRACTITIONER));
  allergic.set_alert("Allergic to latex and iodine");
  REQUIRE(at.desk.Update(allergic, {"alert"}).ok());
  const Diary later = at.Shown(at.Asked(GetDiaryRequest::GROUPING_CHAIR));

  REQUIRE(diary.visits_size() == 2);
  CHECK(diary.visits(0).patient_alert().empty());
  CHECK(diary.visits(1).patient_alert() == "Allergic to latex");
  REQUIRE(later.visits_size() == 2);
  CHECK(later.visits(1).patient_alert() == "Allergic to latex and iodine");
}

TEST_CASE("Billing does not see what to know of a patient", "[diary][integration]") {
  TestServer server;
  const DiaryDesk at(server);
  const Client billing = server.SignedIn(at.desk.clinic(), {identity::v1::ROLE_BILLING_CLERK});

  const auto refused = billing.Call(billing.diaries(), &DiaryStub::GetDiary,
                                    at.Asked(GetDiaryRequest::GROUPING_PRACTITIONER));

  CHECK(refused.reason() == ErrorReason::PERMISSION_MISSING);
}

TEST_CASE("A week has the visits of its days and those that reach into it, and the hour it skips",
          "[diary][integration]") {
  TestServer server;
  const DiaryDesk at(server);
  // Clocks go forward on the 28th.
  const absl::CivilDay monday(2027, 3, 22);
  Appointment night = AppointmentForm(at.patient, at.practitioner, "2027-03-21T23:45");
  const auto reaches = at.desk.Booked(night);
  night.set_local_start("2027-03-21T23:00");
  const auto before = at.desk.Booked(night);
  const auto last =
      at.desk.Booked(AppointmentForm(at.patient, at.practitioner, "2027-03-28T23:45"));
  at.desk.Booked(AppointmentForm(at.patient, at.practitioner, "2027-03-29T00:15"));

  const Diary week = at.Shown(at.Asked(GetDiaryRequest::GROUPING_PRACTITIONER, monday, 7));

  CHECK(VisitsOf(week) == Texts{reaches.id(), last.id()});
  CHECK(before.id() != reaches.id());
  CHECK(week.last_date().day() == 28);
  CHECK(week.end_time().seconds() - week.start_time().seconds() == (7 * 24 - 1) * 3600);
}

TEST_CASE("What was cancelled is shown where it was when asked for, and takes no time",
          "[diary][integration]") {
  TestServer server;
  const DiaryDesk at(server);
  at.SetHours(at.practitioner, "09:00", "10:00");
  const auto visit =
      at.desk.Booked(AppointmentForm(at.patient, at.practitioner, "2027-03-01T09:00"));
  REQUIRE(at.desk.Cancel(visit.id()).ok());

  GetDiaryRequest request = at.Asked(GetDiaryRequest::GROUPING_PRACTITIONER);
  const Diary usual = at.Shown(request);
  request.set_show_cancelled(true);
  const Diary all = at.Shown(request);

  CHECK(usual.visits_size() == 0);
  CHECK(VisitsOf(all) == Texts{visit.id()});
  CHECK(PlacedIn(all.columns(0)) == Texts{visit.id()});
  CHECK(OnClocks(all.columns(0).free()) == Texts{"09:00-10:00"});
}

TEST_CASE("Who is inactive has a column when it is asked for or there are visits in it",
          "[diary][integration]") {
  TestServer server;
  const DiaryDesk at(server);
  const std::string left = at.desk.AddPractitioner(false);

  GetDiaryRequest request = at.Asked(GetDiaryRequest::GROUPING_PRACTITIONER);
  CHECK(at.Shown(request).columns_size() == 1);
  request.add_column_ids(left);
  const Diary asked = at.Shown(request);

  REQUIRE(asked.columns_size() == 1);
  CHECK(ColumnOf(asked, left).active() == false);
}

TEST_CASE("A column that the clinic does not have is named by its kind", "[diary][integration]") {
  TestServer server;
  const DiaryDesk at(server);
  const auto refused = [&](GetDiaryRequest::Grouping grouping, const std::string& id) {
    GetDiaryRequest request = at.Asked(grouping);
    request.add_column_ids(id);
    return at.Get(request).reason();
  };

  const std::string absent = server.RequestId();
  CHECK(refused(GetDiaryRequest::GROUPING_PRACTITIONER, absent) ==
        ErrorReason::PRACTITIONER_NOT_FOUND);
  CHECK(refused(GetDiaryRequest::GROUPING_CHAIR, at.practitioner) ==
        ErrorReason::RESOURCE_NOT_FOUND);
  CHECK(refused(GetDiaryRequest::GROUPING_LOCATION, absent) == ErrorReason::LOCATION_NOT_FOUND);
  GetDiaryRequest main_site = at.Asked(GetDiaryRequest::GROUPING_CHAIR);
  main_site.set_main_site(true);
  CHECK(at.Get(main_site).fields() == Texts{"main_site"});
  CHECK(at.Get(at.Asked(GetDiaryRequest::GROUPING_CHAIR, absl::CivilDay())).ok());
  GetDiaryRequest unreal = at.Asked(GetDiaryRequest::GROUPING_CHAIR);
  unreal.mutable_first_date()->set_day(32);
  CHECK(at.Get(unreal).fields() == Texts{"first_date"});
  CHECK(at.Get(at.Asked(GetDiaryRequest::GROUPING_UNSPECIFIED)).fields() == Texts{"grouping"});
  CHECK(at.Get(at.Asked(GetDiaryRequest::GROUPING_CHAIR, kDiaryMonday, 8)).fields() ==
        Texts{"day_count"});
  GetWaitingRoomRequest room;
  room.add_location_ids(absent);
  CHECK(at.desk.client()
            .Call(at.desk.client().diaries(), &DiaryStub::GetWaitingRoom, room)
            .reason() == ErrorReason::LOCATION_NOT_FOUND);
}

TEST_CASE("Looking at the diary and the waiting room leaves an access row each",
          "[diary][integration]") {
  TestServer server;
  const DiaryDesk at(server);

  at.Shown(at.Asked(GetDiaryRequest::GROUPING_PRACTITIONER));
  at.Waiting();

  const auto trail = at.desk.Trail();
  REQUIRE(trail.size() >= 2);
  CHECK(trail[0].method() == "clinicd.appointments.v1.DiaryService/GetWaitingRoom");
  CHECK(trail[1].method() == "clinicd.appointments.v1.DiaryService/GetDiary");
  CHECK(trail[1].entity_type() == "appointment");
  CHECK(trail[1].outcome() == "OK");
}

}  // namespace
}  // namespace clinicd::testing
