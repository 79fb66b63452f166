// HTTP/1.1: one request after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/edge/h1_parser.h"
#include "common/edge/http.h"
#include "common/edge/out_buffer.h"
#include "common/edge/session.h"

namespace clinicd::edge {

class H1Session final : public Session {
 public:
  // `parts` and `wire` outlive it.
  H1Session(const SessionParts& parts, Wire& wire, absl::Time now);
  ~H1Session() override;
  H1Session(const H1Session&) = delete;
  H1Session& operator=(const H1Session&) = delete;
  H1Session(H1Session&&) = delete;
  H1Session& operator=(H1Session&&) = delete;

  void Receive(std::string_view bytes, absl::Time now) override;
  bool wants_input() const override;
  void TakeOutput(std::string& out, absl::Time now) override;
  void OnFlushed() override;
  void OnLost() override;
  bool finished() const override { return finished_; }
  void Drain(absl::Time now) override;
  std::optional<Cut> Overdue(absl::Time now) override;
  std::optional<Cut> cut() const override { return cut_; }

 private:
  class Exchange;

  enum class Input { kHead, kBody, kEnded };

  // Reads on in what has been received.
  void Process();
  bool ReadHead();
  bool ReadBody();
  void StartExchange(std::shared_ptr<RequestHandler> handler);
  // Answers with an error of the connection itself, and ends it afterwards.
  void Refuse(int status);
  void WriteHead(std::string& out);
  void WriteBody(std::string& out);
  void EndExchange(CloseReason reason);

  const SessionParts& parts_;
  Wire& wire_;
  absl::Time now_;
  absl::Time last_active_;

  // The request.
  Input input_ = Input::kHead;
  std::string in_;
  absl::Time head_began_;
  bool first_head_ = true;
  std::unique_ptr<H1Parser> parser_;
  absl::Time body_began_;
  absl::Time last_received_;

  std::unique_ptr<Exchange> exchange_;
  bool keep_alive_ = true;
  bool draining_ = false;
  bool finished_ = false;
  bool processing_ = false;
  std::optional<Cut> cut_;
};

// The request under way and its answer.
class H1Session::Exchange final : public HttpStream {
 public:
  Exchange(H1Session& session, std::shared_ptr<RequestHandler> handler)
      : session_(session), handler_(std::move(handler)), kept_(session.parts_.budget) {}
  ~Exchange() override;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  Exchange(Exchange&&) = delete;
  Exchange& operator=(Exchange&&) = delete;

  const Peer& peer() const override { return session_.wire_.peer(); }
  void SendHead(int status, Headers headers) override;
  void SendData(std::string bytes) override;
  void End(Headers trailers) override;
  void Reset(ResetReason reason) override;
  bool HasRoom() override;
  void ConsumeBody(std::size_t bytes) override;
  bool KeepBody(std::size_t bytes) override;
  Poster PostToConnection() const override { return session_.wire_.poster(); }

  void TakeBody(std::string_view bytes);

 private:
  friend class H1Session;

  enum class Framing { kNone, kLength, kChunked, kUntilClose };
  enum class Answer { kNone, kHead, kBody, kWritten };

  H1Session& session_;
  const std::shared_ptr<RequestHandler> handler_;
  bool is_head_request_ = false;
  bool http_1_0_ = false;

  std::size_t received_ = 0;
  std::size_t unconsumed_ = 0;
  // By the handler, of what it has consumed.
  HeldBytes kept_;

  Answer answer_ = Answer::kNone;
  int status_ = 0;
  Headers headers_;
  Framing framing_ = Framing::kNone;
  OutBuffer out_;
  // Of the length that the answer has declared.
  std::uint64_t undelivered_ = 0;
  bool ended_ = false;
  bool reset_ = false;
  // Somebody was told that there is no room.
  bool wanted_ = false;
  bool owes_continue_ = false;
  absl::Time last_sent_;
};

}  // namespace clinicd::edge
