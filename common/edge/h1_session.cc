#include "common/edge/h1_session.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/edge/error_answer.h"

namespace clinicd::edge {
namespace {

constexpr std::size_t kOutputChunk = 64 * kKibibyte;
// Lines of chunked bodies: sizes with extensions, trailers.
constexpr std::size_t kChunkLinesMax = 8 * kKibibyte;

bool HasNoBody(int status) { return status == 204 || status == 304; }

std::string Hex(std::size_t number) {
  std::array<char, 16> text = {};
  const auto result = std::to_chars(text.begin(), text.end(), number, 16);
  return {text.data(), result.ptr};
}

}  // namespace

H1Session::H1Session(const SessionParts& parts, Wire& wire, absl::Time now)
    : parts_(parts),
      wire_(wire),
      now_(now),
      last_active_(now),
      head_began_(now),
      body_began_(now),
      last_received_(now) {}

H1Session::~H1Session() { OnLost(); }

void H1Session::Receive(std::string_view bytes, absl::Time now) {
  now_ = now;
  if (finished_) return;
  if (input_ == Input::kHead && in_.empty()) head_began_ = now;
  last_received_ = now;
  in_.append(bytes);
  Process();
}

bool H1Session::wants_input() const {
  if (finished_) return false;
  switch (input_) {
    case Input::kHead:
      return true;
    case Input::kBody:
      return exchange_->unconsumed_ < parts_.limits.body_window;
    case Input::kEnded:
      break;
  }
  // Reading on is how the end of the connection is noticed; what comes is the next request at most.
  return in_.size() < parts_.limits.request_line;
}

void H1Session::Process() {
  // Handlers call back while they are told; the loop that told them goes on.
  if (std::exchange(processing_, true)) return;
  bool advanced = true;
  while (advanced && !finished_) {
    advanced = input_ == Input::kHead ? ReadHead() : input_ == Input::kBody && ReadBody();
  }
  processing_ = false;
}

bool H1Session::ReadHead() {
  const EdgeLimits& limits = parts_.limits;
  const std::optional<std::size_t> end = EndOfHead(in_);
  if (!end) {
    const bool line_ended = in_.find('\n') != std::string::npos;
    if (!line_ended && in_.size() > limits.request_line) Refuse(414);
    if (in_.size() > limits.request_line + limits.header_list) Refuse(431);
    return false;
  }
  auto parser = std::make_unique<H1Parser>(limits, [this](std::string_view bytes) {
    if (exchange_) exchange_->TakeBody(bytes);
  });
  const int refusal = parser->ReadHead(std::string_view(in_).substr(0, *end));
  in_.erase(0, *end);
  first_head_ = false;
  parts_.counters.CountRequest();
  if (refusal != 0) {
    Refuse(refusal);
    return false;
  }
  parser_ = std::move(parser);
  keep_alive_ = parser_->keeps_alive() && !draining_;
  input_ = parser_->done() ? Input::kEnded : Input::kBody;
  body_began_ = now_;
  const std::shared_ptr<RequestHandler> handler = parts_.router(parser_->head(), wire_.peer());
  StartExchange(handler);
  if (input_ == Input::kEnded && exchange_) handler->OnBodyEnd();
  return input_ == Input::kBody;
}

bool H1Session::ReadBody() {
  if (exchange_->unconsumed_ >= parts_.limits.body_window) return false;
  int refusal = 0;
  const std::size_t read = parser_->ReadBody(in_, refusal);
  in_.erase(0, read);
  if (parser_->done()) {
    input_ = Input::kEnded;
    if (!exchange_->reset_) exchange_->handler_->OnBodyEnd();
    return false;
  }
  if (refusal != 0 || in_.size() > kChunkLinesMax) Refuse(400);
  return false;
}

void H1Session::StartExchange(std::shared_ptr<RequestHandler> handler) {
  exchange_ = std::make_unique<Exchange>(*this, std::move(handler));
  exchange_->last_sent_ = now_;
  if (parser_) {
    exchange_->is_head_request_ = parser_->head().method == "HEAD";
    exchange_->http_1_0_ = parser_->is_http_1_0();
    exchange_->owes_continue_ =
        parser_->expects_continue() && input_ == Input::kBody && !parser_->is_http_1_0();
  }
  exchange_->handler_->Start(*exchange_);
  wire_.Wake();
}

void H1Session::Refuse(int status) {
  keep_alive_ = false;
  if (exchange_) {
    // Half an answer cannot be taken back; it ends where it is.
    const bool begun = exchange_->answer_ > Exchange::Answer::kHead;
    EndExchange(CloseReason::kLost);
    finished_ = begun;
  }
  input_ = Input::kEnded;
  in_.clear();
  parser_.reset();
  if (!finished_) StartExchange(AnswerWithError(status));
}

void H1Session::TakeOutput(std::string& out, absl::Time now) {
  now_ = now;
  // What the handler had no room for is waiting here.
  if (input_ == Input::kBody && !in_.empty()) Process();
  if (!exchange_) {
    if (draining_ && in_.empty()) finished_ = true;
    return;
  }
  if (exchange_->reset_) {
    EndExchange(CloseReason::kReset);
    finished_ = true;
    return;
  }
  if (exchange_->answer_ == Exchange::Answer::kNone && exchange_->owes_continue_) {
    out += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  exchange_->owes_continue_ = false;
  if (exchange_->answer_ == Exchange::Answer::kHead) WriteHead(out);
  if (exchange_->answer_ == Exchange::Answer::kBody) WriteBody(out);
}

void H1Session::WriteHead(std::string& out) {
  using Framing = Exchange::Framing;
  Exchange& exchange = *exchange_;
  parts_.headers.Complete(exchange.headers_, !wire_.peer().tls_version.empty());
  const auto length = std::ranges::find(exchange.headers_, "content-length", &Header::name);
  const bool bodiless = exchange.is_head_request_ || HasNoBody(exchange.status_);
  std::string framing;
  if (bodiless) {
    exchange.framing_ = Framing::kNone;
  } else if (length != exchange.headers_.end() &&
             absl::SimpleAtoi(length->value, &exchange.undelivered_)) {
    exchange.framing_ = Framing::kLength;
  } else if (exchange.ended_) {
    exchange.framing_ = Framing::kLength;
    exchange.undelivered_ = exchange.out_.size();
    framing = absl::StrCat("content-length: ", exchange.out_.size(), "\r\n");
  } else if (exchange.http_1_0_) {
    exchange.framing_ = Framing::kUntilClose;
    keep_alive_ = false;
  } else {
    exchange.framing_ = Framing::kChunked;
    framing = "transfer-encoding: chunked\r\n";
  }
  // Whether the rest of a body is of use, only the handler knows; its answer is the end of it.
  if (input_ != Input::kEnded) keep_alive_ = false;
  if (draining_) keep_alive_ = false;
  absl::StrAppend(&out, "HTTP/1.1 ", exchange.status_, " ", ToAbsl(ReasonPhrase(exchange.status_)),
                  "\r\n");
  for (const Header& header : exchange.headers_) {
    absl::StrAppend(&out, header.name, ": ", header.value, "\r\n");
  }
  out += framing;
  if (!keep_alive_) {
    out += "connection: close\r\n";
  } else if (exchange.http_1_0_) {
    out += "connection: keep-alive\r\n";
  }
  out += "\r\n";
  exchange.headers_.clear();
  exchange.answer_ = Exchange::Answer::kBody;
}

void H1Session::WriteBody(std::string& out) {
  using Framing = Exchange::Framing;
  Exchange& exchange = *exchange_;
  while (!exchange.out_.empty() && out.size() < kOutputChunk) {
    std::size_t size = std::min(exchange.out_.size(), kOutputChunk);
    if (exchange.framing_ == Framing::kLength) {
      // More than was declared would be the beginning of another answer.
      size = static_cast<std::size_t>(std::min<std::uint64_t>(size, exchange.undelivered_));
      if (size == 0) {
        keep_alive_ = false;
        exchange.ended_ = true;
        break;
      }
      exchange.undelivered_ -= size;
    }
    const bool chunked = exchange.framing_ == Framing::kChunked;
    if (chunked) absl::StrAppend(&out, Hex(size), "\r\n");
    const std::size_t before = out.size();
    out.resize(before + size);
    exchange.out_.Take(out.data() + before, size);
    parts_.budget.Release(size);
    if (exchange.framing_ == Framing::kNone) out.resize(before);
    if (chunked) out += "\r\n";
    exchange.last_sent_ = now_;
  }
  if (exchange.ended_ && (exchange.out_.empty() || exchange.undelivered_ == 0) &&
      out.size() < kOutputChunk) {
    if (exchange.framing_ == Framing::kChunked) out += "0\r\n\r\n";
    if (exchange.framing_ == Framing::kLength && exchange.undelivered_ > 0) keep_alive_ = false;
    exchange.answer_ = Exchange::Answer::kWritten;
  }
  if (exchange.wanted_ && exchange.out_.size() < HttpStream::kHighWater) {
    exchange.wanted_ = false;
    if (exchange.answer_ != Exchange::Answer::kWritten) exchange.handler_->OnWritable();
  }
}

void H1Session::OnFlushed() {
  if (!exchange_ || exchange_->answer_ != Exchange::Answer::kWritten) return;
  const bool complete = input_ == Input::kEnded;
  EndExchange(CloseReason::kDone);
  last_active_ = now_;
  if (!complete || !keep_alive_ || draining_) {
    finished_ = true;
    return;
  }
  parser_.reset();
  input_ = Input::kHead;
  head_began_ = now_;
  Process();
  wire_.Wake();
}

void H1Session::EndExchange(CloseReason reason) {
  const std::unique_ptr<Exchange> exchange = std::move(exchange_);
  exchange->handler_->OnClosed(reason);
}

void H1Session::OnLost() {
  finished_ = true;
  if (exchange_) EndExchange(CloseReason::kLost);
}

void H1Session::Drain(absl::Time now) {
  now_ = now;
  draining_ = true;
  wire_.Wake();
}

std::optional<Cut> H1Session::Overdue(absl::Time now) {
  now_ = now;
  const EdgeLimits& limits = parts_.limits;
  if (finished_) return std::nullopt;
  if (exchange_ && !exchange_->out_.empty() && now - exchange_->last_sent_ > limits.write) {
    return Cut::kWrite;
  }
  if (input_ == Input::kHead) {
    if (in_.empty() && !first_head_) {
      if (now - last_active_ > limits.idle) return Cut::kIdle;
      return std::nullopt;
    }
    if (now - head_began_ <= limits.head) return std::nullopt;
    if (in_.empty()) return Cut::kHead;
    parts_.counters.Count(Cut::kHead);
    Refuse(408);
    return std::nullopt;
  }
  if (input_ != Input::kBody || exchange_->answer_ != Exchange::Answer::kNone ||
      exchange_->unconsumed_ > 0) {
    return std::nullopt;
  }
  if (IsTooSlow({.age = now - body_began_,
                 .quiet = now - last_received_,
                 .received = exchange_->received_},
                limits)) {
    parts_.counters.Count(Cut::kBody);
    Refuse(408);
  }
  return std::nullopt;
}

H1Session::Exchange::~Exchange() { session_.parts_.budget.Release(unconsumed_ + out_.size()); }

void H1Session::Exchange::TakeBody(std::string_view bytes) {
  received_ += bytes.size();
  if (ended_ || reset_) return;
  if (!session_.parts_.budget.TryHoldRequest(bytes.size())) {
    session_.parts_.counters.Count(Cut::kMemory);
    Reset(ResetReason::kEnhanceCalm);
    return;
  }
  unconsumed_ += bytes.size();
  handler_->OnBody(bytes);
}

bool H1Session::Exchange::HasRoom() {
  const bool room = out_.size() < kHighWater;
  if (!room) wanted_ = true;
  return room;
}

void H1Session::Exchange::ConsumeBody(std::size_t bytes) {
  const std::size_t consumed = std::min(bytes, unconsumed_);
  unconsumed_ -= consumed;
  session_.parts_.budget.Release(consumed);
  session_.wire_.Wake();
}

bool H1Session::Exchange::KeepBody(std::size_t bytes) {
  if (reset_) return false;
  if (kept_.Set(bytes)) return true;
  session_.parts_.counters.Count(Cut::kMemory);
  Reset(ResetReason::kEnhanceCalm);
  return false;
}

void H1Session::Exchange::SendHead(int status, Headers headers) {
  if (answer_ != Answer::kNone || reset_) return;
  answer_ = Answer::kHead;
  status_ = status;
  headers_ = std::move(headers);
  session_.wire_.Wake();
}

void H1Session::Exchange::SendData(std::string bytes) {
  if (ended_ || reset_ || is_head_request_ || bytes.empty()) return;
  if (!session_.parts_.budget.TryHoldAnswer(bytes.size())) {
    session_.parts_.counters.Count(Cut::kMemory);
    Reset(ResetReason::kEnhanceCalm);
    return;
  }
  if (out_.empty()) last_sent_ = session_.now_;
  out_.Add(std::move(bytes));
  session_.wire_.Wake();
}

void H1Session::Exchange::End(Headers /*trailers*/) {
  ended_ = true;
  session_.wire_.Wake();
}

void H1Session::Exchange::Reset(ResetReason /*reason*/) {
  reset_ = true;
  session_.wire_.Wake();
}

}  // namespace clinicd::edge
