#include "common/edge/edge_server.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "common/base/try.h"
#include "common/edge/certificate_watcher.h"
#include "common/edge/listener.h"
#include "common/edge/redirect.h"
#include "common/edge/worker.h"

namespace clinicd::edge {
namespace {

using Kind = ListenerOptions::Kind;

absl::StatusOr<ListeningSocket> OpenSocket(const ListenerOptions& options) {
  if (options.descriptor >= 0) return ListenOnInherited(options.descriptor);
  if (!options.socket_path.empty()) return ListenOnPath(options.socket_path);
  return ListenOnAddress(options.address);
}

absl::Status Check(const ListenerOptions& options, const ListeningSocket& socket,
                   const CertificateStore* certificates) {
  if (options.kind == Kind::kClear) {
    if (socket.is_local()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat(config::ToText(options.address),
                     " would serve clear text to a network: use loopback or a Unix socket"));
  }
  if (certificates != nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError("a listener for HTTPS needs a certificate");
}

}  // namespace

// Declared in the order of dependence: each part outlives those below it.
struct EdgeServer::Parts {
  Parts(EdgeOptions with, Router answers, CertificateStore* store, const Clock& clock)
      : options(std::move(with)),
        router(std::move(answers)),
        certificates(store),
        budget(options.limits.in_flight),
        gate(options.limits) {
    for (int i = 0; i < std::max(1, options.threads); ++i) {
      workers.push_back(std::make_unique<Worker>(Worker::Parts{.limits = options.limits,
                                                               .budget = budget,
                                                               .counters = counters,
                                                               .gate = gate,
                                                               .clock = clock,
                                                               .monotonic = monotonic}));
    }
  }

  absl::Status Listen();
  absl::Status Open(std::vector<ListeningSocket>& sockets) const;
  // Those of the first `count` listeners.
  void RemoveSocketFiles(std::size_t count) const;
  void Add(const ListenerOptions& listener, ListeningSocket socket);
  // On the first worker's thread.
  void CloseListeners();

  const EdgeOptions options;
  const Router router;
  Router redirect;
  CertificateStore* const certificates;
  const MonotonicClock monotonic;
  EdgeCounters counters;
  ByteBudget budget;
  ConnectionGate gate;
  std::vector<int> ports;
  std::size_t next_worker = 0;
  std::atomic<bool> draining = false;
  std::atomic<bool> stopped = false;
  std::vector<std::unique_ptr<Worker>> workers;
  // On the first worker's thread.
  std::vector<std::unique_ptr<Acceptor>> acceptors;
  std::optional<CertificateWatcher> watcher;
};

absl::Status EdgeServer::Parts::Open(std::vector<ListeningSocket>& sockets) const {
  for (const ListenerOptions& listener : options.listeners) {
    CLINICD_ASSIGN_OR_RETURN(ListeningSocket socket, OpenSocket(listener));
    sockets.push_back(std::move(socket));
    CLINICD_RETURN_IF_ERROR(Check(listener, sockets.back(), certificates));
  }
  return absl::OkStatus();
}

absl::Status EdgeServer::Parts::Listen() {
  std::vector<ListeningSocket> sockets;
  if (absl::Status opened = Open(sockets); !opened.ok()) {
    RemoveSocketFiles(sockets.size());
    return opened;
  }
  int https_port = 0;
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    ports.push_back(sockets[i].port());
    if (options.listeners[i].kind == Kind::kTls && https_port == 0) https_port = ports.back();
  }
  redirect = RedirectToHttps(
      {.authority = options.public_authority,
       .https_port = https_port,
       .covers = [store = certificates](std::string_view host) { return store->Covers(host); }});
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    Add(options.listeners[i], std::move(sockets[i]));
  }
  if (certificates != nullptr) {
    watcher.emplace(workers[0]->io(), *certificates, options.reload_interval);
    watcher->Start();
  }
  return absl::OkStatus();
}

void EdgeServer::Parts::Add(const ListenerOptions& listener, ListeningSocket socket) {
  const Kind kind = listener.kind;
  acceptors.push_back(std::make_unique<Acceptor>(
      workers[0]->io(), std::move(socket),
      Acceptor::Parts{.gate = gate,
                      .counters = counters,
                      .monotonic = monotonic,
                      .by_address = kind != Kind::kClear},
      [this, kind](int descriptor, const PeerAddress& peer) {
        Worker& worker = *workers[next_worker++ % workers.size()];
        worker.Adopt({.descriptor = descriptor,
                      .address = peer.text,
                      .network = peer.network,
                      .tls = kind == Kind::kTls ? certificates->context() : nullptr,
                      .may_be_h2 = kind != Kind::kRedirect,
                      .router = kind == Kind::kRedirect ? &redirect : &router});
      }));
  acceptors.back()->Start();
}

void EdgeServer::Parts::CloseListeners() {
  for (const auto& acceptor : acceptors) acceptor->Close();
  if (watcher) watcher->Close();
  RemoveSocketFiles(options.listeners.size());
}

void EdgeServer::Parts::RemoveSocketFiles(std::size_t count) const {
  for (std::size_t i = 0; i < count; ++i) {
    const std::filesystem::path& path = options.listeners[i].socket_path;
    std::error_code ignored;
    if (!path.empty()) std::filesystem::remove(path, ignored);
  }
}

EdgeServer::EdgeServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

EdgeServer::~EdgeServer() { Stop(absl::ZeroDuration()); }

absl::StatusOr<std::unique_ptr<EdgeServer>> EdgeServer::Start(const EdgeOptions& options,
                                                              Router router,
                                                              CertificateStore* certificates,
                                                              const Clock& clock) {
  auto parts = std::make_unique<Parts>(options, std::move(router), certificates, clock);
  CLINICD_RETURN_IF_ERROR(parts->Listen());
  for (const auto& worker : parts->workers) worker->Start();
  return std::unique_ptr<EdgeServer>(new EdgeServer(std::move(parts)));
}

int EdgeServer::port(std::size_t listener) const { return parts_->ports.at(listener); }

void EdgeServer::Drain() {
  if (parts_->draining.exchange(true)) return;
  boost::asio::post(parts_->workers[0]->io(), [parts = parts_.get()] {
    parts->CloseListeners();
    // Only now: what has been accepted is with its worker.
    for (const auto& worker : parts->workers) worker->Drain();
  });
}

void EdgeServer::Stop(absl::Duration patience) {
  if (parts_->stopped.exchange(true)) return;
  Drain();
  parts_->gate.WaitUntilEmpty(patience);
  // Listeners are closed before connections, or new ones would follow.
  absl::BlockingCounter closed(1);
  boost::asio::post(parts_->workers[0]->io(), [this, &closed] {
    for (const auto& worker : parts_->workers) worker->CloseAll();
    closed.DecrementCount();
  });
  closed.Wait();
  for (const auto& worker : parts_->workers) worker->Join();
}

const EdgeCounters& EdgeServer::counters() const { return parts_->counters; }

std::size_t EdgeServer::connections() const { return parts_->gate.connections(); }

std::size_t EdgeServer::bytes_in_flight() const { return parts_->budget.held(); }

}  // namespace clinicd::edge
