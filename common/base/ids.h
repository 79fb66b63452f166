// Makes ids.
#pragma once

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/uuid.h"

namespace clinicd {

// Makes version 7 UUIDs (RFC 9562 section 5.7): 48 bits of Unix milliseconds, 12 bits of the
// fraction of the millisecond (section 6.2, method 3), 62 random bits. Ids therefore sort by
// creation to about a quarter of a microsecond. Thread-safe.
class IdSource final {
 public:
  IdSource(const Clock& clock, Random& random) : clock_(clock), random_(random) {}

  Uuid NewUuid() const;

  template <typename IdType>
  IdType New() const {
    return IdType(NewUuid());
  }

 private:
  const Clock& clock_;
  Random& random_;
};

// The smallest version 7 UUID that can have been made at `time`: the bound with which a period
// becomes a range of ids.
Uuid FirstUuidAt(absl::Time time);

}  // namespace clinicd
