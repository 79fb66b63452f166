// Starts or stops the database server of the tests; run by ctest around the tests that need it.
#include <cstdio>
#include <string_view>

#include "tests/support/test_cluster.h"

int main(int argc, char** argv) {
  const std::string_view action = argc == 2 ? argv[1] : "";
  if (action != "start" && action != "stop") {
    std::fputs("usage: clinicd_test_cluster start|stop\n", stderr);
    return 2;
  }
  const absl::Status status = action == "start" ? clinicd::testing::StartTestCluster().status()
                                                : clinicd::testing::StopTestCluster();
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return 1;
}
