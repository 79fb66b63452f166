// One who watches a day of the diary.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clinicd/appointments/v1/appointment_service.pb.h"
#include "common/auth/page_token.h"
#include "common/rpc/stream.h"
#include "db/access/change_feed.h"
#include "services/appointments/appointment_rules.h"
#include "services/appointments/appointment_store.h"

namespace clinicd::appointments {

// Makes and reads resume tokens: a position in the change table, for one user and one request.
class ResumeTokens final {
 public:
  ResumeTokens(const auth::PageTokenCodec& codec, const rpc::CallInfo& info,
               const v1::WatchDayRequest& request);

  // `now` is when the token is made.
  absl::StatusOr<std::string> Make(std::int64_t position, absl::Time now) const;
  // The position of a token; nullopt when the token is empty, or too old or of another time zone,
  // so that the day has to be sent anew. Errors: INVALID_ARGUMENT (RESUME_TOKEN_INVALID).
  absl::StatusOr<std::optional<std::int64_t>> Read(const std::string& token, absl::Time now) const;

 private:
  const auth::PageTokenCodec& codec_;
  auth::PageBinding binding_;
  std::string time_zone_;
};

// What is watched, and the changes of the days that it is on.
struct Watched {
  DayRange range = {};
  std::optional<PractitionerId> practitioner = {};
  bool show_cancelled = false;
};
// The same in terms of the change table.
db::Interest InterestIn(const Watched& watched, ClinicId clinic);

// The events of one stream: snapshots of the day, then what changes. See
// AppointmentService.WatchDay for what a client may rely on.
class DayWatch final : public rpc::Stream<v1::WatchDayEvent> {
 public:
  struct Parts {
    db::ChangeFeed& feed;
    const AppointmentStore& store;
    ResumeTokens tokens;
  };

  // Goes on from `resume_from` where that is given.
  DayWatch(Parts parts, const Watched& watched, ClinicId clinic,
           std::optional<std::int64_t> resume_from, rpc::Wake wake);

  bool Due() const override;
  absl::StatusOr<std::vector<v1::WatchDayEvent>> Read(rpc::Call& call) override;
  void Sent() override;
  absl::StatusOr<v1::WatchDayEvent> Heartbeat(absl::Time now) override;

 private:
  using Events = std::vector<v1::WatchDayEvent>;
  enum class Mode { kSnapshot, kResume, kChanges };

  // What the client will know, and what comes next, once the events of the last Read() are sent.
  struct Outcome {
    Mode mode = Mode::kChanges;
    // The last of the snapshot so far, when it goes on.
    std::optional<StartPosition> snapshot_after = {};
    bool forget_known = false;
    absl::flat_hash_map<AppointmentId, std::int64_t> known = {};
    std::vector<AppointmentId> gone = {};
  };

  // Adds what the feed has to what is in hand.
  void TakeNews();
  absl::StatusOr<Events> ReadSnapshot(rpc::Call& call);
  absl::StatusOr<Events> ReadResumed(rpc::Call& call);
  absl::StatusOr<Events> ReadChanges(rpc::Call& call);
  // The events of what is in hand, of which `rows` are within what is watched.
  Events EventsOf(const std::vector<Appointment>& rows);
  // Puts the token of what is in hand on the last event.
  absl::StatusOr<Events> WithToken(Events events, absl::Time now) const;

  const Parts parts_;
  const Watched watched_;
  const db::Interest interest_;
  Mode mode_;
  // The position to go on from, in mode kResume.
  const std::int64_t resume_from_;
  // Whether the client may know appointments from an earlier stream.
  const bool resumed_;
  std::optional<StartPosition> snapshot_after_;
  // Taken from the feed; sent with the next events.
  absl::flat_hash_set<Uuid> in_hand_;
  // Up to where the client knows everything once that is sent, and where the table ended then.
  std::int64_t position_ = 0;
  std::int64_t end_ = 0;
  // What the client was sent, by version: an appointment that it never had is not removed.
  absl::flat_hash_map<AppointmentId, std::int64_t> known_;
  Outcome outcome_;
  const std::unique_ptr<db::ChangeSubscription> subscription_;
};

}  // namespace clinicd::appointments
