#include "services/appointments/waitlist_rules.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/rpc/civil.h"
#include "common/rpc/etag.h"
#include "common/status/error.h"
#include "services/appointments/waitlist_convert.h"
#include "tests/unit/services/appointments/times.h"
#include "tests/unit/services/details.h"

namespace clinicd::appointments {
namespace {

using status::ErrorReason;
using testing::Utc;
using Names = std::vector<std::string>;

constexpr absl::CivilDay kToday(2027, 3, 1);
constexpr char kId[] = "00000000-0000-7000-8000-000000000001";

v1::WaitlistEntry Form() {
  v1::WaitlistEntry form;
  form.set_patient_id(kId);
  form.set_duration_minutes(30);
  form.set_urgency(v1::WaitlistEntry::URGENCY_SOON);
  return form;
}

v1::PreferredWindow Window(const std::string& from, const std::string& to,
                           const std::vector<int>& weekdays = {}) {
  v1::PreferredWindow window;
  window.set_local_from(from);
  window.set_local_to(to);
  window.mutable_weekdays()->Add(weekdays.begin(), weekdays.end());
  return window;
}

Names WrongFields(const v1::WaitlistEntry& form) {
  return testing::FieldsOf(ParseEntry(form).status());
}

TEST_CASE("An entry that cannot be is refused at every wrong field", "[waitlist][unit]") {
  v1::WaitlistEntry neither = Form();
  neither.set_duration_minutes(0);
  v1::WaitlistEntry both = Form();
  both.set_visit_type_id(kId);
  v1::WaitlistEntry sites = Form();
  sites.set_location_id(kId);
  sites.set_main_site(true);
  v1::WaitlistEntry dates = Form();
  *dates.mutable_earliest_date() = rpc::ToDate(kToday);
  *dates.mutable_latest_date() = rpc::ToDate(kToday - 1);
  v1::WaitlistEntry unreal = Form();
  unreal.mutable_earliest_date()->set_year(2027);
  v1::WaitlistEntry windows = Form();
  *windows.add_windows() = Window("24:00", "09:00");
  *windows.add_windows() = Window("09:00", "09:00");
  *windows.add_windows() = Window("22:00", "02:00");

  CHECK(WrongFields(Form()).empty());
  CHECK(WrongFields(neither) == Names{"entry.visit_type_id"});
  CHECK(WrongFields(both) == Names{"entry.visit_type_id"});
  CHECK(WrongFields(sites) == Names{"entry.main_site"});
  CHECK(WrongFields(dates) == Names{"entry.latest_date"});
  CHECK(WrongFields(unreal) == Names{"entry.earliest_date"});
  CHECK(WrongFields(windows) == Names{"entry.windows[0].local_from", "entry.windows[1].local_to"});
}

TEST_CASE("An entry of a single day is taken", "[waitlist][unit]") {
  v1::WaitlistEntry form = Form();
  *form.mutable_earliest_date() = rpc::ToDate(kToday);
  *form.mutable_latest_date() = rpc::ToDate(kToday);

  CHECK(WrongFields(form).empty());
}

TEST_CASE("An entry comes back as it was entered", "[waitlist][unit]") {
  v1::WaitlistEntry form = Form();
  form.set_practitioner_id(kId);
  form.set_main_site(true);
  form.set_short_notice_minutes(90);
  form.set_note("Calls back");
  *form.mutable_earliest_date() = rpc::ToDate(kToday);
  *form.add_windows() = Window("09:00", "24:00", {1, 3});
  *form.add_windows() = Window("22:00", "02:00");

  const auto parsed = ParseEntry(form);

  REQUIRE(parsed.ok());
  v1::WaitlistEntry shown = ToProto(*parsed, kToday);
  CHECK(shown.state() == v1::WaitlistEntry::STATE_WAITING);
  for (const char* output : {"id", "state", "create_time", "etag"}) {
    shown.GetReflection()->ClearField(&shown, shown.GetDescriptor()->FindFieldByName(output));
  }
  CHECK(shown.SerializeAsString() == form.SerializeAsString());
}

TEST_CASE("Weekdays of a window are kept in order, each once", "[waitlist][unit]") {
  v1::WaitlistEntry form = Form();
  *form.add_windows() = Window("09:00", "10:00", {5, 1, 5});

  const auto parsed = ParseEntry(form);

  REQUIRE(parsed.ok());
  CHECK(parsed->windows[0].weekdays == std::vector<std::int32_t>{1, 5});
}

TEST_CASE("Windows are read from the text that is made of them", "[waitlist][unit]") {
  v1::WaitlistEntry form = Form();
  *form.add_windows() = Window("09:00", "14:00", {1, 2, 3, 4, 5});
  *form.add_windows() = Window("22:00", "02:00", {7});
  const auto parsed = ParseEntry(form);
  REQUIRE(parsed.ok());

  const std::string text = FormatWindows(parsed->windows);
  const std::vector<ComingWindow> windows = ParseWindows(text);

  CHECK(text == "12345 540 840,7 1320 120");
  REQUIRE(windows.size() == 2);
  CHECK(FormatWindows(windows) == text);
  CHECK(ParseWindows("").empty());
  CHECK(FormatWindows({}).empty());
}

TEST_CASE("Ranges are read in whole seconds", "[waitlist][unit]") {
  const std::vector<TimeRange> ranges = ParseRanges("0 60,3600 7200");

  REQUIRE(ranges.size() == 2);
  CHECK(ranges[1] == TimeRange{absl::FromUnixSeconds(3600), absl::FromUnixSeconds(7200)});
  CHECK(ParseRanges("").empty());
}

TEST_CASE("An entry that waits has expired on the day after its last one", "[waitlist][unit]") {
  WaitlistEntry entry;
  CHECK(StateOn(entry, kToday) == EntryState::kWaiting);
  entry.latest_day = kToday;

  CHECK(StateOn(entry, kToday) == EntryState::kWaiting);
  CHECK(StateOn(entry, kToday + 1) == EntryState::kExpired);
  CHECK(CheckWaiting(entry, kToday).ok());
  CHECK(status::ReasonOf(CheckWaiting(entry, kToday + 1)) == ErrorReason::WAITLIST_ENTRY_OVER);
  entry.state = EntryState::kBooked;
  CHECK(StateOn(entry, kToday + 1) == EntryState::kBooked);
}

TEST_CASE("An entry changes while it waits, and in the version that was read", "[waitlist][unit]") {
  WaitlistEntry entry{.row_version = 3};

  CHECK(CheckChangeable(entry, std::nullopt).ok());
  CHECK(CheckChangeable(entry, 3).ok());
  CHECK(status::ReasonOf(CheckChangeable(entry, 2)) == ErrorReason::ETAG_MISMATCH);
  entry.latest_day = kToday - 1;
  CHECK(CheckChangeable(entry, std::nullopt).ok());
  entry.state = EntryState::kWithdrawn;
  CHECK(status::ReasonOf(CheckChangeable(entry, 3)) == ErrorReason::WAITLIST_ENTRY_OVER);
}

TEST_CASE("An open offer has expired from its expiry on", "[waitlist][unit]") {
  const absl::Time expiry = Utc("2027-03-01T09:15:00Z");
  const absl::Duration tick = absl::Microseconds(1);
  WaitlistOffer offer{.expires_at = expiry};

  CHECK(StateAt(OfferState::kOpen, expiry, expiry - tick) == OfferState::kOpen);
  CHECK(StateAt(OfferState::kOpen, expiry, expiry) == OfferState::kExpired);
  CHECK(StateAt(OfferState::kTaken, expiry, expiry) == OfferState::kTaken);
  CHECK(CheckOpen(offer, expiry - tick).ok());
  CHECK(status::ReasonOf(CheckOpen(offer, expiry)) == ErrorReason::WAITLIST_OFFER_OVER);
  offer.state = OfferState::kDeclined;
  CHECK(status::ReasonOf(CheckOpen(offer, expiry - tick)) == ErrorReason::WAITLIST_OFFER_OVER);
}

TEST_CASE("An offer ends at the start of its time at the latest", "[waitlist][unit]") {
  const absl::Time now = Utc("2027-03-01T09:00:00Z");
  const absl::Duration life = absl::Minutes(15);

  CHECK(OfferExpiry(now, life, now + absl::Minutes(16)) == now + life);
  CHECK(OfferExpiry(now, life, now + absl::Minutes(15)) == now + life);
  CHECK(OfferExpiry(now, life, now + absl::Minutes(14)) == now + absl::Minutes(14));
  CHECK_FALSE(OfferExpiry(now, life, now));
  CHECK_FALSE(OfferExpiry(now, life, now - absl::Minutes(1)));
}

TEST_CASE("People are asked by urgency, then by how long they wait, then by id",
          "[waitlist][unit]") {
  const absl::Time first = Utc("2027-03-01T09:00:00Z");
  const auto at = [](Urgency urgency, absl::Time since, std::uint8_t id) {
    Uuid::Bytes bytes{};
    bytes.back() = id;
    return PositionOf(
        {.id = WaitlistEntryId(Uuid(bytes)), .urgency = urgency, .created_at = since});
  };
  const std::vector<WaitPosition> order = {WaitPosition(),
                                           at(Urgency::kUrgent, first, 9),
                                           at(Urgency::kUrgent, first + absl::Microseconds(1), 1),
                                           at(Urgency::kSoon, first, 2),
                                           at(Urgency::kSoon, first, 3),
                                           at(Urgency::kRoutine, first - absl::Hours(1000), 4)};

  CHECK(std::ranges::is_sorted(order));
  CHECK(std::ranges::adjacent_find(order) == order.end());
  CHECK(RankOf(Urgency::kUrgent) == 1);
  CHECK(RankOf(Urgency::kRoutine) == 3);
}

TEST_CASE("Days of waiting are whole ones", "[waitlist][unit]") {
  const absl::Time since = Utc("2027-03-01T09:00:00Z");
  const WaitlistEntry entry{.created_at = since};

  CHECK(WaitingDays(entry, since) == 0);
  CHECK(WaitingDays(entry, since + absl::Hours(24) - absl::Seconds(1)) == 0);
  CHECK(WaitingDays(entry, since + absl::Hours(24)) == 1);
  CHECK(WaitingDays(entry, since - absl::Hours(48)) == 0);
}

TEST_CASE("Each state and urgency is read back from its name", "[waitlist][unit]") {
  for (const OfferState state :
       {OfferState::kOpen, OfferState::kAccepted, OfferState::kDeclined, OfferState::kExpired,
        OfferState::kWithdrawn, OfferState::kTaken}) {
    CHECK(OfferStateOf(NameOf(state)) == state);
  }
  for (const EntryState state :
       {EntryState::kWaiting, EntryState::kBooked, EntryState::kWithdrawn, EntryState::kExpired}) {
    CHECK(EntryStateOf(NameOf(state)) == state);
    CHECK(FromProto(ToProto(state)) == state);
  }
  for (const Urgency urgency : {Urgency::kUrgent, Urgency::kSoon, Urgency::kRoutine}) {
    CHECK(UrgencyOf(NameOf(urgency)) == urgency);
    CHECK(FromProto(ToProto(urgency)) == urgency);
  }
}

}  // namespace
}  // namespace clinicd::appointments
