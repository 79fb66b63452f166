#include "tests/support/tls_client.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <catch2/catch.hpp>
#include <memory>

#include "absl/strings/str_cat.h"

namespace clinicd::testing {
namespace {

template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

Context ContextTrusting(const std::string& authority) {
  Context context(SSL_CTX_new(TLS_client_method()));
  const Bio text(BIO_new_mem_buf(authority.data(), static_cast<int>(authority.size())));
  const Certificate certificate(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
  REQUIRE(certificate != nullptr);
  REQUIRE(X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), certificate.get()) == 1);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

}  // namespace

std::string ExchangeOverTls(int port, const std::string& authority, const std::string& request) {
  const Context context = ContextTrusting(authority);
  const Bio connection(BIO_new_ssl_connect(context.get()));
  SSL* ssl = nullptr;
  BIO_get_ssl(connection.get(), &ssl);
  REQUIRE(SSL_set1_host(ssl, "localhost") == 1);
  BIO_set_conn_hostname(connection.get(), absl::StrCat("127.0.0.1:", port).c_str());
  REQUIRE(BIO_do_connect(connection.get()) == 1);
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  REQUIRE(::setsockopt(SSL_get_fd(ssl), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0);
  REQUIRE(BIO_do_handshake(connection.get()) == 1);
  const int size = static_cast<int>(request.size());
  REQUIRE(BIO_write(connection.get(), request.data(), size) == size);
  std::string answer;
  std::array<char, 4096> buffer{};
  int count = 0;
  while ((count = BIO_read(connection.get(), buffer.data(), buffer.size())) > 0) {
    answer.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return answer;
}

}  // namespace clinicd::testing
