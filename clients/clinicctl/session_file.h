// The session that clinicctl keeps between its runs.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clinicd/sdk/channel.h"
#include "clinicd/sdk/tokens.h"

namespace clinicd::clinicctl {

struct StoredSession {
  std::string url = {};
  std::string ca_file = {};
  std::string clinic = {};
  std::string email = {};
  sdk::Tokens tokens = {};
};

// A JSON file of mode 0600 in a directory of mode 0700, replaced at once. Runs of clinicctl at the
// same time take turns to change it, by a lock on a second file beside it: the refresh token in it
// is good for one exchange only. Thread-safe.
class SessionFile final : public sdk::TokenStore {
 public:
  explicit SessionFile(std::string path) : path_(std::move(path)) {}

  // $XDG_STATE_HOME/clinicctl/session.json, or below ~/.local/state.
  static absl::StatusOr<std::string> DefaultPath();

  // NOT_FOUND if nobody is signed in.
  absl::StatusOr<StoredSession> Read() const;
  absl::Status Write(const StoredSession& session) const;
  // Fine if there is none.
  absl::Status Remove() const;

  absl::StatusOr<sdk::Tokens> Load() override;
  absl::StatusOr<sdk::Tokens> Update(
      const std::function<absl::StatusOr<sdk::Tokens>(const sdk::Tokens&)>& change) override;

 private:
  absl::Status Replace(const StoredSession& session) const;

  const std::string path_;
};

}  // namespace clinicd::clinicctl
