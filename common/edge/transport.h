// The socket of a connection, in clear text or under TLS, without blocking.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace clinicd::edge {

// Lives on the thread of its io_context.
class Transport final {
 public:
  enum class Result { kDone, kWaitRead, kWaitWrite, kClosed };
  struct Moved {
    Result result = Result::kClosed;
    std::size_t bytes = 0;
  };

  // Takes over `fd`, which does not block. With `context`, TLS from the server's side.
  Transport(boost::asio::io_context& io, int fd, SSL_CTX* context);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  Transport(Transport&&) = delete;
  Transport& operator=(Transport&&) = delete;

  bool is_tls() const { return ssl_ != nullptr; }
  // Goes on with the handshake; kDone at once in clear text.
  Result Handshake();
  // What the handshake agreed on: "h2", "http/1.1", or nothing.
  std::string_view protocol() const;
  // "TLSv1.3"; nothing in clear text.
  std::string tls_version() const;

  Moved Read(char* to, std::size_t room);
  Moved Write(std::string_view bytes);
  // After EndOutput(): takes what still comes without looking at it, not even decrypting it. `to`
  // may be written to.
  Moved Discard(char* to, std::size_t room);
  // Tells the client that nothing more will be sent.
  void EndOutput();
  void Close();
  bool is_open() const { return descriptor_.is_open(); }

  // Calls `ready` once when reading (writing) may get further, with whether it may at all.
  template <typename Ready>
  void WaitReadable(Ready ready) {
    descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read, std::move(ready));
  }
  template <typename Ready>
  void WaitWritable(Ready ready) {
    descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_write, std::move(ready));
  }

 private:
  struct Deleter {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  Moved FromTls(int outcome, std::size_t bytes);

  boost::asio::posix::stream_descriptor descriptor_;
  std::unique_ptr<SSL, Deleter> ssl_;
  bool handshaken_ = false;
  bool failed_ = false;
};

}  // namespace clinicd::edge
