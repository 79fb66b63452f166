// Who waits for whom in a database.
#pragma once

#include "tests/support/test_database.h"

namespace clinicd::testing {

// Waits until so many sessions wait for locks; false if that takes too long.
bool AwaitWaiting(const TestDatabase& database, int count);

}  // namespace clinicd::testing
