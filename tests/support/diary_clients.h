// Clients who book, move, cancel and read at random in the diaries of one clinic, all at once, and
// write down what they were told.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/ids.h"
#include "common/base/random.h"
#include "tests/support/diary_history.h"
#include "tests/support/diary_scene.h"
#include "tests/support/test_server.h"

namespace clinicd::testing {

// What all clients share: the clock, the history, and what is known of visits. Thread-safe.
class DiaryBoard final {
 public:
  // A visit as somebody was told of it.
  struct Known {
    int visit = 0;
    std::string id = {};
    std::string etag = {};
    std::int64_t version = 0;
    bool cancelled = false;
    VisitPlace place = {};
  };

  std::int64_t Tick() { return ++tick_; }
  int NewVisit() { return ++visits_; }

  void Record(DiaryCall call);
  // Keeps the newest version.
  void Learn(const Known& known);
  // Something that happened that nothing explains.
  void Wonder(std::string what);

  int calls() const;
  // Waits for so many calls; false if that takes longer than five minutes.
  bool AwaitCalls(int calls) const;
  // The day that everybody works on; it changes as calls are made.
  int day() const;
  // Any visit of that day or the one before.
  std::optional<Known> Pick(std::mt19937& engine) const;

  // Once everybody is done.
  std::vector<DiaryCall> TakeHistory();
  std::vector<std::string> surprises() const;

 private:
  std::atomic<std::int64_t> tick_ = 0;
  std::atomic<int> visits_ = 0;
  mutable absl::Mutex mutex_;
  std::vector<DiaryCall> history_ ABSL_GUARDED_BY(mutex_);
  std::map<int, Known> known_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> surprises_ ABSL_GUARDED_BY(mutex_);
};

// One client. What fails for want of a server is repeated under the same request id until it is
// answered, or given up at random. Not thread-safe.
class DiaryClient final {
 public:
  // A connection with a token that is good for a while.
  using Connect = std::function<Client()>;

  // `scene` and `board` outlive the client.
  DiaryClient(Connect connect, const DiaryScene& scene, DiaryBoard& board, unsigned seed);

  // Makes one call.
  void Act();
  // Reads a day, whatever it takes.
  void Read(int day);

 private:
  bool Chance(int percent);
  int Below(int end);
  VisitPlace AnyPlace();
  // The visit as the API shows it, in numbers.
  std::optional<DiaryBoard::Known> Understand(const appointments::v1::Appointment& appointment);
  void FillAllocations(const VisitPlace& place,
                       google::protobuf::RepeatedPtrField<appointments::v1::Allocation>& parts);

  void Book();
  void Move(const DiaryBoard::Known& known);
  void Cancel(const DiaryBoard::Known& known);
  // Sends until there is an answer, and records it.
  template <typename Request>
  void Send(grpc::Status (appointments::v1::AppointmentService::Stub::*method)(
                grpc::ClientContext*, const Request&, appointments::v1::Appointment*),
            Request request, DiaryCall call);
  void TakeAnswer(const Reply<appointments::v1::Appointment>& reply, DiaryCall call);
  void TakeRefusal(const Reply<appointments::v1::Appointment>& reply, DiaryCall& call);
  void Reconnect();

  const Connect connect_;
  const DiaryScene& scene_;
  DiaryBoard& board_;
  std::mt19937 engine_;
  SystemClock clock_;
  SystemRandom random_;
  const IdSource ids_;
  const std::map<std::string, int> numbers_;
  std::optional<Client> client_;
  int connected_on_ = -1;
  // Something that this client was once told.
  std::optional<DiaryBoard::Known> old_;
};

}  // namespace clinicd::testing
