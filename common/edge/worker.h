// A thread that serves connections.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <thread>

#include "absl/container/flat_hash_map.h"
#include "common/edge/connection.h"

namespace clinicd::edge {

class Worker final {
 public:
  // What all threads share; outlives the worker.
  struct Parts {
    const EdgeLimits& limits;
    ByteBudget& budget;
    EdgeCounters& counters;
    ConnectionGate& gate;
    const Clock& clock;
    const Clock& monotonic;
  };

  explicit Worker(const Parts& parts);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  Worker(Worker&&) = delete;
  Worker& operator=(Worker&&) = delete;

  boost::asio::io_context& io() { return *io_; }
  void Start();
  // From any thread.
  void Adopt(Accepted accepted);
  void Drain();
  // Ends all connections; those that come later too.
  void CloseAll();
  // After CloseAll.
  void Join();

 private:
  void Sweep();
  void ArmSweep();

  const std::shared_ptr<boost::asio::io_context> io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  const Parts parts_;
  AnswerHeaders headers_;
  std::string in_;
  std::string out_;
  ConnectionParts connection_parts_;
  boost::asio::steady_timer timer_;
  bool sweeping_ = false;
  bool draining_ = false;
  bool closing_ = false;
  // Kept by whoever waits for their sockets as well.
  absl::flat_hash_map<const Connection*, std::shared_ptr<Connection>> connections_;
  std::thread thread_;
};

}  // namespace clinicd::edge
