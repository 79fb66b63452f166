// What the staff of a clinic knows together of the visits and holds in its diaries, and what they
// did.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "tests/support/desk_calls.h"
#include "tests/support/fakes.h"

namespace clinicd::testing {

// What somebody would like to have.
struct DeskWish {
  int practitioner = 0;
  // None: the chair is decided late.
  std::optional<int> chair = {};
  int patient = 0;
  Minutes minutes = {};
  // The chair is needed from this minute of the visit on.
  int chair_offset = 0;
  // Before and after.
  int buffer = 0;

  DeskPlace Place(bool with_patient = true) const;
};

// The part of a visit that takes `resource`, with its buffers.
DeskPart PartOf(int resource, const Minutes& visit, const Minutes& part, int buffer);

// What all of the staff share: ticks, the clock, the calls made, and what is known of visits and
// holds. Thread-safe.
class DeskBoard final {
 public:
  // As somebody was told last.
  struct Visit {
    int number = 0;
    std::string id = {};
    std::string etag = {};
    std::int64_t version = 0;
    std::string state = {};
    int patient = 0;
    int buffer = 0;
    Minutes minutes = {};
  };
  struct Hold {
    int number = 0;
    std::string id = {};
    int member = 0;
    DeskWish wish = {};
  };

  // `clock` is the server's, and outlives the board. Minutes and seconds are counted from the
  // midnight of `first_day` in `zone`, the clinic's, whose clocks do not change.
  DeskBoard(FakeClock& clock, absl::CivilDay first_day, absl::TimeZone zone)
      : clock_(clock), first_day_(first_day), midnight_(absl::FromCivil(first_day, zone)) {}

  absl::CivilDay first_day() const { return first_day_; }

  std::int64_t Tick() { return ++tick_; }
  int NewVisit() { return ++visits_; }
  int NewHold() { return ++holds_; }
  // What the server's clock says.
  std::int64_t Seconds() const { return SecondsOf(clock_.Now()); }
  std::int64_t SecondsOf(absl::Time time) const { return absl::ToInt64Seconds(time - midnight_); }

  // The clock moves with each call.
  void Record(DeskCall call);
  void Learn(const Visit& visit);
  void Learn(const Hold& hold);
  // Something that happened that nothing explains.
  void Wonder(std::string what);
  // A call was repeated, because there was no answer or it was to be.
  void CountRepeat() { ++repeats_; }

  // A visit of about now, rather one that `verb` may change than any; a hold of late, of
  // `member` or, where that is 0, of any.
  std::optional<Visit> PickVisit(DeskVerb verb, std::mt19937& engine) const;
  std::optional<Hold> PickHold(int member, std::mt19937& engine) const;

  // Once everybody is done.
  std::vector<DeskCall> TakeCalls();
  std::map<std::string, int> HoldNumbers() const;
  std::vector<std::string> surprises() const;
  int repeats() const { return repeats_; }

 private:
  FakeClock& clock_;
  const absl::CivilDay first_day_;
  const absl::Time midnight_;
  std::atomic<std::int64_t> tick_ = 0;
  std::atomic<int> visits_ = 0;
  std::atomic<int> holds_ = 0;
  std::atomic<int> repeats_ = 0;
  mutable absl::Mutex mutex_;
  std::vector<DeskCall> calls_ ABSL_GUARDED_BY(mutex_);
  std::map<int, Visit> known_ ABSL_GUARDED_BY(mutex_);
  std::vector<Hold> known_holds_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> surprises_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace clinicd::testing
