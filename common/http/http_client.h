// Outgoing HTTP.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace clinicd::http {

struct HttpAnswer {
  int status = 0;
  // Without parameters; empty if the server named none.
  std::string content_type = {};
  std::string body = {};
};

struct HttpClientOptions {
  // Of connecting, and of all of an exchange.
  absl::Duration connect_timeout = absl::Seconds(3);
  absl::Duration timeout = absl::Seconds(10);
  std::size_t body_bytes_max = std::size_t{256} * 1024;
  // PEM file of the authorities that are trusted; empty: those of the system.
  std::string authorities_file = {};
};

// Whether `url` is one that HttpClient asks: http://, https://, or unix:/path/of/a/socket.
bool IsHttpUrl(std::string_view url);

// Follows no redirects, uses no proxy, sends no cookies. Keeps its connection between calls. Not
// thread-safe.
class HttpClient final {
 public:
  // A base such as https://witness.example/prefix. INVALID_ARGUMENT unless IsHttpUrl().
  static absl::StatusOr<HttpClient> Create(std::string_view base, HttpClientOptions options = {});

  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  // `path` begins with a slash and follows the base. UNAVAILABLE, with the cause, where no answer
  // came or one that is too large; any answer of the server is an answer.
  absl::StatusOr<HttpAnswer> Get(const std::string& path);
  absl::StatusOr<HttpAnswer> Post(const std::string& path, std::string_view content_type,
                                  std::string_view body);

 private:
  struct State;
  explicit HttpClient(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace clinicd::http
