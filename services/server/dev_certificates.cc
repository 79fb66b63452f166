#include "services/server/dev_certificates.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/try.h"

namespace clinicd::server {
namespace {

constexpr absl::Duration kLifetime = absl::Hours(24 * 365);
constexpr absl::Duration kRenewBefore = absl::Hours(24 * 7);

template <typename T, void (*Free)(T*)>
struct Freer {
  void operator()(T* object) const { Free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509, X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION, X509_EXTENSION_free>>;
using File = std::unique_ptr<BIO, Freer<BIO, BIO_free_all>>;

absl::Status Failed(std::string_view what) {
  return absl::InternalError(absl::StrCat("Cannot make the development certificates: ",
                                          std::string(what), " failed in OpenSSL."));
}

bool AddExtension(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool SetName(X509_NAME* name, const char* common_name) {
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name), -1, -1,
                                    0) == 1;
}

// A certificate without extensions and signature.
absl::StatusOr<Certificate> NewCertificate(const char* common_name, EVP_PKEY* key, absl::Time now,
                                           Random& random) {
  Certificate certificate(X509_new());
  if (certificate == nullptr) return Failed("allocation");
  const std::string serial = random.Bytes(16);
  const std::unique_ptr<BIGNUM, Freer<BIGNUM, BN_free>> number(
      BN_bin2bn(reinterpret_cast<const unsigned char*>(serial.data()),
                static_cast<int>(serial.size()), nullptr));
  const bool made =
      X509_set_version(certificate.get(), X509_VERSION_3) == 1 && number != nullptr &&
      BN_clear_bit(number.get(), 127) == 1 &&
      BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())) != nullptr &&
      ASN1_TIME_set(X509_getm_notBefore(certificate.get()),
                    absl::ToTimeT(now - absl::Hours(1))) != nullptr &&
      ASN1_TIME_set(X509_getm_notAfter(certificate.get()), absl::ToTimeT(now + kLifetime)) !=
          nullptr &&
      SetName(X509_get_subject_name(certificate.get()), common_name) &&
      X509_set_pubkey(certificate.get(), key) == 1;
  if (!made) return Failed("filling in a certificate");
  return certificate;
}

absl::Status Write(const std::filesystem::path& path, mode_t mode,
                   const std::function<bool(BIO*)>& print) {
  const std::string temporary = path.string() + ".new";
  ::unlink(temporary.c_str());
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0) {
    return absl::FailedPreconditionError(absl::StrCat("Cannot write ", path.string(),
                                                      "; check that the directory is writable."));
  }
  File file(BIO_new_fd(descriptor, BIO_CLOSE));
  if (file == nullptr || !print(file.get())) return Failed("writing a PEM file");
  file.reset();
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  return error ? Failed("renaming a PEM file") : absl::OkStatus();
}

bool StillGood(const DevCertificates& files, absl::Time now) {
  const File file(BIO_new_file(files.server.certificate.c_str(), "r"));
  if (file == nullptr || !std::filesystem::exists(files.server.key) ||
      !std::filesystem::exists(files.authority)) {
    return false;
  }
  const Certificate certificate(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) return false;
  std::time_t limit = absl::ToTimeT(now + kRenewBefore);
  return X509_cmp_time(X509_get0_notAfter(certificate.get()), &limit) > 0;
}

absl::StatusOr<Certificate> MakeAuthority(EVP_PKEY* key, absl::Time now, Random& random) {
  CLINICD_ASSIGN_OR_RETURN(Certificate authority,
                           NewCertificate("clinicd development authority", key, now, random));
  X509* const raw = authority.get();
  const bool made = X509_set_issuer_name(raw, X509_get_subject_name(raw)) == 1 &&
                    AddExtension(raw, raw, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    AddExtension(raw, raw, NID_key_usage, "critical,keyCertSign") &&
                    AddExtension(raw, raw, NID_subject_key_identifier, "hash") &&
                    X509_sign(raw, key, EVP_sha256()) > 0;
  if (!made) return Failed("signing the authority");
  return authority;
}

absl::StatusOr<Certificate> MakeLeaf(EVP_PKEY* key, X509* authority, EVP_PKEY* authority_key,
                                     absl::Time now, Random& random) {
  CLINICD_ASSIGN_OR_RETURN(Certificate leaf, NewCertificate("localhost", key, now, random));
  X509* const raw = leaf.get();
  const bool made =
      X509_set_issuer_name(raw, X509_get_subject_name(authority)) == 1 &&
      AddExtension(raw, authority, NID_basic_constraints, "critical,CA:FALSE") &&
      AddExtension(raw, authority, NID_key_usage, "critical,digitalSignature") &&
      AddExtension(raw, authority, NID_ext_key_usage, "serverAuth") &&
      AddExtension(raw, authority, NID_subject_alt_name,
                   "DNS:localhost,IP:127.0.0.1,IP:::1") &&
      AddExtension(raw, authority, NID_authority_key_identifier, "keyid") &&
      X509_sign(raw, authority_key, EVP_sha256()) > 0;
  if (!made) return Failed("signing the server certificate");
  return leaf;
}

}  // namespace

absl::StatusOr<DevCertificates> EnsureDevCertificates(const std::filesystem::path& directory,
                                                      absl::Time now, Random& random) {
  const DevCertificates files{.authority = directory / "ca.pem",
                              .server = {.certificate = directory / "server.pem",
                                         .key = directory / "server.key"}};
  if (StillGood(files, now)) return files;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  const Key authority_key(EVP_EC_gen("P-256"));
  const Key server_key(EVP_EC_gen("P-256"));
  if (authority_key == nullptr || server_key == nullptr) return Failed("making a key");
  CLINICD_ASSIGN_OR_RETURN(const Certificate authority,
                           MakeAuthority(authority_key.get(), now, random));
  CLINICD_ASSIGN_OR_RETURN(
      const Certificate leaf,
      MakeLeaf(server_key.get(), authority.get(), authority_key.get(), now, random));
  CLINICD_RETURN_IF_ERROR(Write(files.server.key, 0600, [&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, server_key.get(), nullptr, nullptr, 0, nullptr,
                                    nullptr) == 1;
  }));
  CLINICD_RETURN_IF_ERROR(Write(files.server.certificate, 0644, [&](BIO* out) {
    return PEM_write_bio_X509(out, leaf.get()) == 1;
  }));
  CLINICD_RETURN_IF_ERROR(Write(files.authority, 0644, [&](BIO* out) {
    return PEM_write_bio_X509(out, authority.get()) == 1;
  }));
  return files;
}

}  // namespace clinicd::server
