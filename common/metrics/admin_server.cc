#include "common/metrics/admin_server.h"

#include <civetweb.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/base/text.h"
#include "common/base/try.h"

namespace clinicd::metrics {
namespace {

constexpr std::string_view kPlain = "text/plain; charset=utf-8";
constexpr std::string_view kPrometheus = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view kJson = "application/json";

std::string_view PhraseOf(int code) {
  switch (code) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    default:
      return "Service Unavailable";
  }
}

std::string_view View(const char* text) { return text == nullptr ? "" : text; }

// civetweb would print to standard error, among the lines of our log.
int Discard(const mg_connection* /*connection*/, const char* /*message*/) { return 1; }

// civetweb looks whether it should stop only when a client comes, or after two seconds: so one
// comes, until it has stopped.
void Stop(mg_context* context, const config::Address& address) {
  absl::Notification stopped;
  std::thread stopper([context, &stopped] {
    mg_stop(context);
    stopped.Notify();
  });
  do {
    std::array<char, 64> ignored = {};
    mg_connection* const client = mg_connect_client(address.host.c_str(), address.port,
                                                    /*use_ssl=*/0, ignored.data(), ignored.size());
    if (client != nullptr) mg_close_connection(client);
  } while (!stopped.WaitForNotificationWithTimeout(absl::Milliseconds(10)));
  stopper.join();
}

}  // namespace

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(const config::Address& address,
                                                                const Metrics& metrics,
                                                                const Readiness& readiness) {
  if (!config::IsLoopback(address)) {
    return absl::InvalidArgumentError(
        absl::StrCat(config::ToText(address), " is not an address on loopback"));
  }
  std::unique_ptr<AdminServer> server(new AdminServer(address, metrics, readiness));
  CLINICD_RETURN_IF_ERROR(server->Listen());
  return server;
}

absl::Status AdminServer::Listen() {
  const std::string port = config::ToText(address_);
  std::array<const char*, 13> options = {"listening_ports",
                                         port.c_str(),
                                         "num_threads",
                                         "2",
                                         "request_timeout_ms",
                                         "2000",
                                         "enable_keep_alive",
                                         "no",
                                         "max_request_size",
                                         "4096",
                                         "linger_timeout_ms",
                                         "1000",
                                         nullptr};
  mg_callbacks callbacks = {};
  callbacks.log_message = Discard;
  std::array<char, 256> error_text = {};
  unsigned error_code = 0;
  mg_error_data error = {&error_code, error_text.data(), error_text.size()};
  mg_init_data init = {&callbacks, nullptr, options.data()};

  mg_init_library(MG_FEATURES_DEFAULT);
  context_ = mg_start2(&init, &error);
  if (context_ == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", port, ": ", error_text.data()));
  }
  mg_set_request_handler(context_, "**", Handle, this);
  mg_server_port bound = {};
  if (mg_get_server_ports(context_, 1, &bound) != 1) {
    return absl::UnavailableError(absl::StrCat("cannot learn the port of ", port));
  }
  address_.port = static_cast<std::uint16_t>(bound.port);
  return absl::OkStatus();
}

AdminServer::~AdminServer() {
  if (context_ != nullptr) Stop(context_, address_);
  mg_exit_library();
}

AdminServer::Answer AdminServer::AnswerTo(std::string_view method, std::string_view path) const {
  if (method != "GET" && method != "HEAD") return {405, kPlain, "use GET\n"};
  if (path == "/metrics") return {200, kPrometheus, metrics_.Exposition()};
  if (path == "/healthz") return {200, kPlain, "alive\n"};
  if (path == "/readyz") return Ready();
  return {404, kPlain, "there is /metrics, /healthz and /readyz\n"};
}

AdminServer::Answer AdminServer::Ready() const {
  using Json = nlohmann::ordered_json;
  const std::vector<Readiness::Result> results = readiness_.Evaluate();
  const bool ready = std::all_of(results.begin(), results.end(),
                                 [](const auto& result) { return result.status.ok(); });
  Json report = {{"ready", ready}, {"checks", Json::array()}};
  for (const Readiness::Result& result : results) {
    Json check = {{"name", result.name}, {"ready", result.status.ok()}};
    if (!result.status.ok()) {
      check["code"] = absl::StatusCodeToString(result.status.code());
      check["message"] = FromAbsl(result.status.message());
    }
    report["checks"].push_back(std::move(check));
  }
  return {ready ? 200 : 503, kJson,
          report.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n"};
}

int AdminServer::Handle(mg_connection* connection, void* server) {
  const mg_request_info* const request = mg_get_request_info(connection);
  const std::string_view method = View(request->request_method);
  const Answer answer =
      static_cast<const AdminServer*>(server)->AnswerTo(method, View(request->local_uri));
  std::string response = absl::StrCat(
      "HTTP/1.1 ", answer.code, " ", ToAbsl(PhraseOf(answer.code)),
      "\r\nContent-Type: ", ToAbsl(answer.type), "\r\nContent-Length: ", answer.body.size(),
      "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n",
      answer.code == 405 ? "Allow: GET, HEAD\r\n" : "", "\r\n");
  if (method != "HEAD") response += answer.body;
  mg_write(connection, response.data(), response.size());
  return answer.code;
}

}  // namespace clinicd::metrics
