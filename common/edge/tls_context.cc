#include "common/edge/tls_context.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/try.h"

namespace clinicd::edge {
namespace {

// Lengths before names, as ALPN has it; ours first.
constexpr std::string_view kProtocols = "\x02h2\x08http/1.1";

constexpr char kSuites13[] =
    "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";
constexpr char kSuites12[] =
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305";
constexpr char kGroups[] = "X25519:P-256:P-384";

using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

absl::Status Unusable(const char* why) { return absl::FailedPreconditionError(why); }

BioPtr Reader(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all};
}

std::vector<std::shared_ptr<X509>> ReadChain(const std::string& pem) {
  std::vector<std::shared_ptr<X509>> chain;
  const BioPtr reader = Reader(pem);
  while (X509* const certificate = PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr)) {
    chain.emplace_back(certificate, X509_free);
  }
  ERR_clear_error();
  return chain;
}

absl::Time ToTime(const ASN1_TIME* time) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

// A server asks nobody for a pass phrase.
int RefusePassPhrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

int SelectProtocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* chosen_size,
                   const unsigned char* offered, unsigned offered_size, void* /*data*/) {
  unsigned char* selected = nullptr;
  const int outcome = SSL_select_next_proto(
      &selected, chosen_size, reinterpret_cast<const unsigned char*>(kProtocols.data()),
      static_cast<unsigned>(kProtocols.size()), offered, offered_size);
  *chosen = selected;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

absl::Status CheckChain(const std::vector<std::shared_ptr<X509>>& chain, absl::Time now) {
  if (chain.empty()) return Unusable("there is no certificate in the file");
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (now >= ToTime(X509_get0_notAfter(chain[i].get()))) {
      return Unusable("the certificate is expired");
    }
    if (now < ToTime(X509_get0_notBefore(chain[i].get()))) {
      return Unusable("the certificate is not valid yet");
    }
    if (i > 0 && X509_check_issued(chain[i].get(), chain[i - 1].get()) != X509_V_OK) {
      return Unusable("the certificates of the chain do not issue each other, leaf first");
    }
  }
  return absl::OkStatus();
}

void Configure(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_ciphersuites(context, kSuites13);
  SSL_CTX_set_cipher_list(context, kSuites12);
  SSL_CTX_set1_groups_list(context, kGroups);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                   SSL_OP_NO_TICKET | SSL_OP_SINGLE_ECDH_USE);
  // A stolen ticket key or cache opens recorded traffic; a handshake is cheap.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_max_early_data(context, 0);
  SSL_CTX_set_alpn_select_cb(context, SelectProtocol, nullptr);
  // Idle connections hold no buffers; writes may be repeated from elsewhere.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

}  // namespace

absl::StatusOr<TlsContext> MakeTlsContext(const std::string& certificate_pem,
                                          const std::string& key_pem, absl::Time now) {
  const std::vector<std::shared_ptr<X509>> chain = ReadChain(certificate_pem);
  CLINICD_RETURN_IF_ERROR(CheckChain(chain, now));
  const KeyPtr key(
      PEM_read_bio_PrivateKey(Reader(key_pem).get(), nullptr, RefusePassPhrase, nullptr),
      EVP_PKEY_free);
  ERR_clear_error();
  if (key == nullptr) return Unusable("there is no private key without pass phrase in the file");
  if (X509_check_private_key(chain[0].get(), key.get()) != 1) {
    ERR_clear_error();
    return Unusable("the private key does not belong to the certificate");
  }
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (context == nullptr) return Unusable("OpenSSL makes no context");
  Configure(context.get());
  if (SSL_CTX_use_certificate(context.get(), chain[0].get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) {
    ERR_clear_error();
    return Unusable("the certificate is too weak to be used");
  }
  for (std::size_t i = 1; i < chain.size(); ++i) {
    SSL_CTX_add1_chain_cert(context.get(), chain[i].get());
  }
  return TlsContext{.context = context,
                    .leaf = chain[0],
                    .expires_at = ToTime(X509_get0_notAfter(chain[0].get()))};
}

}  // namespace clinicd::edge
