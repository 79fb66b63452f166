// A log's side of the protocol of C2SP tlog-witness.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/http/http_client.h"
#include "common/merkle/hash.h"
#include "common/merkle/note_key.h"

namespace clinicd::audit {

// Where a witness is, and the key with which it signs.
struct WitnessEndpoint {
  std::string url;
  merkle::NoteVerifier key;
};

// Reads "url key", separated by a space. INVALID_ARGUMENT says what is wrong.
absl::StatusOr<WitnessEndpoint> ParseWitnessEndpoint(std::string_view text);

// What a witness answered to a checkpoint.
struct WitnessAnswer {
  // Of HTTP.
  int status = 0;
  // With 200: the line of its key, which is a valid cosignature.
  std::string line = {};
  // With 409, if it told: the size that it has.
  std::optional<std::uint64_t> size = {};
};

// One witness. Not thread-safe. Errors: UNAVAILABLE where it does not answer, or not as the
// protocol wants.
class WitnessClient final {
 public:
  static absl::StatusOr<WitnessClient> Create(WitnessEndpoint endpoint,
                                              http::HttpClientOptions options);

  // Offers a checkpoint that continues the one of `old_size`, as `proof` shows.
  absl::StatusOr<WitnessAnswer> Add(std::uint64_t old_size, const std::vector<merkle::Hash>& proof,
                                    const std::string& note);

  // The newest note that it cosigned of `log`; nullopt if there is none, or it cannot tell, which
  // is no part of the protocol.
  absl::StatusOr<std::optional<std::string>> Newest(const std::string& log);

  const WitnessEndpoint& endpoint() const { return endpoint_; }

 private:
  WitnessClient(WitnessEndpoint endpoint, http::HttpClient http)
      : endpoint_(std::move(endpoint)), http_(std::move(http)) {}

  WitnessEndpoint endpoint_;
  http::HttpClient http_;
};

}  // namespace clinicd::audit
