#include "common/edge/worker.h"

#include <unistd.h>

#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>
#include <vector>

namespace clinicd::edge {
namespace {

// One TLS record and a bit.
constexpr std::size_t kReadSize = 32 * kKibibyte;

}  // namespace

Worker::Worker(const Parts& parts)
    : io_(std::make_shared<boost::asio::io_context>(1)),
      work_(boost::asio::make_work_guard(*io_)),
      parts_(parts),
      headers_(parts.clock),
      in_(kReadSize, '\0'),
      connection_parts_{.limits = parts.limits,
                        .budget = parts.budget,
                        .counters = parts.counters,
                        .gate = parts.gate,
                        .headers = headers_,
                        .monotonic = parts.monotonic,
                        .io = io_,
                        .in = in_,
                        .out = out_},
      timer_(*io_) {}

Worker::~Worker() {
  CloseAll();
  Join();
}

void Worker::Start() {
  thread_ = std::thread([this] { io_->run(); });
}

void Worker::Join() {
  if (!thread_.joinable()) return;
  work_.reset();
  thread_.join();
}

void Worker::Adopt(Accepted accepted) {
  boost::asio::post(*io_, [this, accepted = std::move(accepted)] {
    const auto connection = std::make_shared<Connection>(
        connection_parts_, accepted,
        [this](const Connection* closed) { connections_.erase(closed); });
    connections_.emplace(connection.get(), connection);
    if (closing_) {
      connection->Close();
      return;
    }
    if (draining_) connection->Drain();
    ArmSweep();
    connection->Start();
  });
}

// Only while there are connections, so that an idle server sleeps.
void Worker::ArmSweep() {
  if (std::exchange(sweeping_, true)) return;
  timer_.expires_after(absl::ToChronoNanoseconds(parts_.limits.sweep));
  timer_.async_wait([this](boost::system::error_code error) {
    sweeping_ = false;
    if (!error) Sweep();
  });
}

void Worker::Sweep() {
  const absl::Time now = parts_.monotonic.Now();
  std::vector<std::shared_ptr<Connection>> connections;
  connections.reserve(connections_.size());
  for (const auto& [key, connection] : connections_) connections.push_back(connection);
  for (const auto& connection : connections) connection->CheckTimes(now);
  if (!connections_.empty()) ArmSweep();
}

void Worker::Drain() {
  boost::asio::post(*io_, [this] {
    draining_ = true;
    for (const auto& [key, connection] : connections_) connection->Drain();
  });
}

void Worker::CloseAll() {
  boost::asio::post(*io_, [this] {
    closing_ = true;
    timer_.cancel();
    while (!connections_.empty()) {
      const std::shared_ptr<Connection> connection = connections_.begin()->second;
      connection->Close();
    }
  });
}

}  // namespace clinicd::edge
