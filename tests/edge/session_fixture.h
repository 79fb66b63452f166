// A session without a socket: what goes in, what comes out, and the time, by hand.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/edge/session.h"
#include "tests/edge/simple_handlers.h"

namespace clinicd::edge {

class FixedClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::FromUnixSeconds(1'782'000'000); }
};

// What every answer over TLS carries, as lines of HTTP/1.1. Whoever changes one changes it here.
inline std::vector<std::string> SecurityHeaders() {
  return {
      "date: Sun, 21 Jun 2026 00:00:00 GMT",
      "strict-transport-security: max-age=63072000; includeSubDomains; preload",
      "x-content-type-options: nosniff",
      "x-frame-options: DENY",
      "content-security-policy: default-src 'none'; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'",
      "referrer-policy: no-referrer",
      "permissions-policy: camera=(self), accelerometer=(), autoplay=(), display-capture=(), "
      "encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), "
      "microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), "
      "screen-wake-lock=(), usb=(), xr-spatial-tracking=()",
      "cross-origin-opener-policy: same-origin",
      "cross-origin-resource-policy: same-origin",
      "cache-control: no-store",
  };
}

class SessionFixture {
 public:
  virtual ~SessionFixture() = default;
  virtual Session& session() = 0;

  const EdgeLimits& limits() const { return limits_; }
  absl::Time now() const { return now_; }
  std::size_t held() const { return budget_->held(); }
  std::uint64_t cuts(Cut cut) const { return counters_.cuts(cut); }
  void SetTls(std::string version) { wire_.peer_.tls_version = std::move(version); }
  // Leaves `bytes` for all bodies and answers.
  void LimitMemory(std::size_t bytes) {
    REQUIRE(budget_->TryHoldAnswer(limits_.in_flight - bytes));
  }

  // Hands bytes in and takes out what they lead to.
  std::string Exchange(std::string_view bytes) {
    if (session().wants_input()) session().Receive(bytes, now_);
    return TakeOutput();
  }
  std::string TakeOutput() {
    std::string all;
    for (bool more = true; more;) {
      std::string out;
      session().TakeOutput(out, now_);
      more = !out.empty();
      all += out;
      if (!more) {
        wire_.woken_ = false;
        session().OnFlushed();
        more = wire_.woken_ && !session().finished();
      }
    }
    return all;
  }
  std::optional<Cut> OverdueAfter(absl::Duration time) {
    now_ += time;
    return session().Overdue(now_);
  }
  // Bytes still held once the session is gone.
  std::size_t lost() const { return budget_->held(); }

 protected:
  const SessionParts& parts() const { return parts_; }
  Wire& wire() { return wire_; }

 private:
  class TestWire final : public Wire {
   public:
    const Peer& peer() const override { return peer_; }
    void Wake() override { woken_ = true; }
    HttpStream::Poster poster() const override {
      return [](const std::function<void()>& job) { job(); };
    }
    Peer peer_ = {.address = "192.0.2.7:50123", .tls_version = ""};
    bool woken_ = false;
  };

  const EdgeLimits limits_;
  const Router router_ = SimpleRouter();
  const FixedClock clock_;
  std::unique_ptr<ByteBudget> budget_ = std::make_unique<ByteBudget>(limits_.in_flight);
  AnswerHeaders headers_{clock_};
  EdgeCounters counters_;
  const SessionParts parts_ = {limits_, router_, *budget_, headers_, counters_};
  TestWire wire_;
  absl::Time now_ = absl::UnixEpoch();
};

}  // namespace clinicd::edge
