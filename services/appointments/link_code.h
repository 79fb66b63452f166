// What a practitioner carries from a clinic whose diary is linked to one that is to join it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/random.h"
#include "common/base/uuid.h"
#include "common/crypto/sealed_box.h"

namespace clinicd::appointments {

inline constexpr absl::Duration kLinkCodeLife = absl::Hours(1);

// Makes and reads link codes. A code says whose diaries another one joins, which no e-mail address
// proves: the owner of any clinic can add a user with anybody's. Thread-safe.
class LinkCodes final {
 public:
  // Outlived by both.
  LinkCodes(const crypto::SealingKeys& keys, Random& random) : keys_(keys), random_(random) {}

  absl::StatusOr<std::string> Make(const Uuid& person, absl::Time now) const;
  // The person; nullopt unless Make() made `code`, and not longer ago than kLinkCodeLife.
  std::optional<Uuid> Read(std::string_view code, absl::Time now) const;

 private:
  const crypto::SealingKeys& keys_;
  Random& random_;
};

}  // namespace clinicd::appointments
