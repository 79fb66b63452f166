// Sockets that listen, and the loop that accepts.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/config/address.h"
#include "common/edge/connection_gate.h"
#include "common/edge/counters.h"
#include "common/edge/peer_address.h"

namespace clinicd::edge {

// A listening descriptor that does not block, closed at the end unless released.
class ListeningSocket final {
 public:
  explicit ListeningSocket(int descriptor) : descriptor_(descriptor) {}
  ~ListeningSocket();
  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&&) = delete;
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;

  int get() const { return descriptor_; }
  int Release();
  // Of TCP sockets; 0 otherwise.
  int port() const;
  // A Unix socket, or one that only this machine reaches.
  bool is_local() const;

 private:
  int descriptor_;
};

// UNAVAILABLE names the address and the cause.
absl::StatusOr<ListeningSocket> ListenOnAddress(const config::Address& address);
// Replaces a socket that nobody listens on any more. Mode 0660.
absl::StatusOr<ListeningSocket> ListenOnPath(const std::filesystem::path& path);
// Takes over a descriptor that listens already.
absl::StatusOr<ListeningSocket> ListenOnInherited(int descriptor);

// Accepts on the thread of `io`. Connections that may not come in are closed at once, also when the
// process has no descriptor left, so that the queue of the kernel never stays full.
class Acceptor final {
 public:
  using OnAccepted = std::function<void(int descriptor, const PeerAddress& peer)>;
  struct Parts {
    ConnectionGate& gate;
    EdgeCounters& counters;
    const Clock& monotonic;
    // Whether connections are limited by address too.
    bool by_address = true;
  };

  Acceptor(boost::asio::io_context& io, ListeningSocket socket, const Parts& parts,
           OnAccepted on_accepted);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;
  Acceptor(Acceptor&&) = delete;
  Acceptor& operator=(Acceptor&&) = delete;

  // On the thread of `io`, or before it runs.
  void Start();
  void Close();

 private:
  void Wait();
  void RetryLater();
  void AcceptAll();
  // False when no more can be accepted now.
  bool AcceptOne();
  bool DropOne();

  boost::asio::posix::stream_descriptor descriptor_;
  boost::asio::steady_timer retry_;
  const Parts parts_;
  const OnAccepted on_accepted_;
  // Given up for a moment to accept, and close, what would wait for ever.
  int reserve_;
};

}  // namespace clinicd::edge
