#include "common/http/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace clinicd::http {
namespace {

constexpr std::string_view kUnixScheme = "unix:";

using Headers = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

// Collects the body; refuses more than may come.
struct Collected {
  std::string body;
  std::size_t bytes_max = 0;
};

std::size_t Collect(const char* data, std::size_t one, std::size_t count, void* collected) {
  auto& into = *static_cast<Collected*>(collected);
  const std::size_t bytes = one * count;
  if (into.body.size() + bytes > into.bytes_max) return 0;
  into.body.append(data, bytes);
  return bytes;
}

void InitializeOnce() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

}  // namespace

struct HttpClient::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  State(State&&) = delete;
  State& operator=(State&&) = delete;
  ~State() {
    if (handle != nullptr) curl_easy_cleanup(handle);
  }

  void Prepare(const std::string& path, Collected& into, char* error) const {
    curl_easy_reset(handle);
    curl_easy_setopt(handle, CURLOPT_URL, absl::StrCat(base, path).c_str());
    if (!socket.empty()) curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, socket.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(absl::ToInt64Milliseconds(options.connect_timeout)));
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS,
                     static_cast<long>(absl::ToInt64Milliseconds(options.timeout)));
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options.authorities_file.empty()) {
      curl_easy_setopt(handle, CURLOPT_CAINFO, options.authorities_file.c_str());
    }
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, Collect);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &into);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error);
  }

  absl::StatusOr<HttpAnswer> Perform(Collected& into, const char* error) const {
    const CURLcode code = curl_easy_perform(handle);
    if (code != CURLE_OK) {
      const char* const cause = *error == '\0' ? curl_easy_strerror(code) : error;
      return absl::UnavailableError(absl::StrCat("no answer of ", shown, ": ", cause));
    }
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    const char* type = nullptr;
    curl_easy_getinfo(handle, CURLINFO_CONTENT_TYPE, &type);
    HttpAnswer answer{.status = static_cast<int>(status),
                      .content_type = type == nullptr ? "" : type,
                      .body = std::move(into.body)};
    answer.content_type.resize(std::min(answer.content_type.find(';'), answer.content_type.size()));
    return answer;
  }

  CURL* handle = nullptr;
  // As given.
  std::string shown;
  std::string base;
  // Empty unless it is one.
  std::string socket;
  HttpClientOptions options;
};

bool IsHttpUrl(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://", "unix:/"}) {
    if (url.starts_with(scheme) && url.size() > scheme.size()) {
      return url.find_first_of(" \t\r\n?#") == std::string_view::npos;
    }
  }
  return false;
}

HttpClient::HttpClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

absl::StatusOr<HttpClient> HttpClient::Create(std::string_view base, HttpClientOptions options) {
  if (!IsHttpUrl(base)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", ToAbsl(base), "' is no address of HTTP: http://, https:// or unix:/path"));
  }
  InitializeOnce();
  auto state = std::make_unique<State>();
  state->handle = curl_easy_init();
  if (state->handle == nullptr) return absl::InternalError("libcurl has no handle to give");
  state->shown = std::string(base);
  if (base.starts_with(kUnixScheme)) {
    state->socket = std::string(base.substr(kUnixScheme.size()));
    state->base = "http://localhost";
  } else {
    while (base.ends_with('/')) base.remove_suffix(1);
    state->base = std::string(base);
  }
  state->options = std::move(options);
  return HttpClient(std::move(state));
}

absl::StatusOr<HttpAnswer> HttpClient::Get(const std::string& path) {
  Collected collected{.body = {}, .bytes_max = state_->options.body_bytes_max};
  std::array<char, CURL_ERROR_SIZE> error = {};
  state_->Prepare(path, collected, error.data());
  return state_->Perform(collected, error.data());
}

absl::StatusOr<HttpAnswer> HttpClient::Post(const std::string& path, std::string_view content_type,
                                            std::string_view body) {
  Collected collected{.body = {}, .bytes_max = state_->options.body_bytes_max};
  std::array<char, CURL_ERROR_SIZE> error = {};
  state_->Prepare(path, collected, error.data());
  const std::string type = absl::StrCat("Content-Type: ", ToAbsl(content_type));
  Headers headers(curl_slist_append(nullptr, type.c_str()), curl_slist_free_all);
  // Not asked for first: the bodies are small.
  curl_slist_append(headers.get(), "Expect:");
  curl_easy_setopt(state_->handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(state_->handle, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(state_->handle, CURLOPT_POSTFIELDS, body.data());
  return state_->Perform(collected, error.data());
}

}  // namespace clinicd::http
