// What TLS means here: versions 1.2 and 1.3, forward secrecy, AEAD, nothing else.
#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace clinicd::edge {

// A certificate chain, leaf first, and the leaf's key; PEM.
struct TlsFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

// A context ready for connections, and what it was made of.
struct TlsContext {
  // Shared: connections keep the context that they began with.
  std::shared_ptr<SSL_CTX> context;
  std::shared_ptr<X509> leaf;
  absl::Time expires_at;
};

// Makes a context of the PEM texts, after checking them at time `now`: the key belongs to the leaf,
// no certificate is expired or not yet valid, each one is issued by the next. FAILED_PRECONDITION
// says what is wrong with them; its message holds nothing of the key.
absl::StatusOr<TlsContext> MakeTlsContext(const std::string& certificate_pem,
                                          const std::string& key_pem, absl::Time now);

}  // namespace clinicd::edge
