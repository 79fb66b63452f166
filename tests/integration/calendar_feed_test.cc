// Calendar feeds over HTTPS, as the calendar of a phone reads them.
#include <libical/ical.h>

#include <algorithm>

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/crypto/digest.h"
#include "services/appointments/calendar_feed.h"
#include "services/server/dev_certificates.h"
#include "tests/support/front_desk.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/tls_client.h"

namespace clinicd::testing {
namespace {

using appointments::v1::Appointment;
using appointments::v1::CalendarFeed;
using appointments::v1::CreateCalendarFeedRequest;
using appointments::v1::CreateCalendarFeedResponse;
using FeedStub = appointments::v1::CalendarFeedService::Stub;
using Kind = edge::ListenerOptions::Kind;
using Texts = std::vector<std::string>;
using Component = std::unique_ptr<icalcomponent, decltype(&icalcomponent_free)>;

struct HttpAnswer {
  int status = 0;
  // Names in lower case.
  std::map<std::string, std::string> headers = {};
  std::string body = {};
};

HttpAnswer Parsed(const std::string& text) {
  HttpAnswer answer;
  const std::size_t end = text.find("\r\n\r\n");
  REQUIRE(end != std::string::npos);
  const std::vector<std::string> lines = absl::StrSplit(text.substr(0, end), "\r\n");
  answer.status = std::stoi(lines[0].substr(lines[0].find(' ') + 1));
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::size_t colon = lines[i].find(": ");
    answer.headers[absl::AsciiStrToLower(lines[i].substr(0, colon))] = lines[i].substr(colon + 2);
  }
  answer.body = text.substr(end + 4);
  return answer;
}

// A server with a front door over TLS, and a clinic with a practitioner.
class Practice final {
 public:
  // A fresh clinic on the same server.
  struct Office {
    Office(TestServer& server, const std::string& slug)
        : desk(server, slug),
          owner(server.SignedIn(desk.clinic(), {identity::v1::ROLE_OWNER})),
          practitioner(desk.AddPractitioner()),
          patient(desk.RegisteredPatient("Ana", "Li")) {}

    FrontDesk desk;
    Client owner;
    std::string practitioner;
    std::string patient;
  };

  Practice() : server_(Options()), office(server_, "north") {}

  TestServer& server() { return server_; }

  Reply<CreateCalendarFeedResponse> Create(const Office& of, bool names = false,
                                           const std::string& request_id = "") {
    CreateCalendarFeedRequest request;
    request.mutable_calendar_feed()->set_practitioner_id(of.practitioner);
    request.mutable_calendar_feed()->set_show_patient_names(names);
    request.set_request_id(request_id.empty() ? server_.RequestId() : request_id);
    return of.owner.Call(of.owner.calendar_feeds(), &FeedStub::CreateCalendarFeed, request);
  }
  CreateCalendarFeedResponse Created(const Office& of, bool names = false) {
    const auto reply = Create(of, names);
    INFO(reply.status.error_message());
    REQUIRE(reply.ok());
    return reply.response;
  }
  Reply<CalendarFeed> Revoke(const Office& of, const std::string& id) {
    appointments::v1::RevokeCalendarFeedRequest request;
    request.set_id(id);
    request.set_request_id(server_.RequestId());
    return of.owner.Call(of.owner.calendar_feeds(), &FeedStub::RevokeCalendarFeed, request);
  }
  Texts Listed(const Office& of, bool show_revoked) {
    appointments::v1::ListCalendarFeedsRequest request;
    request.set_show_revoked(show_revoked);
    const auto reply =
        of.owner.Call(of.owner.calendar_feeds(), &FeedStub::ListCalendarFeeds, request);
    REQUIRE(reply.ok());
    Texts ids;
    for (const CalendarFeed& feed : reply.response.calendar_feeds()) ids.push_back(feed.id());
    return ids;
  }

  HttpAnswer Ask(const std::string& method, const std::string& path,
                 const std::string& if_none_match = "") {
    const std::string condition =
        if_none_match.empty() ? "" : absl::StrCat("If-None-Match: ", if_none_match, "\r\n");
    return Parsed(
        ExchangeOverTls(server_.application().front_door()->port(), directory_.Read("tls/ca.pem"),
                        absl::StrCat(method, " ", path,
                                     " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Calendar/1.0\r\n",
                                     condition, "Connection: close\r\n\r\n")));
  }
  HttpAnswer Get(const std::string& path) { return Ask("GET", path); }

 private:
  TestServer::Options Options() {
    const auto made = server::EnsureDevCertificates(directory_.path("tls"), clock_.Now(), random_);
    REQUIRE(made.ok());
    return {.adjust = [made](server::ApplicationOptions& options) {
      options.front_door.edge.listeners = {
          {.kind = Kind::kTls, .address = {.host = "127.0.0.1", .port = 0}}};
      options.front_door.tls = made->server;
    }};
  }

  TemporaryDirectory directory_;
  SystemClock clock_;
  SystemRandom random_;
  TestServer server_;

 public:
  Office office;
};

// Local, tomorrow or later at noon in Madrid, where the clinics are.
std::string NoonIn(int days) {
  absl::TimeZone zone;
  REQUIRE(absl::LoadTimeZone("Europe/Madrid", &zone));
  return absl::StrCat(absl::FormatCivilTime(absl::ToCivilDay(absl::Now(), zone) + days), "T12:00");
}

Appointment Booked(const Practice::Office& office, int days = 1) {
  return office.desk.Booked(AppointmentForm(office.patient, office.practitioner, NoonIn(days)));
}

struct Event {
  std::string status;
  std::string summary;
  std::string tzid;
  int sequence = 0;
  absl::Time starts_at = {};
  absl::Time ends_at = {};
};

absl::Time TimeOf(icaltimetype time) {
  // With the VTIMEZONE that the feed brings, not with what libical knows itself.
  return absl::FromTimeT(icaltime_as_timet_with_zone(time, icaltime_get_timezone(time)));
}

// By UID.
std::map<std::string, Event> EventsOf(const std::string& text) {
  const Component calendar(icalparser_parse_string(text.c_str()), icalcomponent_free);
  REQUIRE(calendar != nullptr);
  CHECK(icalcomponent_count_errors(calendar.get()) == 0);
  CHECK(icalcomponent_count_components(calendar.get(), ICAL_VTIMEZONE_COMPONENT) == 1);
  std::map<std::string, Event> events;
  for (icalcomponent* part =
           icalcomponent_get_first_component(calendar.get(), ICAL_VEVENT_COMPONENT);
       part != nullptr;
       part = icalcomponent_get_next_component(calendar.get(), ICAL_VEVENT_COMPONENT)) {
    Event event;
    event.status = icalproperty_status_to_string(icalcomponent_get_status(part));
    event.summary = icalcomponent_get_summary(part);
    event.sequence = icalcomponent_get_sequence(part);
    icalproperty* const start = icalcomponent_get_first_property(part, ICAL_DTSTART_PROPERTY);
    if (icalparameter* const zone = icalproperty_get_first_parameter(start, ICAL_TZID_PARAMETER)) {
      event.tzid = icalparameter_get_tzid(zone);
    }
    event.starts_at = TimeOf(icalcomponent_get_dtstart(part));
    event.ends_at = TimeOf(icalcomponent_get_dtend(part));
    events[icalcomponent_get_uid(part)] = event;
  }
  return events;
}

std::string UidOf(const Appointment& visit) { return visit.id() + "@clinicd"; }

TEST_CASE("A calendar reads the visits of its practitioner, without a patient's name",
          "[calendar_feed][integration]") {
  Practice practice;
  const Appointment visit = Booked(practice.office);
  const std::string other = practice.office.desk.AddPractitioner();
  practice.office.desk.Booked(AppointmentForm(practice.office.patient, other, NoonIn(2)));
  const auto created = practice.Created(practice.office);

  const HttpAnswer answer = practice.Get(created.path());

  CHECK(answer.status == 200);
  CHECK(answer.headers.at("content-type") == "text/calendar; charset=utf-8");
  CHECK(answer.headers.at("cache-control") == "private, no-cache");
  CHECK(answer.body.find("Ana") == std::string::npos);
  CHECK(answer.body.find("Li") == std::string::npos);
  CHECK(answer.body.find(practice.office.patient) == std::string::npos);
  const auto events = EventsOf(answer.body);
  REQUIRE(events.size() == 1);
  const Event& event = events.at(UidOf(visit));
  CHECK(event.status == "CONFIRMED");
  CHECK(event.summary == "Appointment");
  CHECK(event.tzid == "Europe/Madrid");
  CHECK(event.starts_at == absl::FromUnixSeconds(visit.start_time().seconds()));
  CHECK(event.ends_at - event.starts_at == absl::Minutes(30));
}

TEST_CASE("A feed has names of patients when it was created to have them",
          "[calendar_feed][integration]") {
  Practice practice;
  const Appointment visit = Booked(practice.office);
  const auto created = practice.Created(practice.office, true);

  const auto events = EventsOf(practice.Get(created.path()).body);

  CHECK(created.calendar_feed().show_patient_names());
  CHECK(events.at(UidOf(visit)).summary == "Ana Li");
}

TEST_CASE("A visit that changes keeps its place in the feed with a higher sequence",
          "[calendar_feed][integration]") {
  Practice practice;
  const Appointment visit = Booked(practice.office);
  const std::string path = practice.Created(practice.office).path();
  const Event before = EventsOf(practice.Get(path).body).at(UidOf(visit));

  REQUIRE(practice.office.desk.Cancel(visit.id()).ok());
  const Event after = EventsOf(practice.Get(path).body).at(UidOf(visit));

  CHECK(after.status == "CANCELLED");
  CHECK(after.sequence > before.sequence);
}

TEST_CASE("What was cancelled more than thirty days ago is in no feed",
          "[calendar_feed][integration]") {
  Practice practice;
  const Appointment recent = Booked(practice.office, 1);
  const Appointment old = Booked(practice.office, 2);
  REQUIRE(practice.office.desk.Cancel(recent.id()).ok());
  REQUIRE(practice.office.desk.Cancel(old.id()).ok());
  REQUIRE(practice.server()
              .database()
              .Connect()
              .Query("UPDATE clinicd.appointments SET cancelled_at = now() - interval '32 days' "
                     "WHERE id = $1",
                     {old.id()})
              .ok());
  const std::string path = practice.Created(practice.office).path();

  const auto events = EventsOf(practice.Get(path).body);

  CHECK(events.contains(UidOf(recent)));
  CHECK_FALSE(events.contains(UidOf(old)));
}

TEST_CASE("A visit is as long in a feed as its practitioner takes part in it",
          "[calendar_feed][integration]") {
  Practice practice;
  Practice::Office& office = practice.office;
  const std::string second = office.desk.AddPractitioner();
  Appointment form = AppointmentForm(office.patient, office.practitioner, NoonIn(1));
  for (const auto& [who, offset] : {std::pair(office.practitioner, 0), std::pair(second, 20)}) {
    auto& part = *form.add_allocations();
    part.set_kind(appointments::v1::RESOURCE_KIND_PRACTITIONER);
    part.set_resource_id(who);
    part.set_offset_minutes(offset);
    part.set_duration_minutes(10);
  }
  const Appointment visit = office.desk.Booked(form);
  office.practitioner = second;

  const auto events = EventsOf(practice.Get(practice.Created(office).path()).body);

  const Event& event = events.at(UidOf(visit));
  CHECK(event.starts_at == absl::FromUnixSeconds(visit.start_time().seconds()) + absl::Minutes(20));
  CHECK(event.ends_at - event.starts_at == absl::Minutes(10));
}

TEST_CASE("A calendar that has the feed is told so, and HEAD says what GET would",
          "[calendar_feed][integration]") {
  Practice practice;
  const std::string path = practice.Created(practice.office).path();
  const HttpAnswer first = practice.Get(path);
  const std::string tag = first.headers.at("etag");

  const HttpAnswer same = practice.Ask("GET", path, tag);
  const HttpAnswer head = practice.Ask("HEAD", path);
  Booked(practice.office);
  const HttpAnswer changed = practice.Ask("GET", path, tag);

  CHECK(EventsOf(first.body).empty());
  CHECK(same.status == 304);
  CHECK(same.body.empty());
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  CHECK(head.headers.at("etag") == tag);
  CHECK(head.headers.at("content-length") == std::to_string(first.body.size()));
  CHECK(changed.status == 200);
  CHECK(changed.headers.at("etag") != tag);
}

TEST_CASE("Unknown, revoked, foreign and malformed addresses are answered alike",
          "[calendar_feed][integration]") {
  Practice practice;
  Practice::Office other(practice.server(), "south");
  const auto revoked = practice.Created(practice.office);
  REQUIRE(practice.Get(revoked.path()).status == 200);
  REQUIRE(practice.Revoke(practice.office, revoked.calendar_feed().id()).ok());
  const std::string mine = practice.Created(practice.office).path();
  std::string unknown = mine;
  unknown[60] = unknown[60] == 'A' ? 'B' : 'A';
  // A secret that is good, turned to another clinic.
  auto address = appointments::ParseFeedPath(mine);
  REQUIRE(address.has_value());
  address->clinic = other.desk.clinic().id;
  const std::string turned = appointments::FormatFeedPath(*address);

  const HttpAnswer expected = practice.Get(unknown);

  CHECK(expected.status == 404);
  for (const std::string& path : {revoked.path(), turned, std::string("/calendar/x.ics"),
                                  std::string("/calendar/..ics"), mine + "x"}) {
    CAPTURE(path);
    const HttpAnswer answer = practice.Get(path);
    CHECK(answer.status == 404);
    CHECK(answer.body == expected.body);
    CHECK(answer.headers.size() == expected.headers.size());
  }
  CHECK(practice.Get("/calendar/").status == 404);
  CHECK(practice.Ask("POST", mine).status == 405);
  CHECK(practice.Get(mine).status == 200);
}

TEST_CASE("Reading a feed leaves a row with the feed as its actor, and no other does",
          "[calendar_feed][integration]") {
  Practice practice;
  const auto created = practice.Created(practice.office);
  const std::size_t before = practice.office.desk.Trail().size();

  REQUIRE(practice.Get(created.path()).status == 200);
  REQUIRE(practice.Get("/calendar/x.ics").status == 404);

  const auto trail = practice.office.desk.Trail();
  // One more is that of looking at the trail.
  REQUIRE(trail.size() == before + 2);
  const auto row = std::ranges::find_if(
      trail, [](const auto& event) { return event.method() == "GET /calendar"; });
  REQUIRE(row != trail.end());
  CHECK(row->actor_user_id() == created.calendar_feed().id());
  CHECK(row->entity_type() == "calendar_feed");
  CHECK(row->entity_id() == created.calendar_feed().id());
  CHECK(row->client_address() == "127.0.0.1");
  CHECK(row->user_agent() == "Calendar/1.0");
}

TEST_CASE("The address is told once and kept nowhere", "[calendar_feed][integration]") {
  Practice practice;
  const std::string request_id = practice.server().RequestId();

  const auto first = practice.Create(practice.office, false, request_id);
  const auto again = practice.Create(practice.office, false, request_id);

  REQUIRE(first.ok());
  REQUIRE(again.ok());
  CHECK(again.response.calendar_feed().SerializeAsString() ==
        first.response.calendar_feed().SerializeAsString());
  CHECK(again.response.path().empty());
  const std::string secret = first.response.path().substr(31, 32);
  auto superuser = practice.server().database().Connect();
  for (const char* table : {"idempotency_keys", "audit_events", "calendar_feeds"}) {
    const auto found = superuser.Query(
        absl::StrCat("SELECT count(*) FROM clinicd.", table,
                     " AS kept WHERE strpos(kept::text, $1) > 0 OR strpos(kept::text, $2) > 0"),
        {secret, crypto::ToHex(secret)});
    REQUIRE(found.ok());
    CAPTURE(table);
    CHECK((*found)[0][0] == "0");
  }
  CHECK(practice.server().Log().find(secret) == std::string::npos);
}

TEST_CASE("Feeds are listed until they are revoked, and revoked once",
          "[calendar_feed][integration]") {
  Practice practice;
  const std::string one = practice.Created(practice.office).calendar_feed().id();
  const std::string two = practice.Created(practice.office).calendar_feed().id();

  const auto first = practice.Revoke(practice.office, one);
  const auto second = practice.Revoke(practice.office, one);

  REQUIRE(first.ok());
  CHECK(first.response.has_revoke_time());
  CHECK(second.response.SerializeAsString() == first.response.SerializeAsString());
  CHECK(practice.Listed(practice.office, false) == Texts{two});
  CHECK(practice.Listed(practice.office, true) == Texts{one, two});
}

TEST_CASE("A feed or a practitioner of another clinic is none", "[calendar_feed][integration]") {
  Practice practice;
  Practice::Office other(practice.server(), "south");
  const std::string theirs = practice.Created(other).calendar_feed().id();

  const auto revoked = practice.Revoke(practice.office, theirs);
  practice.office.practitioner = other.practitioner;
  const auto created = practice.Create(practice.office);

  CHECK(revoked.code() == grpc::StatusCode::NOT_FOUND);
  CHECK(revoked.reason() == ErrorReason::CALENDAR_FEED_NOT_FOUND);
  CHECK(created.reason() == ErrorReason::PRACTITIONER_NOT_FOUND);
  CHECK(practice.Listed(practice.office, true).empty());
}

TEST_CASE("A suspended clinic has no feeds", "[calendar_feed][integration]") {
  Practice practice;
  const std::string path = practice.Created(practice.office).path();
  REQUIRE(practice.server()
              .database()
              .Connect()
              .Execute("UPDATE clinicd.clinics SET state = 'suspended'")
              .ok());

  CHECK(practice.Get(path).status == 404);
}

}  // namespace
}  // namespace clinicd::testing
