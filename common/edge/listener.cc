#include "common/edge/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace clinicd::edge {
namespace {

constexpr int kBacklog = 1024;
// Accepted at once before others get their turn.
constexpr int kBurst = 64;
constexpr std::chrono::milliseconds kRetry(50);

using AddressPtr = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

absl::Status CannotListen(const std::string& where, int error) {
  return absl::UnavailableError(
      absl::StrCat("cannot listen on ", where, ": ", std::system_category().message(error)));
}

int NewSocket(int family) {
  return ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

void Set(int descriptor, int level, int option, int value) {
  ::setsockopt(descriptor, level, option, &value, sizeof(value));
}

sockaddr_storage OwnAddress(int descriptor) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  return address;
}

int OpenReserve() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

// Whether a socket of that path has no listener behind it.
bool IsAbandoned(const sockaddr_un& address) {
  const ListeningSocket probe(NewSocket(AF_UNIX));
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
             0 &&
         errno == ECONNREFUSED;
}

}  // namespace

ListeningSocket::~ListeningSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept : descriptor_(other.Release()) {}

int ListeningSocket::Release() { return std::exchange(descriptor_, -1); }

int ListeningSocket::port() const {
  const sockaddr_storage address = OwnAddress(descriptor_);
  sockaddr_in v4 = {};
  sockaddr_in6 v6 = {};
  if (address.ss_family == AF_INET) {
    std::memcpy(&v4, &address, sizeof(v4));
    return ntohs(v4.sin_port);
  }
  if (address.ss_family != AF_INET6) return 0;
  std::memcpy(&v6, &address, sizeof(v6));
  return ntohs(v6.sin6_port);
}

bool ListeningSocket::is_local() const {
  const sockaddr_storage address = OwnAddress(descriptor_);
  if (address.ss_family == AF_UNIX) return true;
  if (address.ss_family == AF_INET) {
    sockaddr_in v4 = {};
    std::memcpy(&v4, &address, sizeof(v4));
    return ntohl(v4.sin_addr.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
  }
  sockaddr_in6 v6 = {};
  std::memcpy(&v6, &address, sizeof(v6));
  return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

absl::StatusOr<ListeningSocket> ListenOnAddress(const config::Address& address) {
  const std::string where = config::ToText(address);
  const addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
                          .ai_family = AF_UNSPEC,
                          .ai_socktype = SOCK_STREAM,
                          .ai_protocol = 0,
                          .ai_addrlen = 0,
                          .ai_addr = nullptr,
                          .ai_canonname = nullptr,
                          .ai_next = nullptr};
  addrinfo* raw = nullptr;
  const int found =
      ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &raw);
  const AddressPtr addresses(raw, freeaddrinfo);
  if (found != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", where, ": ", ::gai_strerror(found)));
  }
  int error = 0;
  for (const addrinfo* each = raw; each != nullptr; each = each->ai_next) {
    ListeningSocket socket(NewSocket(each->ai_family));
    // A restart must not wait for connections that linger.
    Set(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (each->ai_family == AF_INET6) Set(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (::bind(socket.get(), each->ai_addr, each->ai_addrlen) == 0 &&
        ::listen(socket.get(), kBacklog) == 0) {
      return socket;
    }
    error = errno;
  }
  return CannotListen(where, error);
}

absl::StatusOr<ListeningSocket> ListenOnPath(const std::filesystem::path& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof(address.sun_path)) return CannotListen(text, ENAMETOOLONG);
  std::memcpy(address.sun_path, text.data(), text.size());
  if (std::filesystem::is_socket(path) && IsAbandoned(address)) ::unlink(text.c_str());
  ListeningSocket socket(NewSocket(AF_UNIX));
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::chmod(text.c_str(), S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    return CannotListen(text, errno);
  }
  return socket;
}

absl::StatusOr<ListeningSocket> ListenOnInherited(int descriptor) {
  int listens = 0;
  socklen_t size = sizeof(listens);
  const int flags = ::fcntl(descriptor, F_GETFL);
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0 ||
      ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0) {
    return CannotListen(absl::StrCat("descriptor ", descriptor), EINVAL);
  }
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  return ListeningSocket(descriptor);
}

Acceptor::Acceptor(boost::asio::io_context& io, ListeningSocket socket, const Parts& parts,
                   OnAccepted on_accepted)
    : descriptor_(io, socket.Release()),
      retry_(io),
      parts_(parts),
      on_accepted_(std::move(on_accepted)),
      reserve_(OpenReserve()) {}

Acceptor::~Acceptor() {
  if (reserve_ >= 0) ::close(reserve_);
}

void Acceptor::Start() { Wait(); }

void Acceptor::Close() {
  boost::system::error_code ignored;
  descriptor_.close(ignored);
  retry_.cancel();
}

void Acceptor::Wait() {
  descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                         [this](boost::system::error_code error) {
                           if (!error) AcceptAll();
                         });
}

void Acceptor::RetryLater() {
  retry_.expires_after(kRetry);
  retry_.async_wait([this](boost::system::error_code error) {
    if (!error) AcceptAll();
  });
}

void Acceptor::AcceptAll() {
  for (int i = 0; i < kBurst; ++i) {
    // Others may have taken the last descriptor while DropOne() had lent the reserve. It comes before
    // connections, or nobody could be turned away any more.
    if (reserve_ < 0) reserve_ = OpenReserve();
    if (AcceptOne()) continue;
    const bool exhausted =
        errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    if (exhausted && DropOne()) continue;
    if (exhausted) return RetryLater();
    break;
  }
  Wait();
}

bool Acceptor::AcceptOne() {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  const int accepted = ::accept4(descriptor_.native_handle(), reinterpret_cast<sockaddr*>(&address),
                                 &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted < 0) {
    // Errors of the one connection are not errors of the listener.
    return errno == ECONNABORTED || errno == EINTR || errno == EPROTO || errno == EPERM;
  }
  PeerAddress peer = ToPeerAddress(address);
  if (!peer.network.empty()) Set(accepted, IPPROTO_TCP, TCP_NODELAY, 1);
  if (!parts_.by_address) peer.network.clear();
  if (const auto refused = parts_.gate.Enter(peer.network, parts_.monotonic.Now())) {
    parts_.counters.Count(*refused);
    ::close(accepted);
    return true;
  }
  on_accepted_(accepted, peer);
  return true;
}

bool Acceptor::DropOne() {
  if (reserve_ < 0) return false;
  ::close(reserve_);
  const int accepted =
      ::accept4(descriptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted >= 0) {
    parts_.counters.Count(Cut::kDescriptors);
    ::close(accepted);
  }
  reserve_ = OpenReserve();
  return accepted >= 0;
}

}  // namespace clinicd::edge
