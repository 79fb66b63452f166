// The headers that every answer of the edge carries.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/edge/http.h"

namespace clinicd::edge {

// The content policy of pages that are our own web clients: everything from the same origin,
// nothing inline, no frames. A handler that serves them sends it; all else gets 'none'.
inline constexpr std::string_view kAppContentPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

// Completes the headers of answers. One for each thread: it remembers the text of the date.
class AnswerHeaders final {
 public:
  explicit AnswerHeaders(const Clock& clock) : clock_(clock) {}

  // Adds date and security headers, except those that the handler gave itself. Takes away what
  // belongs to the connection and whatever could not be sent without harm.
  void Complete(Headers& headers, bool tls);

 private:
  const std::string& Date();

  const Clock& clock_;
  absl::Time date_of_ = absl::InfinitePast();
  std::string date_;
};

}  // namespace clinicd::edge
