// The certificate in use, and its replacement without a restart.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/edge/tls_context.h"
#include "common/log/logger.h"

namespace clinicd::edge {

// Thread-safe.
class CertificateStore final {
 public:
  // Reads and checks the files. FAILED_PRECONDITION names the file and what is wrong. Clock and
  // logger outlive the store.
  static absl::StatusOr<std::unique_ptr<CertificateStore>> Open(const TlsFiles& files,
                                                                const Clock& clock,
                                                                log::Logger& logger);

  // The context for a new connection.
  std::shared_ptr<SSL_CTX> context() const;
  // Until when the certificate is valid.
  absl::Time expires_at() const;
  // Whether the certificate is one for that host name or address.
  bool Covers(std::string_view host) const;

  // Reads the files again if they have changed, and uses them from now on if they are good.
  // Otherwise goes on with what there was, logs that and counts it; the status says why.
  absl::Status Reload();
  std::uint64_t reload_failures() const { return reload_failures_.load(); }

  const TlsFiles& files() const { return files_; }

 private:
  // The texts that a context was made of, to know a change from a touch.
  struct Texts {
    std::string certificate;
    std::string key_digest;
    friend bool operator==(const Texts&, const Texts&) = default;
  };

  CertificateStore(TlsFiles files, const Clock& clock, log::Logger& logger)
      : files_(std::move(files)), clock_(clock), logger_(logger) {}

  absl::Status Load();

  const TlsFiles files_;
  const Clock& clock_;
  log::Logger& logger_;
  std::atomic<std::uint64_t> reload_failures_ = 0;
  // Held while files are read, so that two reloads do not cross.
  absl::Mutex loading_;
  Texts texts_ ABSL_GUARDED_BY(loading_);
  mutable absl::Mutex mutex_;
  TlsContext current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace clinicd::edge
