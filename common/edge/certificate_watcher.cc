#include "common/edge/certificate_watcher.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

namespace clinicd::edge {
namespace {

constexpr std::chrono::milliseconds kSettle(100);
constexpr std::uint32_t kChanges = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE;

}  // namespace

CertificateWatcher::CertificateWatcher(boost::asio::io_context& io, CertificateStore& store,
                                       absl::Duration interval)
    : store_(store), interval_(interval), changes_(io), settle_(io), every_(io) {
  const int descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0) return;
  // Directories, because files are replaced and not rewritten.
  for (const auto& file : {store.files().certificate, store.files().key}) {
    const auto directory = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    ::inotify_add_watch(descriptor, directory.c_str(), kChanges);
  }
  changes_.assign(descriptor);
}

void CertificateWatcher::Start() {
  if (changes_.is_open()) WaitForChange();
  ReloadEveryInterval();
}

void CertificateWatcher::Close() {
  boost::system::error_code ignored;
  changes_.close(ignored);
  settle_.cancel();
  every_.cancel();
}

void CertificateWatcher::WaitForChange() {
  changes_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [this](boost::system::error_code error) {
                        if (error) return;
                        DiscardEvents();
                        ReloadSoon();
                        WaitForChange();
                      });
}

void CertificateWatcher::DiscardEvents() {
  std::array<char, 4096> events = {};
  while (::read(changes_.native_handle(), events.data(), events.size()) > 0) {
  }
}

void CertificateWatcher::ReloadSoon() {
  settle_.expires_after(kSettle);
  settle_.async_wait([this](boost::system::error_code error) {
    // What is wrong has been logged and counted by the store.
    if (!error) store_.Reload().IgnoreError();
  });
}

void CertificateWatcher::ReloadEveryInterval() {
  every_.expires_after(absl::ToChronoNanoseconds(interval_));
  every_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    store_.Reload().IgnoreError();
    ReloadEveryInterval();
  });
}

}  // namespace clinicd::edge
