#include "common/base/progress.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "tests/support/fakes.h"

namespace clinicd {
namespace {

TEST_CASE("Progress writes a line every few seconds where there is no terminal", "[base][unit]") {
  testing::FakeClock clock(absl::UnixEpoch());
  std::ostringstream out;
  Progress progress(out, Progress::Style::kLines, clock);

  progress.Start("patients", 12000);
  for (int i = 0; i < 1000; ++i) progress.Advance();
  CHECK(out.str().empty());
  clock.Advance(absl::Seconds(5));
  progress.Advance(234);
  progress.Advance();
  progress.Finish();

  CHECK(out.str() == "patients: 1,234 of 12,000\npatients: 1,235, done\n");
}

TEST_CASE("Progress redraws a bar on a terminal, ten times a second at most", "[base][unit]") {
  testing::FakeClock clock(absl::UnixEpoch());
  std::ostringstream out;
  Progress progress(out, Progress::Style::kBar, clock);

  progress.Start("rows", 4);
  progress.Advance();
  clock.Advance(absl::Milliseconds(100));
  progress.Advance();
  const std::string half = out.str();
  progress.Advance(2);
  progress.Finish();

  CHECK(half ==
        "\rrows  [..............................] 0%  0/4\x1b[K"
        "\rrows  [###############...............] 50%  2/4\x1b[K");
  CHECK(out.str() == half + "\rrows  [##############################] 100%  4/4\x1b[K\n");
}

TEST_CASE("Progress says how long it will take once it can tell", "[base][unit]") {
  testing::FakeClock clock(absl::UnixEpoch());
  std::ostringstream out;
  Progress progress(out, Progress::Style::kBar, clock);

  progress.Start("rows", 100);
  clock.Advance(absl::Seconds(10));
  progress.Advance(25);

  CHECK(out.str().find("25/100  30s left") != std::string::npos);
}

TEST_CASE("Progress writes nothing when told so", "[base][unit]") {
  testing::FakeClock clock(absl::UnixEpoch());
  std::ostringstream out;
  Progress progress(out, Progress::Style::kNone, clock);

  progress.Start("rows", 4);
  clock.Advance(absl::Minutes(1));
  progress.Advance();
  progress.Finish();

  CHECK(out.str().empty());
}

}  // namespace
}  // namespace clinicd
