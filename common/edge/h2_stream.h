// One request and its answer on an HTTP/2 connection.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/edge/http.h"
#include "common/edge/out_buffer.h"
#include "common/edge/session.h"

namespace clinicd::edge {

class H2Session;

// Belongs to its session; nghttp2 calls come through the session only.
class H2Stream final : public HttpStream {
 public:
  H2Stream(H2Session& session, std::int32_t id, absl::Time now);
  ~H2Stream() override;
  H2Stream(const H2Stream&) = delete;
  H2Stream& operator=(const H2Stream&) = delete;
  H2Stream(H2Stream&&) = delete;
  H2Stream& operator=(H2Stream&&) = delete;

  const Peer& peer() const override;
  void SendHead(int status, Headers headers) override;
  void SendData(std::string bytes) override;
  void End(Headers trailers) override;
  void Reset(ResetReason reason) override;
  bool HasRoom() override;
  void ConsumeBody(std::size_t bytes) override;
  bool KeepBody(std::size_t bytes) override;
  Poster PostToConnection() const override;

  // What the session does with it.
  // Takes a header of the request's head, counted against the limits.
  void AddHeader(std::string_view name, std::string_view value);
  // Whether so many headers came that even an answer is not worth it.
  bool header_bomb() const;
  // The head is complete: chooses who answers and starts.
  void StartRequest(bool ends);
  void TakeBody(std::string_view bytes, absl::Time now);
  void TakeBodyEnd();
  bool request_ended() const { return request_ended_; }
  // The last of the answer is with nghttp2.
  bool answered() const { return answered_; }
  // Hands the head of the answer to nghttp2, if there is one to hand over.
  void SubmitHead();
  // Gives nghttp2 the next bytes of the answer, as its data source.
  ssize_t Read(char* to, std::size_t room, std::uint32_t& flags, absl::Time now);
  // Tells the handler that there is room, once it has asked for some; false when there is none.
  bool ServeWaiting();
  // No more calls into the session; the handler is told afterwards with CallClosed.
  void Close(CloseReason reason);
  void CallClosed();
  std::optional<Cut> Overdue(absl::Time now) const;

 private:
  bool RoomIsLeft() const;
  // Bytes of the answer have left, or never will.
  void ReleaseUnsent(std::size_t bytes);

  H2Session& session_;
  const std::int32_t id_;
  std::shared_ptr<RequestHandler> handler_;

  // The request. Its head is let go once somebody answers: streams are many, and some wait for
  // long.
  std::unique_ptr<RequestHead> head_ = std::make_unique<RequestHead>();
  std::size_t header_bytes_ = 0;
  std::size_t header_count_ = 0;
  bool request_ended_ = false;
  std::size_t received_ = 0;
  std::size_t unconsumed_ = 0;
  // The head, and what the handler keeps of the body.
  HeldBytes kept_;
  const absl::Time began_;
  absl::Time last_received_;

  // The answer.
  enum class Answer { kNone, kHead, kSubmitted };
  Answer answer_ = Answer::kNone;
  int status_ = 0;
  Headers headers_;
  OutBuffer out_;
  bool ended_ = false;
  bool without_body_ = false;
  Headers trailers_;
  bool deferred_ = false;
  bool answered_ = false;
  // The session knows that the handler was told to wait.
  bool waits_ = false;
  absl::Time last_sent_;

  bool reset_ = false;
  bool closed_ = false;
  CloseReason close_reason_ = CloseReason::kLost;
};

}  // namespace clinicd::edge
