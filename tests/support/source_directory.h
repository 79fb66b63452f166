// The checkout that a test was built from.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace clinicd::testing {

// The root of the source tree; the environment overrides what was known when the test was built.
inline std::filesystem::path SourceDirectory() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): only read.
  const char* directory = std::getenv("CLINICD_SOURCE_DIR");
  return directory != nullptr ? directory : CLINICD_TEST_SOURCE_DIR;
}

}  // namespace clinicd::testing
