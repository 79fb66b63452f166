#include "tests/bench/clinicbench/http_driver.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/base/try.h"

namespace clinicd::bench {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t kReadBytes = 64 * 1024;

struct Lane {
  int socket = -1;
  bool busy = false;
  Operation operation;
  // What came and is not parsed yet.
  std::string input;
  std::optional<http::response_parser<http::string_body>> parser;
};

absl::StatusOr<int> ConnectTo(const std::string& host, const std::string& port) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) {
    return absl::UnavailableError(absl::StrCat("no address of ", host));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
  const int connection = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection < 0 || connect(connection, found->ai_addr, found->ai_addrlen) != 0) {
    if (connection >= 0) close(connection);
    return absl::UnavailableError(absl::StrCat("no connection to ", host, ":", port));
  }
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return connection;
}

class HttpDriver final : public Driver {
 public:
  HttpDriver(const HttpOptions& options, const Dataset& dataset)
      : options_(options),
        dataset_(dataset),
        poll_(epoll_create1(EPOLL_CLOEXEC)),
        lanes_(static_cast<std::size_t>(options.slots)) {}
  ~HttpDriver() override {
    for (const Lane& lane : lanes_) {
      if (lane.socket >= 0) close(lane.socket);
    }
    close(poll_);
  }
  HttpDriver(const HttpDriver&) = delete;
  HttpDriver& operator=(const HttpDriver&) = delete;
  HttpDriver(HttpDriver&&) = delete;
  HttpDriver& operator=(HttpDriver&&) = delete;

  absl::Status Connect() {
    // Waits end within a microsecond of their time, not fifty.
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    host_ = std::string(absl::StripPrefix(options_.target, "http://"));
    const std::size_t colon = host_.rfind(':');
    if (colon == std::string::npos) return absl::InvalidArgumentError("the target has no port");
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      CLINICD_ASSIGN_OR_RETURN(lanes_[i].socket,
                               ConnectTo(host_.substr(0, colon), host_.substr(colon + 1)));
      epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
      epoll_ctl(poll_, EPOLL_CTL_ADD, lanes_[i].socket, &event);
    }
    return absl::OkStatus();
  }

  absl::Status Start(std::size_t slot, const Operation& operation) override {
    const auto form = options_.templates.find(operation.workload);
    if (form == options_.templates.end()) {
      return absl::InvalidArgumentError("the peer does not know this workload");
    }
    Lane& lane = lanes_[slot];
    lane.operation = operation;
    lane.busy = true;
    lane.parser.emplace();
    const std::string request = HttpRequest(
        form->second, host_, options_.tokens[static_cast<std::size_t>(operation.clinic)], operation,
        dataset_);
    const ssize_t sent = send(lane.socket, request.data(), request.size(), MSG_NOSIGNAL);
    return sent == static_cast<ssize_t>(request.size())
               ? absl::OkStatus()
               : absl::UnavailableError("the peer closed a connection");
  }

  absl::Status Wait(absl::Time until, std::vector<Completion>& done) override {
    const timespec patience = absl::ToTimespec(std::max(absl::ZeroDuration(), until - absl::Now()));
    std::array<epoll_event, 64> events = {};
    const int count =
        epoll_pwait2(poll_, events.data(), static_cast<int>(events.size()), &patience, nullptr);
    for (int i = 0; i < count; ++i) {
      const std::size_t slot = events.at(static_cast<std::size_t>(i)).data.u64;
      Lane& lane = lanes_[slot];
      CLINICD_RETURN_IF_ERROR(Read(lane));
      if (!lane.busy || !lane.parser->is_done()) continue;
      lane.busy = false;
      const auto& message = lane.parser->get();
      Judgement judgement =
          JudgeHttp(lane.operation, static_cast<int>(message.result_int()), message.body());
      done.push_back({slot, judgement.verdict, absl::Now(), std::move(judgement.note)});
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Read(Lane& lane) {
    const ssize_t got = recv(lane.socket, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got <= 0 || !lane.busy) return absl::UnavailableError("the peer closed a connection");
    lane.input.append(buffer_.data(), static_cast<std::size_t>(got));
    boost::system::error_code error;
    while (!lane.input.empty() && !lane.parser->is_done()) {
      const std::size_t used = lane.parser->put(boost::asio::buffer(lane.input), error);
      lane.input.erase(0, used);
      if (error == http::error::need_more || (!error && used == 0)) return absl::OkStatus();
      if (error) return absl::InternalError("the peer sent no HTTP");
    }
    return absl::OkStatus();
  }

  const HttpOptions options_;
  const Dataset dataset_;
  const int poll_;
  std::string host_;
  std::vector<Lane> lanes_;
  std::array<char, kReadBytes> buffer_ = {};
};

}  // namespace

absl::StatusOr<std::unique_ptr<Driver>> ConnectHttp(const HttpOptions& options,
                                                    const Dataset& dataset) {
  auto driver = std::make_unique<HttpDriver>(options, dataset);
  CLINICD_RETURN_IF_ERROR(driver->Connect());
  return std::unique_ptr<Driver>(std::move(driver));
}

}  // namespace clinicd::bench
