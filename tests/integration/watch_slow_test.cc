// Somebody watches, and takes nothing.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <map>
#include <regex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/support/front_desk.h"
#include "tests/support/http2_frames.h"
#include "tests/support/watcher.h"

namespace clinicd::testing {
namespace {

using appointments::v1::Appointment;
using appointments::v1::WatchDayRequest;
using Kind = edge::ListenerOptions::Kind;

// A day in two parts, the first of which is more than a stream may hold.
constexpr int kBooked = 201;
constexpr int kReasonLength = 200;
constexpr int kChanges = 20;
// What the edge may hold of a stream: its high-water mark, and the message that went beyond it.
constexpr double kHeldMax = 256 * 1024;

WatchDayRequest TheDay() { return DayRequest(2027, 3, 29); }

// A server behind its front door, and a long day.
class LongDay final {
 public:
  explicit LongDay(absl::Duration write_time_out)
      : server_(Options(write_time_out)),
        desk_(server_, "a"),
        patient_(desk_.RegisteredPatient()),
        practitioner_(desk_.AddPractitioner()) {
    for (int slot = 0; slot < kBooked; ++slot) Book(slot);
  }

  // The n-th slot after those that the day begins with.
  Appointment BookLater(int number) { return Book(kBooked + number); }
  const FrontDesk& desk() const { return desk_; }
  int port() { return server_.application().front_door()->port(Kind::kClear); }

  std::string Exposition() { return server_.metrics().Exposition(); }
  double Metric(const std::string& name) {
    const std::string text = Exposition();
    std::smatch match;
    REQUIRE(std::regex_search(text, match, std::regex("\n" + name + " ([0-9.e+]+)")));
    return std::stod(match[1].str());
  }

 private:
  static TestServer::Options Options(absl::Duration write_time_out) {
    return {.adjust = [write_time_out](server::ApplicationOptions& options) {
      options.front_door.edge.listeners = {
          {.kind = Kind::kClear, .address = {.host = "127.0.0.1", .port = 0}}};
      options.front_door.edge.limits.write = write_time_out;
    }};
  }
  Appointment Book(int slot) {
    Appointment form = AppointmentForm(
        patient_, practitioner_, absl::StrFormat("2027-03-29T%02d:%02d", slot / 12, slot % 12 * 5));
    form.set_duration_minutes(5);
    form.set_reason(std::string(kReasonLength, 'n'));
    return desk_.Booked(form);
  }

  TestServer server_;
  FrontDesk desk_;
  std::string patient_;
  std::string practitioner_;
};

// A client in HTTP/2 by hand, whose window is closed until Open(): its kernel takes whatever comes,
// and nothing may come.
class SlowWatcher final {
 public:
  SlowWatcher(int port, const std::string& token) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{.tv_sec = 30, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    using http2::Frame;
    Send(absl::StrCat(
        http2::kPreface,
        // INITIAL_WINDOW_SIZE is nothing.
        Frame(http2::kSettings, 0, 0, std::string("\0\4\0\0\0\0", 6)),
        Frame(http2::kSettings, http2::kAck, 0, ""),
        Frame(http2::kHeaders, http2::kEndHeaders, 1,
              http2::CallHead("/clinicd.appointments.v1.AppointmentService/WatchDay") +
                  http2::Literal("authorization", "Bearer " + token)),
        Frame(http2::kData, http2::kEndStream, 1, http2::Message(TheDay().SerializeAsString()))));
  }
  ~SlowWatcher() { ::close(fd_); }
  SlowWatcher(const SlowWatcher&) = delete;
  SlowWatcher& operator=(const SlowWatcher&) = delete;
  SlowWatcher(SlowWatcher&&) = delete;
  SlowWatcher& operator=(SlowWatcher&&) = delete;

  // Waits for the head of the answer: there is something to take, then.
  bool AwaitHead() {
    while (!answered_ && TakeFrame()) {
    }
    return answered_;
  }
  void Open() {
    const std::string much = http2::Number(1 << 30);
    Send(http2::Frame(http2::kWindowUpdate, 0, 0, much) +
         http2::Frame(http2::kWindowUpdate, 0, 1, much));
  }
  // Takes messages until `done` holds of the day; false when the connection ended before.
  template <typename Done>
  bool Await(const Done& done) {
    while (!done(day_)) {
      if (!TakeFrame()) return false;
    }
    return true;
  }
  int events() const { return events_; }

 private:
  static constexpr std::size_t kFrameHead = 9;
  static constexpr std::size_t kMessageHead = 5;

  static std::size_t NumberAt(const std::string& bytes, std::size_t at, std::size_t size) {
    std::size_t value = 0;
    for (std::size_t i = at; i < at + size; ++i) {
      value = value << 8 | static_cast<unsigned char>(bytes[i]);
    }
    return value;
  }
  void Send(const std::string& bytes) const {
    REQUIRE(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(bytes.size()));
  }
  bool Receive(std::size_t size) {
    char buffer[65536];
    while (received_.size() < size) {
      const ssize_t count = ::recv(fd_, buffer, sizeof(buffer), 0);
      if (count <= 0) return false;
      received_.append(buffer, static_cast<std::size_t>(count));
    }
    return true;
  }
  // False at the end of the connection.
  bool TakeFrame() {
    if (!Receive(kFrameHead)) return false;
    const std::size_t size = kFrameHead + NumberAt(received_, 0, 3);
    if (!Receive(size)) return false;
    answered_ |= received_[3] == http2::kHeaders;
    if (received_[3] == http2::kData) messages_.append(received_, kFrameHead, size - kFrameHead);
    received_.erase(0, size);
    TakeMessages();
    return true;
  }
  void TakeMessages() {
    while (messages_.size() >= kMessageHead) {
      const std::size_t size = kMessageHead + NumberAt(messages_, 1, 4);
      if (messages_.size() < size) return;
      appointments::v1::WatchDayEvent event;
      REQUIRE(event.ParseFromString(messages_.substr(kMessageHead, size - kMessageHead)));
      messages_.erase(0, size);
      ++events_;
      for (const Appointment& each : event.snapshot().appointments()) day_[each.id()] = each.etag();
      if (event.has_upsert()) day_[event.upsert().id()] = event.upsert().etag();
      if (event.has_remove()) day_.erase(event.remove().id());
    }
  }

  const int fd_;
  std::string received_;
  std::string messages_;
  bool answered_ = false;
  int events_ = 0;
  std::map<std::string, std::string> day_;
};

std::map<std::string, std::string> Etags(const Watcher& watcher) {
  std::map<std::string, std::string> etags;
  for (const auto& [id, appointment] : watcher.day()) etags[id] = appointment.etag();
  return etags;
}

TEST_CASE("Who takes nothing holds little, delays nobody, and is told the last state afterwards",
          "[streams][integration]") {
  LongDay day(absl::Minutes(5));
  SlowWatcher slow(day.port(), day.desk().client().token());
  REQUIRE(slow.AwaitHead());
  Watcher other(day.desk().client(), TheDay());
  REQUIRE(other.Await([](const Watcher& each) { return each.complete(); }));

  for (int i = 0; i < kChanges; ++i) {
    const std::string id = day.BookLater(0).id();
    REQUIRE(other.Await([&](const Watcher& each) { return each.day().count(id) == 1; }));
    REQUIRE(day.desk().Cancel(id).ok());
    REQUIRE(other.Await([&](const Watcher& each) { return each.day().count(id) == 0; }));
  }
  const Appointment kept = day.BookLater(1);
  REQUIRE(other.Await([&](const Watcher& each) { return each.day().count(kept.id()) == 1; }));
  CHECK(day.Metric("clinicd_edge_in_flight_bytes") > 0);
  CHECK(day.Metric("clinicd_edge_in_flight_bytes") < kHeldMax);

  slow.Open();
  CHECK(slow.Await([&](const auto& seen) { return seen == Etags(other); }));
  // Of the changes it was told what was left of them.
  CHECK(slow.events() < 10);
}

TEST_CASE("Who takes nothing for too long is cut off, and nobody else", "[streams][integration]") {
  LongDay day(absl::Milliseconds(500));
  SlowWatcher slow(day.port(), day.desk().client().token());
  REQUIRE(slow.AwaitHead());
  Watcher other(day.desk().client(), TheDay());
  REQUIRE(other.Await([](const Watcher& each) { return each.complete(); }));

  // It keeps being told of what changes until the server has one stream left.
  for (int i = 0; day.Metric("clinicd_streams") > 1; ++i) {
    const std::string id = day.BookLater(i % 12).id();
    REQUIRE(other.Await([&](const Watcher& each) { return each.day().count(id) == 1; }));
    REQUIRE(day.desk().Cancel(id).ok());
    REQUIRE(other.Await([&](const Watcher& each) { return each.day().count(id) == 0; }));
  }

  CHECK_FALSE(slow.Await([](const auto&) { return false; }));
  CHECK_THAT(day.Exposition(), Catch::Contains(R"(clinicd_edge_cuts_total{reason="write"} 1)"));
}

}  // namespace
}  // namespace clinicd::testing
