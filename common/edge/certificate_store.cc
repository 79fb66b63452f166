#include "common/edge/certificate_store.h"

#include <openssl/x509v3.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/crypto/digest.h"

namespace clinicd::edge {
namespace {

absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::FailedPreconditionError(absl::StrCat(path.string(), " cannot be read"));
  }
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

}  // namespace

absl::StatusOr<std::unique_ptr<CertificateStore>> CertificateStore::Open(const TlsFiles& files,
                                                                         const Clock& clock,
                                                                         log::Logger& logger) {
  std::unique_ptr<CertificateStore> store(new CertificateStore(files, clock, logger));
  const absl::MutexLock lock(&store->loading_);
  const absl::Status loaded = store->Load();
  if (!loaded.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(files.certificate.string(), " with ",
                                                      files.key.string(), ": ", loaded.message()));
  }
  return store;
}

std::shared_ptr<SSL_CTX> CertificateStore::context() const {
  const absl::MutexLock lock(&mutex_);
  return current_.context;
}

absl::Time CertificateStore::expires_at() const {
  const absl::MutexLock lock(&mutex_);
  return current_.expires_at;
}

bool CertificateStore::Covers(std::string_view host) const {
  const std::string name(host);
  const absl::MutexLock lock(&mutex_);
  return X509_check_host(current_.leaf.get(), name.data(), name.size(), 0, nullptr) == 1 ||
         X509_check_ip_asc(current_.leaf.get(), name.c_str(), 0) == 1;
}

absl::Status CertificateStore::Reload() {
  const absl::MutexLock lock(&loading_);
  absl::Status loaded = Load();
  if (!loaded.ok()) {
    reload_failures_.fetch_add(1);
    logger_.Error("tls_reload_failed", {{log::kPath, files_.certificate.string()},
                                        {log::kNote, FromAbsl(loaded.message())}});
  }
  return loaded;
}

absl::Status CertificateStore::Load() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  CLINICD_ASSIGN_OR_RETURN(const std::string certificate, ReadFile(files_.certificate));
  CLINICD_ASSIGN_OR_RETURN(const std::string key, ReadFile(files_.key));
  const auto digest = crypto::Sha256(key);
  Texts texts = {certificate, std::string(crypto::AsView(digest))};
  if (texts == texts_) return absl::OkStatus();
  CLINICD_ASSIGN_OR_RETURN(TlsContext context, MakeTlsContext(certificate, key, clock_.Now()));
  const bool first = texts_ == Texts();
  texts_ = std::move(texts);
  {
    const absl::MutexLock lock(&mutex_);
    std::swap(current_, context);
  }
  if (!first) logger_.Info("tls_reloaded", {{log::kPath, files_.certificate.string()}});
  return absl::OkStatus();
}

}  // namespace clinicd::edge
