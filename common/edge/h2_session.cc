#include "common/edge/h2_session.h"

#include <array>
#include <utility>

namespace clinicd::edge {
namespace {

// Output taken at once. Larger writes would only fill memory sooner than the socket.
constexpr std::size_t kOutputChunk = 32 * kKibibyte;
// Time for the first GOAWAY to reach the client before the second one says what was the last.
constexpr absl::Duration kNoticeTime = absl::Seconds(1);

struct OptionDeleter {
  void operator()(nghttp2_option* option) const { nghttp2_option_del(option); }
};
struct CallbacksDeleter {
  void operator()(nghttp2_session_callbacks* callbacks) const {
    nghttp2_session_callbacks_del(callbacks);
  }
};

std::unique_ptr<nghttp2_option, OptionDeleter> Options(const EdgeLimits& limits) {
  nghttp2_option* raw = nullptr;
  nghttp2_option_new(&raw);
  nghttp2_option_set_no_auto_window_update(raw, 1);
  nghttp2_option_set_stream_reset_rate_limit(raw, limits.reset_burst, limits.reset_rate);
  nghttp2_option_set_max_continuations(raw, limits.continuations);
  nghttp2_option_set_max_settings(raw, limits.settings_entries);
  nghttp2_option_set_max_outbound_ack(raw, limits.outbound_acks);
  // Priorities of RFC 7540 cost work and change nothing here.
  nghttp2_option_set_server_fallback_rfc7540_priorities(raw, 0);
  // Closed streams are kept for that scheme only.
  nghttp2_option_set_no_closed_streams(raw, 1);
  return std::unique_ptr<nghttp2_option, OptionDeleter>(raw);
}

bool IsRequestHead(const nghttp2_frame& frame) {
  return frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST;
}

bool EndsStream(const nghttp2_frame& frame) {
  return (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 &&
         (frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA);
}

}  // namespace

// nghttp2 calls functions; these call the session.
struct H2Session::Callbacks {
  static H2Session& Self(void* data) { return *static_cast<H2Session*>(data); }

  static std::string_view View(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
  }
  static int BeginHeaders(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* data) {
    return Self(data).OnBeginHeaders(*frame);
  }
  // NOLINTNEXTLINE(readability-function-size): nghttp2 says what it is called with.
  static int TakeHeader(nghttp2_session* /*session*/, const nghttp2_frame* frame,
                        const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
                        std::size_t value_size, std::uint8_t /*flags*/, void* data) {
    return Self(data).OnHeader(*frame, View(name, name_size), View(value, value_size));
  }
  // The library would skip a header with illegal characters; a request that has one is refused.
  // NOLINTNEXTLINE(readability-function-size): nghttp2 says what it is called with.
  static int InvalidHeader(nghttp2_session* session, const nghttp2_frame* frame,
                           const std::uint8_t* /*name*/, std::size_t /*name_size*/,
                           const std::uint8_t* /*value*/, std::size_t /*value_size*/,
                           std::uint8_t /*flags*/, void* /*data*/) {
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                              NGHTTP2_PROTOCOL_ERROR);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }
  static int BeginFrame(nghttp2_session* /*session*/, const nghttp2_frame_hd* frame, void* data) {
    return Self(data).OnBeginFrame(*frame);
  }
  static int FrameReceived(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* data) {
    return Self(data).OnFrame(*frame);
  }
  static int BodyReceived(nghttp2_session* /*session*/, std::uint8_t /*flags*/, std::int32_t id,
                          const std::uint8_t* bytes, std::size_t size, void* data) {
    H2Session& self = Self(data);
    H2Stream* const stream = self.Find(id);
    if (stream == nullptr) {
      self.ConsumeConnection(size);
    } else {
      stream->TakeBody(View(bytes, size), self.now_);
    }
    return 0;
  }
  static int FrameSent(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* data) {
    return Self(data).OnFrameSent(*frame);
  }
  static int StreamClosed(nghttp2_session* /*session*/, std::int32_t id, std::uint32_t error,
                          void* data) {
    return Self(data).OnStreamClose(id, error);
  }
};

H2Session::H2Session(const SessionParts& parts, Wire& wire, absl::Time now)
    : parts_(parts),
      wire_(wire),
      now_(now),
      began_(now),
      last_active_(now),
      client_resets_(parts.limits.reset_burst, parts.limits.reset_rate),
      own_resets_(parts.limits.reset_burst, parts.limits.reset_rate),
      control_frames_(parts.limits.control_burst, parts.limits.control_rate) {
  nghttp2_session_callbacks* raw = nullptr;
  nghttp2_session_callbacks_new(&raw);
  const std::unique_ptr<nghttp2_session_callbacks, CallbacksDeleter> callbacks(raw);
  nghttp2_session_callbacks_set_on_begin_headers_callback(raw, Callbacks::BeginHeaders);
  nghttp2_session_callbacks_set_on_header_callback(raw, Callbacks::TakeHeader);
  nghttp2_session_callbacks_set_on_invalid_header_callback(raw, Callbacks::InvalidHeader);
  nghttp2_session_callbacks_set_on_begin_frame_callback(raw, Callbacks::BeginFrame);
  nghttp2_session_callbacks_set_on_frame_recv_callback(raw, Callbacks::FrameReceived);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(raw, Callbacks::BodyReceived);
  nghttp2_session_callbacks_set_on_frame_send_callback(raw, Callbacks::FrameSent);
  nghttp2_session_callbacks_set_on_stream_close_callback(raw, Callbacks::StreamClosed);
  nghttp2_session* session = nullptr;
  nghttp2_session_server_new2(&session, raw, this, Options(parts.limits).get());
  session_.reset(session);

  const EdgeLimits& limits = parts.limits;
  const std::array<nghttp2_settings_entry, 5> settings = {{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.concurrent_streams},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.stream_window},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits.header_list)},
      {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 0},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  }};
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, limits.connection_window);
}

H2Session::~H2Session() { OnLost(); }

H2Stream* H2Session::Find(std::int32_t id) {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

void H2Session::Receive(std::string_view bytes, absl::Time now) {
  now_ = now;
  if (broken_) return;
  const ssize_t taken = nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (taken < 0) {
    // What the library could say to the client, it has queued.
    const bool flood = taken == NGHTTP2_ERR_FLOODED || taken == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS;
    cut_ = cut_.value_or(flood ? Cut::kFlood : Cut::kProtocol);
    broken_ = true;
  }
  Settle();
}

bool H2Session::wants_input() const {
  return !broken_ && !lost_ && nghttp2_session_want_read(session_.get()) != 0 &&
         nghttp2_session_get_outbound_queue_size(session_.get()) < parts_.limits.outbound_frames;
}

void H2Session::TakeOutput(std::string& out, absl::Time now) {
  now_ = now;
  if (lost_) return;
  // What was taken before is with the kernel.
  taken_ = 0;
  const std::size_t before = out.size();
  const std::size_t until = before + kOutputChunk;
  do {
    woken_ = false;
    for (const std::int32_t id : std::exchange(pending_heads_, {})) {
      if (H2Stream* const stream = Find(id)) stream->SubmitHead();
    }
    while (out.size() < until) {
      const std::uint8_t* bytes = nullptr;
      const ssize_t size = nghttp2_session_mem_send(session_.get(), &bytes);
      if (size < 0) broken_ = true;
      if (size <= 0) break;
      out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    }
    taken_ = out.size() - before;
    if (taken_ > 0) clear_ = false;
    Settle();
  } while (woken_ && !broken_ && out.size() < until);
}

void H2Session::Settle() {
  ServeWaiting();
  for (const auto& stream : std::exchange(closed_, {})) stream->CallClosed();
}

void H2Session::OnFlushed() {
  clear_ = true;
  taken_ = 0;
  ServeWaiting();
  for (const auto& stream : std::exchange(done_, {})) stream->CallClosed();
}

void H2Session::ServeWaiting() {
  if (waiting_.empty()) return;
  std::vector<std::int32_t> still_waiting;
  for (const std::int32_t id : std::exchange(waiting_, {})) {
    H2Stream* const stream = Find(id);
    if (stream != nullptr && !stream->ServeWaiting()) still_waiting.push_back(id);
  }
  // Before those who had a turn and want another one.
  waiting_.insert(waiting_.begin(), still_waiting.begin(), still_waiting.end());
}

void H2Session::AddUnsent(std::size_t bytes) {
  unsent_ += bytes;
  clear_ = false;
}

bool H2Session::HasRoom(std::int32_t id, bool holds_nothing) const {
  if (unsent_ + taken_ < parts_.limits.connection_unsent) return true;
  return holds_nothing && clear_ &&
         nghttp2_session_get_stream_remote_window_size(session_.get(), id) > 0 &&
         nghttp2_session_get_remote_window_size(session_.get()) > 0;
}

void H2Session::Wake() {
  woken_ = true;
  wire_.Wake();
}

void H2Session::OnLost() {
  if (lost_) return;
  lost_ = true;
  for (auto& [id, stream] : std::exchange(streams_, {})) {
    stream->Close(CloseReason::kLost);
    closed_.push_back(std::move(stream));
  }
  Settle();
  OnFlushed();
}

bool H2Session::finished() const {
  return broken_ || lost_ ||
         (nghttp2_session_want_read(session_.get()) == 0 &&
          nghttp2_session_want_write(session_.get()) == 0);
}

void H2Session::Drain(absl::Time now) {
  if (drain_ != DrainStage::kNone) return;
  now_ = now;
  drain_ = DrainStage::kNotice;
  drain_since_ = now;
  nghttp2_submit_shutdown_notice(session_.get());
  Wake();
}

std::optional<Cut> H2Session::Overdue(absl::Time now) {
  now_ = now;
  const EdgeLimits& limits = parts_.limits;
  if (!preface_seen_ && now - began_ > limits.head) return Cut::kHead;
  if (now - head_began_ > limits.head) return Cut::kHead;
  if (!settings_acknowledged_ && now - began_ > limits.settings_ack) return Cut::kSettings;
  for (const auto& [id, stream] : streams_) {
    if (const auto late = stream->Overdue(now)) {
      parts_.counters.Count(*late);
      stream->Reset(ResetReason::kEnhanceCalm);
    }
  }
  const bool last = drain_ == DrainStage::kNotice && now - drain_since_ >= kNoticeTime;
  const bool idle = streams_.empty() && now - last_active_ > limits.idle;
  if (last || (idle && drain_ == DrainStage::kNone)) {
    drain_ = DrainStage::kFinal;
    nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(session_.get()), NGHTTP2_NO_ERROR,
                          nullptr, 0);
    Wake();
  }
  return std::nullopt;
}

void H2Session::AddPendingHead(std::int32_t id) {
  pending_heads_.push_back(id);
  Wake();
}

void H2Session::Consume(std::int32_t id, std::size_t bytes) {
  if (lost_) return;
  nghttp2_session_consume(session_.get(), id, bytes);
  Wake();
}

void H2Session::ConsumeConnection(std::size_t bytes) {
  if (lost_ || bytes == 0) return;
  nghttp2_session_consume_connection(session_.get(), bytes);
  Wake();
}

int H2Session::OnBeginHeaders(const nghttp2_frame& frame) {
  head_began_ = now_;
  head_of_ = frame.hd.stream_id;
  if (!IsRequestHead(frame)) return 0;
  streams_.try_emplace(frame.hd.stream_id,
                       std::make_unique<H2Stream>(*this, frame.hd.stream_id, now_));
  return 0;
}

int H2Session::OnHeader(const nghttp2_frame& frame, std::string_view name, std::string_view value) {
  H2Stream* const stream = Find(frame.hd.stream_id);
  // Trailers of a request say nothing here.
  if (stream == nullptr || !IsRequestHead(frame)) return 0;
  stream->AddHeader(name, value);
  if (!stream->header_bomb()) return 0;
  return GiveUp(Cut::kOversize);
}

int H2Session::OnBeginFrame(const nghttp2_frame_hd& frame) {
  preface_seen_ = true;
  switch (frame.type) {
    case NGHTTP2_DATA:
    case NGHTTP2_HEADERS:
      pings_ = 0;
      break;
    case NGHTTP2_RST_STREAM:
      // Before the library's limit, which lets the rest of what was received pass.
      if (!client_resets_.Take(now_)) return GiveUp(Cut::kFlood);
      break;
    default:
      break;
  }
  const bool empty_data = frame.type == NGHTTP2_DATA && frame.length == 0 &&
                          (frame.flags & NGHTTP2_FLAG_END_STREAM) == 0;
  const bool settings = frame.type == NGHTTP2_SETTINGS && (frame.flags & NGHTTP2_FLAG_ACK) == 0;
  if (empty_data || settings || frame.type == NGHTTP2_PRIORITY) {
    if (!control_frames_.Take(now_)) return GiveUp(Cut::kFlood);
  }
  return 0;
}

int H2Session::OnFrame(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_HEADERS) head_began_ = absl::InfiniteFuture();
  const bool acknowledges = (frame.hd.flags & NGHTTP2_FLAG_ACK) != 0;
  if (frame.hd.type == NGHTTP2_SETTINGS && acknowledges) settings_acknowledged_ = true;
  if (frame.hd.type == NGHTTP2_PING && !acknowledges && !TakePing()) {
    return GiveUp(Cut::kFlood);
  }
  H2Stream* const stream = Find(frame.hd.stream_id);
  if (stream == nullptr) return 0;
  if (IsRequestHead(frame)) {
    last_active_ = now_;
    stream->StartRequest(EndsStream(frame));
  } else if (EndsStream(frame)) {
    stream->TakeBodyEnd();
  }
  return 0;
}

bool H2Session::TakePing() {
  if (pings_ == 0 || now_ - pings_since_ > parts_.limits.ping_period) {
    pings_ = 0;
    pings_since_ = now_;
  }
  return ++pings_ <= parts_.limits.pings;
}

int H2Session::OnFrameSent(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_DATA || frame.hd.type == NGHTTP2_HEADERS) pings_ = 0;
  const bool is_error =
      frame.hd.type == NGHTTP2_RST_STREAM && frame.rst_stream.error_code != NGHTTP2_NO_ERROR;
  // Resets that the client provokes cost as much as its own.
  if (is_error && !own_resets_.Take(now_)) {
    GiveUp(Cut::kFlood);
  }
  if (!EndsStream(frame)) return 0;
  const H2Stream* const stream = Find(frame.hd.stream_id);
  // The answer is complete, so the rest of the request is of no use.
  if (stream != nullptr && !stream->request_ended()) {
    nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, frame.hd.stream_id,
                              NGHTTP2_NO_ERROR);
  }
  return 0;
}

int H2Session::OnStreamClose(std::int32_t id, std::uint32_t error) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return 0;
  // Clients may reset without naming an error, too.
  const bool done = error == NGHTTP2_NO_ERROR && found->second->answered();
  found->second->Close(done ? CloseReason::kDone : CloseReason::kReset);
  (done ? done_ : closed_).push_back(std::move(found->second));
  streams_.erase(found);
  // The head of another stream may be coming in.
  if (id == head_of_) head_began_ = absl::InfiniteFuture();
  last_active_ = now_;
  Wake();
  return 0;
}

int H2Session::GiveUp(Cut cut) {
  if (!cut_) {
    cut_ = cut;
    nghttp2_session_terminate_session(session_.get(), NGHTTP2_ENHANCE_YOUR_CALM);
  }
  return NGHTTP2_ERR_CALLBACK_FAILURE;
}

}  // namespace clinicd::edge
