// Notices when certificate files change.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/time/time.h"
#include "common/edge/certificate_store.h"

namespace clinicd::edge {

// Lives on the thread of `io`; `store` outlives it.
class CertificateWatcher final {
 public:
  // Looks every `interval` as well: a link's target may change without a trace in the directory.
  CertificateWatcher(boost::asio::io_context& io, CertificateStore& store, absl::Duration interval);

  // On the thread of `io`, or before it runs.
  void Start();
  void Close();

 private:
  void WaitForChange();
  void DiscardEvents();
  // After the last of several changes: certificate and key are not replaced in one moment.
  void ReloadSoon();
  void ReloadEveryInterval();

  CertificateStore& store_;
  const absl::Duration interval_;
  boost::asio::posix::stream_descriptor changes_;
  boost::asio::steady_timer settle_;
  boost::asio::steady_timer every_;
};

}  // namespace clinicd::edge
