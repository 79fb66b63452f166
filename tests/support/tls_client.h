// Bytes to and from a port of this machine over TLS.
#pragma once

#include <string>

namespace clinicd::testing {

// Sends `request` to 127.0.0.1 and gives everything that comes back until the other side closes.
// `authority` is the PEM of the certificate that the server's, for "localhost", must be signed by.
// Fails the running test when that is not so or nothing comes for 20 seconds.
std::string ExchangeOverTls(int port, const std::string& authority, const std::string& request);

}  // namespace clinicd::testing
