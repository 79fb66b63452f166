// One request on its way through the edge: what a connection (HTTP/1.1 or HTTP/2) gives to whatever
// answers it, and what it takes back. Neither side knows the other's protocol.
//
// Threads: a connection is pinned to one thread. Everything here is called on that thread; work
// that ends elsewhere comes back with PostToConnection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace clinicd::edge {

// Names are lower-case. Order and repeats are kept.
struct Header {
  std::string name;
  std::string value;

  friend bool operator==(const Header&, const Header&) = default;
};
using Headers = std::vector<Header>;

enum class HttpVersion { kHttp1, kHttp2 };

// The other end of a connection.
struct Peer {
  // "192.0.2.7:50123", "[2001:db8::7]:50123", or "local" on a Unix socket.
  std::string address;
  // "TLSv1.3" or "TLSv1.2"; empty in clear text.
  std::string tls_version;
};

struct RequestHead {
  HttpVersion version = HttpVersion::kHttp2;
  std::string method;
  // As sent: path and query, not decoded.
  std::string target;
  std::string authority;
  // Without pseudo-headers and without those that belong to the connection.
  Headers headers;
  // Nothing follows the head.
  bool ends = false;

  // The first value of `name` (lower-case), or nothing.
  std::string_view Find(std::string_view name) const;
  // Whether there is a header `name` (lower-case), with a value or without.
  bool Has(std::string_view name) const;
};

// Why an exchange is given up before its end.
enum class ResetReason {
  kCancel,       // RST_STREAM CANCEL
  kInternal,     // RST_STREAM INTERNAL_ERROR
  kEnhanceCalm,  // RST_STREAM ENHANCE_YOUR_CALM
};

// The connection's side of one exchange. The handler must not use it after OnClosed.
class HttpStream {
 public:
  virtual ~HttpStream() = default;

  virtual const Peer& peer() const = 0;

  // The answer: SendHead once, then SendData any number of times, then End once. The connection
  // adds what every answer carries (date, security headers, length or chunking). Trailers are
  // HTTP/2 only; on HTTP/1.1 they are an error of the caller.
  virtual void SendHead(int status, Headers headers) = 0;
  virtual void SendData(std::string bytes) = 0;
  virtual void End(Headers trailers) = 0;
  void End() { End(Headers()); }
  // Gives the exchange up. OnClosed follows.
  virtual void Reset(ResetReason reason) = 0;

  // Whether there is room for more of the answer: this exchange has less than kHighWater bytes that
  // have not left for the wire, and its connection not too many either. A well-behaved handler asks
  // before it produces more; told no, it goes on when OnWritable says so.
  virtual bool HasRoom() = 0;

  // Back-pressure: the client may send `bytes` more. To be called for what OnBody gave, once it is
  // used up.
  virtual void ConsumeBody(std::size_t bytes) = 0;
  // What the handler keeps of the body although it has consumed it, in place of what it said
  // before: counted as memory until the exchange is over. False when there is too little: then the
  // exchange is given up, and OnClosed follows.
  virtual bool KeepBody(std::size_t bytes) = 0;

  // Runs `job` on this connection's thread, soon; from any thread. The job runs even if the stream
  // has closed meanwhile, so that it must look before it touches the stream. A copy outlives it.
  using Poster = std::function<void(std::function<void()> job)>;
  virtual Poster PostToConnection() const = 0;

  static constexpr std::size_t kHighWater = std::size_t{64} * 1024;
};

// Why a stream is over.
enum class CloseReason {
  kDone,   // Both sides ended, everything sent was handed to the kernel.
  kReset,  // The client reset it, or Reset() was called.
  kLost,   // The connection ended or was ended.
};

// The other side: answers one request. Held by the stream and by whoever works for it.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;

  // Once, first. `stream` lives until OnClosed.
  virtual void Start(HttpStream& stream) = 0;
  // Bytes of the body as they come; `bytes` lives as long as the call.
  virtual void OnBody(std::string_view bytes) = 0;
  // The request is complete. Follows Start at once where the head says that nothing follows it;
  // does not come when the stream is closed before.
  virtual void OnBodyEnd() = 0;
  // There is room again, after HasRoom() had said that there was none.
  virtual void OnWritable() = 0;
  // Last, exactly once.
  virtual void OnClosed(CloseReason reason) = 0;
};

// Chooses who answers; never null. The head lives as long as the call. Thread-safe.
using Router = std::function<std::shared_ptr<RequestHandler>(const RequestHead&, const Peer&)>;

}  // namespace clinicd::edge
