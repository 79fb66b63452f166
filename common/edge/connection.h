// One accepted socket: moves bytes between it and a session, and ends it in time.
#pragma once

#include <openssl/ssl.h>

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/edge/connection_gate.h"
#include "common/edge/session.h"
#include "common/edge/transport.h"

namespace clinicd::edge {

// What connections of one thread share; outlives them.
struct ConnectionParts {
  const EdgeLimits& limits;
  ByteBudget& budget;
  EdgeCounters& counters;
  ConnectionGate& gate;
  AnswerHeaders& headers;
  const Clock& monotonic;
  std::shared_ptr<boost::asio::io_context> io;
  // Where bytes stay between socket and session; used by one connection at a time.
  std::string& in;
  std::string& out;
};

// An accepted socket on its way to the thread that will serve it. The gate has let it in.
struct Accepted {
  int descriptor = -1;
  std::string address;
  std::string network;
  // Null: clear text.
  std::shared_ptr<SSL_CTX> tls;
  // HTTP/2 may follow in clear text.
  bool may_be_h2 = true;
  // Outlives the connection.
  const Router* router = nullptr;
};

// Lives on its io_context's thread, and as long as somebody waits for its socket.
class Connection final : public Wire, public std::enable_shared_from_this<Connection> {
 public:
  // `on_closed` is called once, at the end.
  Connection(const ConnectionParts& parts, const Accepted& accepted,
             std::function<void(const Connection*)> on_closed);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  Connection(Connection&&) = delete;
  Connection& operator=(Connection&&) = delete;

  void Start() { Pump(); }
  void Drain();
  // Ends what took too long.
  void CheckTimes(absl::Time now);
  // Ends at once.
  void Close();

  const Peer& peer() const override { return peer_; }
  void Wake() override;
  HttpStream::Poster poster() const override;

 private:
  enum class Stage { kHandshake, kSniff, kServe, kLinger, kClosed };

  // Gets as far as the socket allows.
  void Pump();
  bool Advance(absl::Time now);
  bool AdvanceHandshake(absl::Time now);
  bool AdvanceSniff(absl::Time now);
  bool AdvanceServe(absl::Time now);
  bool AdvanceLinger();
  void StartSession(bool h2, absl::Time now);
  // False when the socket takes no more for now.
  bool Flush(absl::Time now);
  bool WriteOut(std::string& bytes, absl::Time now);
  // Reads once into parts_.in; nothing when there is nothing for now.
  std::optional<std::string_view> ReadSome();
  // What a read has led to: how many bytes; nothing when there is nothing for now.
  std::optional<std::size_t> BytesOf(const Transport::Moved& moved);
  void Finish(absl::Time now);
  void CountCut();
  void Cut(edge::Cut cut);
  void WaitFor(Transport::Result result);

  const ConnectionParts& parts_;
  const SessionParts session_parts_;
  const std::string network_;
  const bool may_be_h2_;
  const std::function<void(const Connection*)> on_closed_;
  Peer peer_;
  // Holds the certificate's context as long as the connection.
  const std::shared_ptr<SSL_CTX> tls_;
  Transport transport_;
  std::unique_ptr<Session> session_;

  Stage stage_;
  std::string sniffed_;
  std::string unsent_;
  std::size_t discarded_ = 0;
  const absl::Time began_;
  absl::Time linger_since_;
  absl::Time last_written_;
  bool draining_ = false;
  bool pumping_ = false;
  bool woken_ = false;
  bool posted_ = false;
  bool waits_to_read_ = false;
  bool waits_to_write_ = false;
};

}  // namespace clinicd::edge
