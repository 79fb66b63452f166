// A clinic whose diary was filed by other rules of time zones than those of this machine.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "db/access/transaction_runner.h"
#include "services/appointments/time_zone_update.h"
#include "tests/support/front_desk.h"
#include "tests/support/vault_scene.h"

namespace clinicd::testing {

inline constexpr char kVersion[] = "2099a";

// Moves diaries, as a server or a sub-command does.
class TimeZoneMachine final {
 public:
  // With the keys of `server`, whose database it is.
  explicit TimeZoneMachine(const TestServer& server);

  const appointments::TimeZoneUpdate& update() const { return update_; }
  // Of version kVersion, unless the order says otherwise; must succeed.
  appointments::TimeZoneReport Run(const FrontDesk& desk,
                                   appointments::TimeZoneUpdate::Order order = {}) const;

 private:
  SystemClock clock_;
  SystemRandom random_;
  IdSource ids_;
  VaultProcess vault_;
  db::Pool pool_;
  db::TransactionRunner runner_;
  appointments::TimeZoneUpdate update_;
};

// A desk with a patient and a practitioner.
class TimeZoneDesk final {
 public:
  TimeZoneDesk(TestServer& server, const std::string& slug);

  const FrontDesk& desk() const { return desk_; }
  const std::string& practitioner() const { return practitioner_; }

  appointments::v1::Appointment Book(const std::string& local_start, int minutes = 30) const;
  appointments::v1::Appointment Get(const std::string& id) const;
  // A hold of an hour.
  std::string Hold(const std::string& local_start) const;

  // Lets every visit and hold of the clinic from 28 March to 30 October 2027 be filed as by rules
  // by which clocks are so many minutes later there.
  void File(int minutes_later) const;
  // The same for one of them.
  void File(int minutes_later, const std::string& id) const;
  // All that says when the clinic's visits and holds are.
  std::string Times() const;
  // By which version the diary is in line; empty: none is known.
  std::string Version() const;
  std::string QueryValue(const std::string& sql) const;
  void Execute(const std::string& sql) const;

 private:
  void Shift(int minutes, const std::string& which) const;

  TestServer& server_;
  FrontDesk desk_;
  std::string patient_;
  std::string practitioner_;
};

}  // namespace clinicd::testing
