#include "common/edge/connection.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "common/edge/h1_session.h"
#include "common/edge/h2_session.h"

namespace clinicd::edge {
namespace {

// How HTTP/2 begins, and no method of HTTP/1.1.
constexpr std::string_view kH2Start = "PRI";
// Rounds before other connections get their turn.
constexpr int kRounds = 8;
// What a client may send after its last answer before it is cut off, and one who attacks.
constexpr std::size_t kDiscardMax = kKibibyte * kKibibyte;
constexpr std::size_t kDiscardOfAttackMax = 64 * kKibibyte;

}  // namespace

Connection::Connection(const ConnectionParts& parts, const Accepted& accepted,
                       std::function<void(const Connection*)> on_closed)
    : parts_(parts),
      session_parts_{.limits = parts.limits,
                     .router = *accepted.router,
                     .budget = parts.budget,
                     .headers = parts.headers,
                     .counters = parts.counters},
      network_(accepted.network),
      may_be_h2_(accepted.may_be_h2),
      on_closed_(std::move(on_closed)),
      peer_{.address = accepted.address, .tls_version = ""},
      tls_(accepted.tls),
      transport_(*parts.io, accepted.descriptor, tls_.get()),
      stage_(tls_ ? Stage::kHandshake : Stage::kSniff),
      began_(parts.monotonic.Now()),
      linger_since_(began_),
      last_written_(began_) {}

Connection::~Connection() { Close(); }

HttpStream::Poster Connection::poster() const {
  return [io = std::weak_ptr(parts_.io)](std::function<void()> job) {
    // A server that has stopped runs nothing any more.
    if (const auto running = io.lock()) boost::asio::post(*running, std::move(job));
  };
}

void Connection::Wake() {
  woken_ = true;
  if (pumping_ || posted_ || stage_ == Stage::kClosed) return;
  posted_ = true;
  boost::asio::post(*parts_.io, [self = shared_from_this()] {
    self->posted_ = false;
    self->Pump();
  });
}

void Connection::Pump() {
  if (std::exchange(pumping_, true)) return;
  const absl::Time now = parts_.monotonic.Now();
  int rounds = 0;
  do {
    woken_ = false;
    while (rounds < kRounds && Advance(now)) ++rounds;
  } while (woken_ && ++rounds < kRounds);
  pumping_ = false;
  if (rounds >= kRounds) Wake();
}

bool Connection::Advance(absl::Time now) {
  switch (stage_) {
    case Stage::kHandshake:
      return AdvanceHandshake(now);
    case Stage::kSniff:
      return AdvanceSniff(now);
    case Stage::kServe:
      return AdvanceServe(now);
    case Stage::kLinger:
      return AdvanceLinger();
    case Stage::kClosed:
      break;
  }
  return false;
}

bool Connection::AdvanceHandshake(absl::Time now) {
  const Transport::Result result = transport_.Handshake();
  if (result == Transport::Result::kDone) {
    peer_.tls_version = transport_.tls_version();
    StartSession(transport_.protocol() == "h2", now);
    return true;
  }
  if (result == Transport::Result::kClosed) {
    Cut(Cut::kHandshake);
  } else {
    WaitFor(result);
  }
  return false;
}

bool Connection::AdvanceSniff(absl::Time now) {
  const std::optional<std::string_view> bytes = ReadSome();
  if (!bytes) return false;
  sniffed_.append(*bytes);
  const bool starts_alike =
      may_be_h2_ && kH2Start.starts_with(std::string_view(sniffed_).substr(0, kH2Start.size()));
  if (starts_alike && sniffed_.size() < kH2Start.size()) return true;
  StartSession(starts_alike, now);
  const std::string first = std::exchange(sniffed_, {});
  session_->Receive(first, now);
  return true;
}

void Connection::StartSession(bool h2, absl::Time now) {
  stage_ = Stage::kServe;
  if (h2) {
    session_ = std::make_unique<H2Session>(session_parts_, *this, now);
  } else {
    session_ = std::make_unique<H1Session>(session_parts_, *this, now);
  }
  if (draining_) session_->Drain(now);
}

bool Connection::AdvanceServe(absl::Time now) {
  const bool flushed = Flush(now);
  if (stage_ != Stage::kServe) return stage_ == Stage::kLinger;
  if (flushed && session_->finished()) {
    Finish(now);
    return true;
  }
  if (!session_->wants_input()) return false;
  const std::optional<std::string_view> bytes = ReadSome();
  if (!bytes) return false;
  session_->Receive(*bytes, now);
  return true;
}

bool Connection::Flush(absl::Time now) {
  if (!unsent_.empty()) {
    std::string bytes = std::exchange(unsent_, {});
    if (!WriteOut(bytes, now)) return false;
  }
  while (true) {
    parts_.out.clear();
    session_->TakeOutput(parts_.out, now);
    if (parts_.out.empty()) {
      woken_ = false;
      session_->OnFlushed();
      if (!woken_) return true;
      continue;
    }
    last_written_ = now;
    if (!WriteOut(parts_.out, now)) return false;
  }
}

bool Connection::WriteOut(std::string& bytes, absl::Time now) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const Transport::Moved moved = transport_.Write(std::string_view(bytes).substr(written));
    switch (moved.result) {
      case Transport::Result::kDone:
        written += moved.bytes;
        last_written_ = now;
        break;
      case Transport::Result::kClosed:
        Close();
        return false;
      default:
        unsent_ = bytes.substr(written);
        WaitFor(moved.result);
        return false;
    }
  }
  return true;
}

std::optional<std::string_view> Connection::ReadSome() {
  const auto bytes = BytesOf(transport_.Read(parts_.in.data(), parts_.in.size()));
  if (!bytes) return std::nullopt;
  return std::string_view(parts_.in).substr(0, *bytes);
}

std::optional<std::size_t> Connection::BytesOf(const Transport::Moved& moved) {
  switch (moved.result) {
    case Transport::Result::kDone:
      return moved.bytes;
    case Transport::Result::kClosed:
      Close();
      break;
    default:
      WaitFor(moved.result);
      break;
  }
  return std::nullopt;
}

// The last bytes would be lost if the socket was closed while unread bytes wait in it.
void Connection::Finish(absl::Time now) {
  CountCut();
  session_->OnLost();
  transport_.EndOutput();
  stage_ = Stage::kLinger;
  linger_since_ = now;
}

void Connection::CountCut() {
  if (const auto cut = session_->cut()) parts_.counters.Count(*cut);
}

bool Connection::AdvanceLinger() {
  // What floods go on with must cost nothing.
  const auto bytes = BytesOf(transport_.Discard(parts_.in.data(), parts_.in.size()));
  if (!bytes) return false;
  discarded_ += *bytes;
  const auto cut = session_->cut();
  const bool attacks = cut == Cut::kFlood || cut == Cut::kOversize;
  if (discarded_ > (attacks ? kDiscardOfAttackMax : kDiscardMax)) Close();
  return true;
}

void Connection::WaitFor(Transport::Result result) {
  if (result == Transport::Result::kWaitRead && !waits_to_read_) {
    waits_to_read_ = true;
    transport_.WaitReadable([self = shared_from_this()](boost::system::error_code error) {
      self->waits_to_read_ = false;
      if (!error) self->Pump();
    });
  }
  if (result == Transport::Result::kWaitWrite && !waits_to_write_) {
    waits_to_write_ = true;
    transport_.WaitWritable([self = shared_from_this()](boost::system::error_code error) {
      self->waits_to_write_ = false;
      if (!error) self->Pump();
    });
  }
}

void Connection::Drain() {
  draining_ = true;
  if (session_) session_->Drain(parts_.monotonic.Now());
}

void Connection::CheckTimes(absl::Time now) {
  const EdgeLimits& limits = parts_.limits;
  switch (stage_) {
    case Stage::kHandshake:
      if (now - began_ > limits.handshake) Cut(Cut::kHandshake);
      return;
    case Stage::kSniff:
      if (draining_) Close();
      if (now - began_ > limits.head) Cut(Cut::kHead);
      return;
    case Stage::kLinger:
      if (now - linger_since_ > limits.linger) Close();
      return;
    case Stage::kClosed:
      return;
    case Stage::kServe:
      break;
  }
  if (!unsent_.empty() && now - last_written_ > limits.write) {
    Cut(Cut::kWrite);
  } else if (const auto late = session_->Overdue(now)) {
    Cut(*late);
  }
}

void Connection::Cut(edge::Cut cut) {
  if (stage_ == Stage::kClosed) return;
  parts_.counters.Count(cut);
  Close();
}

void Connection::Close() {
  if (stage_ == Stage::kClosed) return;
  if (stage_ == Stage::kServe) CountCut();
  stage_ = Stage::kClosed;
  if (session_) session_->OnLost();
  transport_.Close();
  parts_.gate.Leave(network_);
  on_closed_(this);
}

}  // namespace clinicd::edge
