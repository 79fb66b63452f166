// A certificate authority of one's own, for `clinicd dev`.
#pragma once

#include <filesystem>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/random.h"
#include "common/edge/tls_context.h"

namespace clinicd::server {

// The files of a development authority and a certificate that it issued for localhost, 127.0.0.1
// and ::1 (ECDSA P-256).
struct DevCertificates {
  // What clients are to trust, PEM.
  std::filesystem::path authority;
  edge::TlsFiles server;
};

// Uses the certificates in `directory` if they last for another week, makes new ones otherwise. The
// authority's key is not kept: nobody can issue a second certificate under it. Keys are readable by
// their owner only.
absl::StatusOr<DevCertificates> EnsureDevCertificates(const std::filesystem::path& directory,
                                                      absl::Time now, Random& random);

}  // namespace clinicd::server
