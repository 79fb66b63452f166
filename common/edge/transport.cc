#include "common/edge/transport.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <cerrno>

namespace clinicd::edge {
namespace {

Transport::Moved FromSystem(ssize_t moved, Transport::Result wait) {
  if (moved > 0) return {Transport::Result::kDone, static_cast<std::size_t>(moved)};
  const bool again = moved < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  return {again ? wait : Transport::Result::kClosed, 0};
}

}  // namespace

Transport::Transport(boost::asio::io_context& io, int fd, SSL_CTX* context)
    : descriptor_(io, fd), ssl_(context == nullptr ? nullptr : SSL_new(context)) {
  if (context != nullptr && (ssl_ == nullptr || SSL_set_fd(ssl_.get(), fd) != 1)) failed_ = true;
}

Transport::~Transport() { Close(); }

Transport::Moved Transport::FromTls(int outcome, std::size_t bytes) {
  if (outcome == 1) return {Result::kDone, bytes};
  switch (SSL_get_error(ssl_.get(), outcome)) {
    case SSL_ERROR_WANT_READ:
      return {Result::kWaitRead, 0};
    case SSL_ERROR_WANT_WRITE:
      return {Result::kWaitWrite, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {Result::kClosed, 0};
    default:
      // OpenSSL forbids a close notification after an error.
      failed_ = true;
      return {Result::kClosed, 0};
  }
}

Transport::Result Transport::Handshake() {
  if (failed_) return Result::kClosed;
  if (handshaken_ || !is_tls()) return Result::kDone;
  ERR_clear_error();
  const Moved moved = FromTls(SSL_accept(ssl_.get()), 0);
  handshaken_ = moved.result == Result::kDone;
  return moved.result;
}

std::string_view Transport::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  if (is_tls()) SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string Transport::tls_version() const {
  return is_tls() ? SSL_get_version(ssl_.get()) : std::string();
}

Transport::Moved Transport::Read(char* to, std::size_t room) {
  if (!is_tls()) {
    return FromSystem(::recv(descriptor_.native_handle(), to, room, 0), Result::kWaitRead);
  }
  std::size_t bytes = 0;
  ERR_clear_error();
  const int outcome = SSL_read_ex(ssl_.get(), to, room, &bytes);
  return FromTls(outcome, bytes);
}

Transport::Moved Transport::Write(std::string_view bytes) {
  if (!is_tls()) {
    return FromSystem(::send(descriptor_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                      Result::kWaitWrite);
  }
  std::size_t written = 0;
  ERR_clear_error();
  const int outcome = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
  return FromTls(outcome, written);
}

Transport::Moved Transport::Discard(char* to, std::size_t room) {
  // On TCP, the flag has the kernel drop the bytes instead of copying them.
  return FromSystem(::recv(descriptor_.native_handle(), to, room, MSG_TRUNC), Result::kWaitRead);
}

void Transport::EndOutput() {
  if (!is_open()) return;
  if (is_tls() && handshaken_ && !failed_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }
  ::shutdown(descriptor_.native_handle(), SHUT_WR);
}

void Transport::Close() {
  boost::system::error_code ignored;
  descriptor_.close(ignored);
}

}  // namespace clinicd::edge
