// The connection's side of exchanges, without a connection: what a handler sends is kept, and what
// is posted to the connection's thread runs when the test says so.
#pragma once

#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/edge/http.h"

namespace clinicd::testing::edge {

// A thread of a connection: the one of the test. Post() from any thread.
class FakeLoop final {
 public:
  void Post(std::function<void()> job) {
    const absl::MutexLock lock(&mutex_);
    jobs_.push_back(std::move(job));
  }

  // Runs jobs until `done` holds; false if it does not within 10 seconds.
  bool RunUntil(const std::function<bool()>& done) {
    const absl::Time deadline = absl::Now() + absl::Seconds(10);
    while (!done()) {
      if (absl::Now() > deadline) return false;
      RunOne(absl::Milliseconds(20));
    }
    return true;
  }

 private:
  void RunOne(absl::Duration patience) {
    std::function<void()> job;
    {
      const absl::MutexLock lock(&mutex_);
      const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !jobs_.empty(); };
      if (!mutex_.AwaitWithTimeout(absl::Condition(&ready), patience)) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }

  absl::Mutex mutex_;
  std::deque<std::function<void()>> jobs_ ABSL_GUARDED_BY(mutex_);
};

class FakeStream final : public clinicd::edge::HttpStream {
 public:
  explicit FakeStream(std::shared_ptr<FakeLoop> loop) : loop_(std::move(loop)) {}

  const clinicd::edge::Peer& peer() const override { return peer_; }
  void SendHead(int with_status, clinicd::edge::Headers with_headers) override {
    ++heads;
    status = with_status;
    headers = std::move(with_headers);
  }
  void SendData(std::string bytes) override {
    body += bytes;
    pieces.push_back(std::move(bytes));
  }
  void End(clinicd::edge::Headers with_trailers) override {
    ++ends;
    trailers = std::move(with_trailers);
  }
  void Reset(clinicd::edge::ResetReason) override { ++resets; }
  bool HasRoom() override { return !blocked && pieces.size() < pieces_max; }
  void ConsumeBody(std::size_t bytes) override { consumed += bytes; }
  bool KeepBody(std::size_t bytes) override {
    kept = bytes;
    return kept <= kept_max;
  }
  Poster PostToConnection() const override {
    // Weak, as a connection's is: a job owns its call, and the call this function.
    return [loop = std::weak_ptr(loop_)](std::function<void()> job) {
      if (const auto running = loop.lock()) running->Post(std::move(job));
    };
  }

  bool ended() const { return ends > 0; }
  std::string Header(std::string_view name) const { return Value(headers, name); }
  std::string Trailer(std::string_view name) const { return Value(trailers, name); }

  int heads = 0;
  int ends = 0;
  int resets = 0;
  int status = 0;
  clinicd::edge::Headers headers;
  clinicd::edge::Headers trailers;
  std::string body;
  std::vector<std::string> pieces;
  // Nothing leaves for the wire.
  bool blocked = false;
  // Nor after so many pieces.
  std::size_t pieces_max = std::numeric_limits<std::size_t>::max();
  std::size_t consumed = 0;
  std::size_t kept = 0;
  std::size_t kept_max = std::numeric_limits<std::size_t>::max();

 private:
  static std::string Value(const clinicd::edge::Headers& all, std::string_view name) {
    for (const clinicd::edge::Header& header : all) {
      if (header.name == name) return header.value;
    }
    return "(none)";
  }

  const clinicd::edge::Peer peer_ = {.address = "192.0.2.7:50123", .tls_version = "TLSv1.3"};
  const std::shared_ptr<FakeLoop> loop_;
};

}  // namespace clinicd::testing::edge
