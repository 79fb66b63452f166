// Which web pages of other origins may call. Off unless origins are listed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "common/edge/http.h"

namespace clinicd::edge {

// Immutable, thread-safe.
class Cors final {
 public:
  // "https://portal.example"; compared byte by byte.
  explicit Cors(const std::vector<std::string>& origins);

  // What every answer to `request` carries; empty when no origin is listed.
  Headers AnswerHeaders(const RequestHead& request) const;
  // True for a preflight of a listed origin.
  bool IsPreflight(const RequestHead& request) const;
  // What the answer to a preflight carries besides.
  static Headers PreflightHeaders();

 private:
  bool Allows(std::string_view origin) const;

  absl::flat_hash_set<std::string> origins_;
};

}  // namespace clinicd::edge
