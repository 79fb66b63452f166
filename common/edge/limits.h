// What one client may cost. Defaults are for the open Internet; the configuration may raise the
// number of connections, nothing else.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace clinicd::edge {

inline constexpr std::size_t kKibibyte = 1024;

struct EdgeLimits {
  // Heads of requests. Sizes are bytes; a header counts as RFC 9113 counts it, 32 bytes more than
  // its name and value.
  std::size_t header_list = 8 * kKibibyte;
  std::size_t header_count = 100;
  std::size_t request_line = 8 * kKibibyte;

  // HTTP/2, each connection.
  // A browser opens no second connection: of a tab with a hundred streams, other calls need room.
  std::uint32_t concurrent_streams = 128;
  std::uint32_t stream_window = 64 * 1024;
  std::int32_t connection_window = 1024 * 1024;
  // Streams that may be reset, by the client, and by us for errors of the client: at once, and
  // each second afterwards.
  std::uint32_t reset_burst = 1000;
  std::uint32_t reset_rate = 33;
  std::size_t continuations = 8;
  std::size_t settings_entries = 32;
  // Acknowledgements that wait to be written.
  std::size_t outbound_acks = 100;
  // PING frames without data in either direction, within ping_period.
  int pings = 10;
  absl::Duration ping_period = absl::Seconds(10);
  // SETTINGS, PRIORITY and empty DATA frames: at once, and each second afterwards.
  std::uint32_t control_burst = 100;
  std::uint32_t control_rate = 10;
  // Bytes of answers that wait in all streams of a connection, and behind them for the kernel,
  // before those who answer have to wait. A stream that the client takes nothing of must not stop
  // the others for good: one that has nothing waiting and could send at once may go on although it
  // is too much.
  std::size_t connection_unsent = 64 * kKibibyte;
  // Frames that wait to be written before no more is read.
  std::size_t outbound_frames = 256;

  // HTTP/1.1: bytes of a body that were handed over and not used up, before no more is read.
  std::size_t body_window = 64 * kKibibyte;

  // Time.
  absl::Duration handshake = absl::Seconds(5);
  absl::Duration settings_ack = absl::Seconds(10);
  absl::Duration head = absl::Seconds(5);
  // A body must not stop for longer than this, nor be slower on average, once body_grace is over.
  absl::Duration body_idle = absl::Seconds(30);
  absl::Duration body_grace = absl::Seconds(30);
  std::size_t body_bytes_per_second = 1024;
  // Nothing under way.
  absl::Duration idle = absl::Minutes(5);
  // Something to write, and the client takes nothing.
  absl::Duration write = absl::Seconds(30);
  // Reading on after the last answer, so that it is not lost to a reset.
  absl::Duration linger = absl::Seconds(1);
  // How often the times above are looked at.
  absl::Duration sweep = absl::Milliseconds(250);

  // The whole edge.
  std::size_t connections = 4096;
  // From one IPv4 address or one IPv6 /64 network. Not on listeners in clear text, where a proxy
  // speaks for everybody.
  std::size_t connections_per_address = 64;
  // New connections from one such address: at once, and each second afterwards.
  std::uint32_t connect_burst = 256;
  std::uint32_t connect_rate = 64;
  // Bytes of requests, which are bodies not used up and heads of HTTP/2, and of answers not
  // written.
  std::size_t in_flight = 128 * kKibibyte * kKibibyte;
};

// How a body comes in: since when, since when nothing came, and how many bytes.
struct BodyProgress {
  absl::Duration age;
  absl::Duration quiet;
  std::size_t received = 0;
};

// Whether the body has stopped for too long, or is too slow on average.
inline bool IsTooSlow(const BodyProgress& body, const EdgeLimits& limits) {
  if (body.quiet > limits.body_idle) return true;
  if (body.age <= limits.body_grace) return false;
  return static_cast<double>(body.received) <
         absl::ToDoubleSeconds(body.age) * static_cast<double>(limits.body_bytes_per_second);
}

}  // namespace clinicd::edge
