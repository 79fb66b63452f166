// HTTP/2 on libnghttp2, with the limits that the library leaves to its user.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "common/edge/h2_stream.h"
#include "common/edge/rate_limit.h"
#include "common/edge/session.h"

namespace clinicd::edge {

class H2Session final : public Session {
 public:
  // `parts` and `wire` outlive it.
  H2Session(const SessionParts& parts, Wire& wire, absl::Time now);
  ~H2Session() override;
  H2Session(const H2Session&) = delete;
  H2Session& operator=(const H2Session&) = delete;
  H2Session(H2Session&&) = delete;
  H2Session& operator=(H2Session&&) = delete;

  void Receive(std::string_view bytes, absl::Time now) override;
  bool wants_input() const override;
  void TakeOutput(std::string& out, absl::Time now) override;
  void OnFlushed() override;
  void OnLost() override;
  bool finished() const override;
  void Drain(absl::Time now) override;
  std::optional<Cut> Overdue(absl::Time now) override;
  std::optional<Cut> cut() const override { return cut_; }

  // For its streams.
  const SessionParts& parts() const { return parts_; }
  Wire& wire() { return wire_; }
  nghttp2_session* native() { return session_.get(); }
  absl::Time now() const { return now_; }
  void Wake();
  void AddPendingHead(std::int32_t id);
  void Consume(std::int32_t id, std::size_t bytes);
  void ConsumeConnection(std::size_t bytes);
  // Bytes of answers that streams hold.
  void AddUnsent(std::size_t bytes);
  void RemoveUnsent(std::size_t bytes) { unsent_ -= bytes; }
  // Whether a stream may add to them; `holds_nothing` says that it has none.
  bool HasRoom(std::int32_t id, bool holds_nothing) const;
  // Its handler is told when there is room, in the order of asking.
  void AddWaiting(std::int32_t id) { waiting_.push_back(id); }

 private:
  struct Deleter {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };
  struct Callbacks;

  H2Stream* Find(std::int32_t id);
  int OnBeginHeaders(const nghttp2_frame& frame);
  int OnHeader(const nghttp2_frame& frame, std::string_view name, std::string_view value);
  int OnFrame(const nghttp2_frame& frame);
  int OnBeginFrame(const nghttp2_frame_hd& frame);
  bool TakePing();
  int OnFrameSent(const nghttp2_frame& frame);
  int OnStreamClose(std::int32_t id, std::uint32_t error);
  // Queues GOAWAY; returns what makes nghttp2 take no more.
  int GiveUp(Cut cut);
  // Tells handlers what nghttp2's callbacks left to tell; they may then call back into streams.
  void Settle();
  void ServeWaiting();

  const SessionParts& parts_;
  Wire& wire_;
  std::unique_ptr<nghttp2_session, Deleter> session_;
  absl::Time now_;
  const absl::Time began_;
  absl::Time last_active_;
  absl::Time head_began_ = absl::InfiniteFuture();
  // Whose head that is.
  std::int32_t head_of_ = 0;

  absl::flat_hash_map<std::int32_t, std::unique_ptr<H2Stream>> streams_;
  std::vector<std::int32_t> pending_heads_;
  // Over, and their handlers not told yet; those that are done are told when all is flushed.
  std::vector<std::unique_ptr<H2Stream>> closed_;
  std::vector<std::unique_ptr<H2Stream>> done_;
  bool woken_ = false;
  std::size_t unsent_ = 0;
  // Bytes that wait for the kernel after they were taken.
  std::size_t taken_ = 0;
  // Nothing that could be sent waits to be taken, nor, having been taken, for the kernel.
  bool clear_ = true;
  std::vector<std::int32_t> waiting_;

  RateLimit client_resets_;
  RateLimit own_resets_;
  RateLimit control_frames_;
  int pings_ = 0;
  absl::Time pings_since_ = absl::InfinitePast();
  bool settings_acknowledged_ = false;
  bool preface_seen_ = false;

  enum class DrainStage { kNone, kNotice, kFinal };
  DrainStage drain_ = DrainStage::kNone;
  absl::Time drain_since_ = absl::InfiniteFuture();
  std::optional<Cut> cut_;
  bool broken_ = false;
  bool lost_ = false;
};

}  // namespace clinicd::edge
