// What a witness decides: the protocol of C2SP tlog-witness, without HTTP.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/merkle/checkpoint.h"
#include "common/merkle/note_key.h"
#include "services/witness/witness_state.h"

namespace clinicd::witness {

// A request body that is larger is refused unread: the largest note, with its proof.
inline constexpr std::size_t kRequestBytesMax = std::size_t{160} * 1024;
// As the specification has it.
inline constexpr std::size_t kProofLinesMax = 63;

// An answer of HTTP. What is wrong is in the body, in a line for people.
struct Answer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body = {};
};

// Cosigns a checkpoint only if it continues the last one that it cosigned of that log, and only
// after that is on disk; so that it never signs two roots of one size, whatever happens in between.
// Thread-safe.
class Witness final {
 public:
  struct Parts {
    WitnessState& state;
    // Of the logs that are known. A key's name is the name of its log.
    std::vector<merkle::NoteVerifier> log_keys;
    // Each of them cosigns; at least one.
    std::vector<merkle::NoteSigner> signers;
    const Clock& clock;
  };

  explicit Witness(Parts parts) : parts_(std::move(parts)) {}

  // POST /add-checkpoint.
  Answer AddCheckpoint(std::string_view body);

  // The last note that was cosigned of the newest epoch of `log`, with the log's signatures: 200,
  // or 404. Not of the specification; a log asks for it after a restore.
  Answer NewestCheckpoint(std::string_view log);

 private:
  struct Request;

  static bool Parse(std::string_view body, Request& request);
  // The name of the log whose epoch `origin` is; empty if it is none that is known.
  std::string LogOf(std::string_view origin) const;
  Answer Judge(const Request& request, const merkle::TreeHead& head)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Answer Cosign(const std::string& text) const;

  const Parts parts_;
  absl::Mutex mutex_;
};

}  // namespace clinicd::witness
