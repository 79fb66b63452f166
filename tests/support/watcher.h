// One who watches a day of the diary through the API.
#pragma once

#include <grpcpp/grpcpp.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/test_server.h"

namespace clinicd::testing {

// A request for a day, and where to go on from.
appointments::v1::WatchDayRequest DayRequest(int year, int month, int day,
                                             const std::string& resume_token = "");

// An open stream. Each wait gives up when the stream is a minute old. Not thread-safe, but for
// Cancel().
class Watcher final {
 public:
  using Event = appointments::v1::WatchDayEvent;
  using Kind = Event::EventCase;

  Watcher(const Client& client, const appointments::v1::WatchDayRequest& request);
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  // The next event, of whatever kind; nullopt when the stream has ended.
  std::optional<Event> Next();
  // The next event that is no heartbeat.
  std::optional<Event> NextChange();
  // Takes events until `done` holds of what is known; false when the stream ended before.
  template <typename Done>
  bool Await(const Done& done) {
    while (!done(*this)) {
      if (!Next()) return false;
    }
    return true;
  }
  // Takes what is left; how the stream ended.
  grpc::Status End();
  // Ends it from this side.
  void Cancel() { context_.TryCancel(); }

  // The day as the events so far tell it, by id.
  const std::map<std::string, appointments::v1::Appointment>& day() const { return day_; }
  // True from the end of the first snapshot on.
  bool complete() const { return complete_; }
  const std::string& token() const { return token_; }
  // The kinds of all events so far.
  const std::vector<Kind>& kinds() const { return kinds_; }

 private:
  void Apply(const Event& event);

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<Event>> reader_;
  std::map<std::string, appointments::v1::Appointment> day_;
  bool complete_ = false;
  std::string token_;
  std::vector<Kind> kinds_;
  bool ended_ = false;
};

}  // namespace clinicd::testing
