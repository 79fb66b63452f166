#include "common/edge/h2_stream.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "common/edge/error_answer.h"
#include "common/edge/h2_session.h"

namespace clinicd::edge {
namespace {

// RFC 9113 counts a header as its bytes and 32 for the entry.
constexpr std::size_t kEntry = 32;
// A list this many times as long as allowed is an attack and no mistake.
constexpr std::size_t kBomb = 4;

// Headers that belong to the connection, or that HTTP/2 says in another way.
bool IsOfTheConnection(std::string_view name) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "connection", "host", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"};
  return std::ranges::find(kNames, name) != kNames.end();
}

nghttp2_nv NameValue(std::string_view name, std::string_view value) {
  // nghttp2 copies both; its type is from before const.
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(
        const_cast<char*>(text.data()));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

void AppendAll(const Headers& headers, std::vector<nghttp2_nv>& to) {
  for (const Header& header : headers) to.push_back(NameValue(header.name, header.value));
}

std::uint32_t ErrorCodeOf(ResetReason reason) {
  switch (reason) {
    case ResetReason::kCancel:
      return NGHTTP2_CANCEL;
    case ResetReason::kEnhanceCalm:
      return NGHTTP2_ENHANCE_YOUR_CALM;
    case ResetReason::kInternal:
      break;
  }
  return NGHTTP2_INTERNAL_ERROR;
}

// NOLINTNEXTLINE(readability-function-size): nghttp2 says what it is called with.
ssize_t ReadAnswer(nghttp2_session* /*session*/, std::int32_t /*id*/, std::uint8_t* to,
                   std::size_t room, std::uint32_t* flags, nghttp2_data_source* source,
                   void* session) {
  return static_cast<H2Stream*>(source->ptr)
      ->Read(reinterpret_cast<char*>(to), room, *flags, static_cast<H2Session*>(session)->now());
}

}  // namespace

H2Stream::H2Stream(H2Session& session, std::int32_t id, absl::Time now)
    : session_(session),
      id_(id),
      kept_(session.parts().budget),
      began_(now),
      last_received_(now),
      last_sent_(now) {}

H2Stream::~H2Stream() {
  ReleaseUnsent(out_.size());
  session_.parts().budget.Release(unconsumed_);
}

const Peer& H2Stream::peer() const { return session_.wire().peer(); }

HttpStream::Poster H2Stream::PostToConnection() const { return session_.wire().poster(); }

void H2Stream::AddHeader(std::string_view name, std::string_view value) {
  header_bytes_ += name.size() + value.size() + kEntry;
  ++header_count_;
  const EdgeLimits& limits = session_.parts().limits;
  // Beyond the limits they are only counted.
  if (header_bytes_ > limits.header_list || header_count_ > limits.header_count) return;
  if (name == ":method") {
    head_->method = value;
  } else if (name == ":path") {
    head_->target = value;
  } else if (name == ":authority" || (name == "host" && head_->authority.empty())) {
    head_->authority = value;
  } else if (name != ":scheme" && !IsOfTheConnection(name)) {
    head_->headers.push_back({std::string(name), std::string(value)});
  }
}

bool H2Stream::header_bomb() const {
  const EdgeLimits& limits = session_.parts().limits;
  return header_bytes_ > kBomb * limits.header_list || header_count_ > kBomb * limits.header_count;
}

void H2Stream::StartRequest(bool ends) {
  const SessionParts& parts = session_.parts();
  const std::unique_ptr<RequestHead> head = std::move(head_);
  head->version = HttpVersion::kHttp2;
  head->ends = ends;
  without_body_ = head->method == "HEAD";
  parts.counters.CountRequest();
  if (!KeepBody(0)) return;
  if (header_bytes_ > parts.limits.header_list || header_count_ > parts.limits.header_count) {
    handler_ = AnswerWithError(431);
  } else if (head->method == "CONNECT" || head->target.empty()) {
    handler_ = AnswerWithError(405, {{"allow", "GET, HEAD, POST, OPTIONS"}});
  } else {
    handler_ = parts.router(*head, peer());
  }
  handler_->Start(*this);
  if (ends) TakeBodyEnd();
}

void H2Stream::TakeBody(std::string_view bytes, absl::Time now) {
  received_ += bytes.size();
  last_received_ = now;
  if (handler_ == nullptr || closed_ || ended_ || reset_) {
    session_.ConsumeConnection(bytes.size());
    return;
  }
  if (!session_.parts().budget.TryHoldRequest(bytes.size())) {
    session_.parts().counters.Count(Cut::kMemory);
    session_.ConsumeConnection(bytes.size());
    Reset(ResetReason::kEnhanceCalm);
    return;
  }
  unconsumed_ += bytes.size();
  handler_->OnBody(bytes);
}

void H2Stream::TakeBodyEnd() {
  if (request_ended_) return;
  request_ended_ = true;
  if (handler_ != nullptr && !closed_) handler_->OnBodyEnd();
}

void H2Stream::ConsumeBody(std::size_t bytes) {
  if (closed_) return;
  const std::size_t consumed = std::min(bytes, unconsumed_);
  unconsumed_ -= consumed;
  session_.parts().budget.Release(consumed);
  session_.Consume(id_, consumed);
}

bool H2Stream::KeepBody(std::size_t bytes) {
  if (closed_ || reset_) return false;
  if (kept_.Set(header_bytes_ + bytes)) return true;
  session_.parts().counters.Count(Cut::kMemory);
  Reset(ResetReason::kEnhanceCalm);
  return false;
}

void H2Stream::SendHead(int status, Headers headers) {
  if (closed_ || reset_ || answer_ != Answer::kNone) return;
  answer_ = Answer::kHead;
  status_ = status;
  headers_ = std::move(headers);
  last_sent_ = session_.now();
  // Submitted with the next output: only then it is known whether a body follows.
  session_.AddPendingHead(id_);
}

void H2Stream::SubmitHead() {
  if (closed_ || reset_ || answer_ != Answer::kHead) return;
  answer_ = Answer::kSubmitted;
  session_.parts().headers.Complete(headers_, !peer().tls_version.empty());
  const std::string status = std::to_string(status_);
  std::vector<nghttp2_nv> lines = {NameValue(":status", status)};
  lines.reserve(headers_.size() + 1);
  AppendAll(headers_, lines);
  nghttp2_data_provider body = {{.ptr = this}, ReadAnswer};
  const bool ends = ended_ && out_.empty() && trailers_.empty();
  answered_ = ends;
  nghttp2_submit_response(session_.native(), id_, lines.data(), lines.size(),
                          ends ? nullptr : &body);
  // With its memory: a connection has many streams, and some wait for long.
  headers_ = Headers();
}

void H2Stream::SendData(std::string bytes) {
  if (closed_ || reset_ || ended_ || without_body_ || bytes.empty()) return;
  if (!session_.parts().budget.TryHoldAnswer(bytes.size())) {
    session_.parts().counters.Count(Cut::kMemory);
    Reset(ResetReason::kEnhanceCalm);
    return;
  }
  if (out_.empty()) last_sent_ = session_.now();
  session_.AddUnsent(bytes.size());
  out_.Add(std::move(bytes));
  if (deferred_) {
    deferred_ = false;
    nghttp2_session_resume_data(session_.native(), id_);
  }
  session_.Wake();
}

void H2Stream::End(Headers trailers) {
  if (closed_ || reset_ || ended_) return;
  ended_ = true;
  trailers_ = std::move(trailers);
  if (deferred_) {
    deferred_ = false;
    nghttp2_session_resume_data(session_.native(), id_);
  }
  session_.Wake();
}

void H2Stream::Reset(ResetReason reason) {
  if (closed_ || reset_) return;
  reset_ = true;
  nghttp2_submit_rst_stream(session_.native(), NGHTTP2_FLAG_NONE, id_, ErrorCodeOf(reason));
  session_.Wake();
}

ssize_t H2Stream::Read(char* to, std::size_t room, std::uint32_t& flags, absl::Time now) {
  const std::size_t taken = out_.Take(to, room);
  if (taken > 0) last_sent_ = now;
  ReleaseUnsent(taken);
  if (out_.empty() && ended_) {
    flags |= NGHTTP2_DATA_FLAG_EOF;
    answered_ = true;
    if (!trailers_.empty()) {
      std::vector<nghttp2_nv> lines;
      lines.reserve(trailers_.size());
      AppendAll(trailers_, lines);
      if (nghttp2_submit_trailer(session_.native(), id_, lines.data(), lines.size()) == 0) {
        flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      }
    }
  } else if (taken == 0) {
    deferred_ = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  return static_cast<ssize_t>(taken);
}

bool H2Stream::RoomIsLeft() const {
  return out_.size() < kHighWater && session_.HasRoom(id_, out_.empty());
}

bool H2Stream::HasRoom() {
  if (closed_ || reset_) return false;
  const bool room = RoomIsLeft();
  if (!room && !std::exchange(waits_, true)) session_.AddWaiting(id_);
  return room;
}

bool H2Stream::ServeWaiting() {
  if (!RoomIsLeft()) return false;
  waits_ = false;
  if (!closed_ && !reset_ && handler_ != nullptr) handler_->OnWritable();
  return true;
}

void H2Stream::ReleaseUnsent(std::size_t bytes) {
  session_.RemoveUnsent(bytes);
  session_.parts().budget.Release(bytes);
}

void H2Stream::Close(CloseReason reason) {
  if (closed_) return;
  closed_ = true;
  close_reason_ = reason;
  // At once, because others wait for the room.
  ReleaseUnsent(out_.size());
  out_.Clear();
  session_.ConsumeConnection(unconsumed_);
}

void H2Stream::CallClosed() {
  if (handler_ == nullptr) return;
  const std::shared_ptr<RequestHandler> handler = std::move(handler_);
  handler_ = nullptr;
  handler->OnClosed(close_reason_);
}

std::optional<Cut> H2Stream::Overdue(absl::Time now) const {
  const EdgeLimits& limits = session_.parts().limits;
  if (closed_ || reset_) return std::nullopt;
  if (!out_.empty() && now - last_sent_ > limits.write) return Cut::kWrite;
  // Once the answer has begun, or while the handler holds the client back, time is the handler's.
  if (request_ended_ || handler_ == nullptr || answer_ != Answer::kNone || unconsumed_ > 0) {
    return std::nullopt;
  }
  const bool slow = IsTooSlow(
      {.age = now - began_, .quiet = now - last_received_, .received = received_}, limits);
  return slow ? std::optional(Cut::kBody) : std::nullopt;
}

}  // namespace clinicd::edge
