// The audit trail of a clinic, as its owner reads it.
#pragma once

#include <string>
#include <vector>

#include "tests/support/test_server.h"

namespace clinicd::testing {

// The events of the methods whose names end in `method`, oldest first, with snapshots; all where it
// is empty. Those of keys, which are made on the way, are left out. Fails the test case if `owner`
// may not read them.
std::vector<audit::v1::Event> TrailOf(const Client& owner, const std::string& method = "",
                                      audit::v1::ListEventsRequest request = {});

}  // namespace clinicd::testing
