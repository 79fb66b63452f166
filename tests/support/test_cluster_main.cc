// Starts or stops the database server of the tests; run by ctest around the tests that need it.
#include <iostream>
#include <string_view>

#include "tests/support/test_cluster.h"

int main(int argc, char** argv) {
  const std::string_view action = argc == 2 ? argv[1] : "";
  if (action != "start" && action != "stop") {
    std::cerr << "usage: clinicd_test_cluster start|stop\n";
    return 2;
  }
  const absl::Status status = action == "start" ? clinicd::testing::StartTestCluster().status()
                                                : clinicd::testing::StopTestCluster();
  if (status.ok()) return 0;
  std::cerr << status << "\n";
  return 1;
}
