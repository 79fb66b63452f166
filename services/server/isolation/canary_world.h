// Two canary clinics, and what their callers put into requests.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/auth/access_token.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "db/admin/admin_connection.h"
#include "db/isolation/canary_clinics.h"
#include "services/server/isolation/requests.h"

namespace clinicd::isolation {

// Indexes of the clinics: the one whose owner calls, and the one that is to be out of reach.
inline constexpr std::size_t kCaller = 0;
inline constexpr std::size_t kOther = 1;

// Not thread-safe. Errors of all methods are those of the database.
class CanaryWorld final {
 public:
  struct Parts {
    // Of the server's role, in no transaction.
    db::AdminConnection& connection;
    const auth::TokenSigner& signer;
    const Clock& clock;
    const IdSource& ids;
  };
  // Makes what is missing of the clinics.
  static absl::StatusOr<std::unique_ptr<CanaryWorld>> Create(const Parts& parts);

  db::CanaryClinic& clinic(std::size_t side) { return clinics_[side]; }

  // An access token of the clinic's owner, who cannot sign in, for the next minutes.
  absl::StatusOr<std::string> Token(std::size_t side) const;
  // The same in a session that the call may end.
  absl::StatusOr<std::string> TokenOfNewSession(std::size_t side);

  // What the owner of `side` puts into each field of `request`: what stands there for a reading
  // method, otherwise parties who have all the time.
  absl::StatusOr<std::map<std::string, std::string>> Own(std::size_t side,
                                                         const RequestTemplate& request,
                                                         bool mutates);
  // Other parties from now on, because those of before are booked.
  absl::Status RenewParties();

  // What only kOther has for the field; another value each time where one can be used once. Not for
  // Source::kPageToken.
  absl::StatusOr<std::string> Foreign(Source source);
  // What nobody has for the field; of a row always the same, as it is for rows of kOther, because
  // the caller's own trail tells of both.
  std::string Nobodys(Source source);

 private:
  explicit CanaryWorld(const Parts& parts);

  absl::StatusOr<std::string> OwnValue(std::size_t side, Source source, bool mutates);
  absl::StatusOr<std::string> SignedToken(std::size_t side, const std::string& session) const;
  std::string RefreshTokenOf(const std::string& session, const std::string& id,
                             const std::string& seed) const;
  // The version of the first row that the request is about.
  absl::StatusOr<std::string> EtagOf(std::size_t side, const RequestTemplate& request,
                                     const std::map<std::string, std::string>& values);

  const Parts parts_;
  std::array<db::CanaryClinic, 2> clinics_;
  const db::CanaryClinic nobody_;
  std::array<std::string, 2> sessions_;
  std::array<db::CanaryClinic::Parties, 2> parties_;
};

}  // namespace clinicd::isolation
