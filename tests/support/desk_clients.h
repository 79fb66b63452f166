// The staff of a clinic, who do everything that can be done to visits and holds at random, all at
// once and in the same diaries, while the clock moves on; and write down what they were told.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "common/base/ids.h"
#include "common/base/random.h"
#include "tests/support/desk_board.h"
#include "tests/support/desk_calls.h"
#include "tests/support/diary_scene.h"
#include "tests/support/test_server.h"

namespace clinicd::testing {

// One of the staff. What has no answer is repeated under the same request id until it has one. Not
// thread-safe.
class DeskClient final {
 public:
  // A member's number, from 1; a connection for it, and a token that is good for ten minutes by the
  // server's clock.
  struct Member {
    int number = 0;
    std::shared_ptr<grpc::Channel> channel = {};
    std::function<std::string()> token = {};
  };

  // `scene` and `board` outlive the client.
  DeskClient(Member member, const DiaryScene& scene, DeskBoard& board, unsigned seed);

  // Makes one call.
  void Act();

 private:
  bool Chance(int percent) { return Below(100) < percent; }
  int Below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(engine_); }
  DeskVerb AnyVerb();
  DeskWish AnyWish();

  // The form for a visit, and what it takes by the answer.
  appointments::v1::Appointment FormOf(const DeskWish& wish, int visit) const;
  std::optional<DeskBoard::Visit> Understand(const appointments::v1::Appointment& told,
                                             DeskCall& call) const;

  void Book(DeskVerb verb);
  void HoldTime();
  // Books with a hold, or gives it up.
  void UseHold(DeskVerb verb, const DeskBoard::Hold& hold);
  void Act(DeskVerb verb, const DeskBoard::Visit& visit);
  void Move(const DeskBoard::Visit& visit);
  template <typename Request>
  void Change(grpc::Status (appointments::v1::AppointmentService::Stub::*method)(
                  grpc::ClientContext*, const Request&, appointments::v1::Appointment*),
              DeskVerb verb, const DeskBoard::Visit& visit);

  // Sends until there is an answer, and records it unless nothing explains it. `take` reads what
  // was done.
  template <typename Request, typename Response, typename Take>
  void Send(grpc::Status (appointments::v1::AppointmentService::Stub::*method)(grpc::ClientContext*,
                                                                               const Request&,
                                                                               Response*),
            Request request, DeskCall call, const Take& take);
  // The same for what is answered with a visit.
  template <typename Request>
  void SendForVisit(grpc::Status (appointments::v1::AppointmentService::Stub::*method)(
                        grpc::ClientContext*, const Request&, appointments::v1::Appointment*),
                    Request request, DeskCall call);
  void RenewToken();

  const Member member_;
  const DiaryScene& scene_;
  DeskBoard& board_;
  std::mt19937 engine_;
  SystemClock clock_;
  SystemRandom random_;
  const IdSource ids_;
  const std::map<std::string, int> numbers_;
  std::optional<Client> client_;
  std::int64_t token_until_ = 0;
  // Something that this client was once told.
  std::optional<DeskBoard::Visit> old_;
};

}  // namespace clinicd::testing
