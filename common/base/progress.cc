#include "common/base/progress.h"

#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace clinicd {
namespace {

constexpr absl::Duration kBarPeriod = absl::Milliseconds(100);
constexpr absl::Duration kLinePeriod = absl::Seconds(5);
constexpr std::int64_t kBarCells = 30;

// 1234567 as "1,234,567".
std::string Grouped(std::int64_t number) {
  const std::string digits = absl::StrCat(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text.push_back(',');
    text.push_back(digits[i]);
  }
  return text;
}

}  // namespace

Progress::Style Progress::StyleOf(int descriptor) {
  return ::isatty(descriptor) == 1 ? Style::kBar : Style::kLines;
}

void Progress::Start(std::string_view what, std::int64_t total) {
  const absl::MutexLock lock(&mutex_);
  what_ = std::string(what);
  total_ = total;
  done_ = 0;
  running_ = true;
  started_at_ = clock_.Now();
  shown_at_ = started_at_;
  if (style_ == Style::kBar) Show(started_at_);
}

void Progress::Advance(std::int64_t count) {
  const absl::MutexLock lock(&mutex_);
  done_ += count;
  if (style_ == Style::kNone || !running_) return;
  const absl::Time now = clock_.Now();
  if (now - shown_at_ >= (style_ == Style::kBar ? kBarPeriod : kLinePeriod)) Show(now);
}

void Progress::Finish() {
  const absl::MutexLock lock(&mutex_);
  if (!running_) return;
  running_ = false;
  // The total may have been an estimate.
  total_ = done_;
  if (style_ == Style::kNone) return;
  Show(clock_.Now());
  if (style_ == Style::kBar) out_ << '\n' << std::flush;
}

void Progress::Show(absl::Time now) {
  shown_at_ = now;
  if (style_ == Style::kBar) {
    // Back to the start of the line, and clear what an earlier, longer text left behind.
    out_ << '\r' << Bar(now) << "\x1b[K" << std::flush;
  } else {
    out_ << Line() << '\n' << std::flush;
  }
}

std::string Progress::Bar(absl::Time now) const {
  if (total_ <= 0 && running_) return absl::StrCat(what_, "  ", Grouped(done_));
  const double share =
      total_ <= 0 ? 1.0
                  : std::clamp(static_cast<double>(done_) / static_cast<double>(total_), 0.0, 1.0);
  const auto full = static_cast<std::size_t>(share * static_cast<double>(kBarCells));
  std::string text = absl::StrCat(what_, "  [", std::string(full, '#'));
  absl::StrAppend(&text, std::string(static_cast<std::size_t>(kBarCells) - full, '.'), "] ",
                  static_cast<int>(share * 100), "%  ", Grouped(done_), "/", Grouped(total_));
  const absl::Duration elapsed = now - started_at_;
  if (running_ && done_ > 0 && elapsed > absl::Seconds(2)) {
    const absl::Duration left = elapsed * ((1.0 - share) / std::max(share, 1e-6));
    absl::StrAppend(&text, "  ", absl::FormatDuration(absl::Trunc(left, absl::Seconds(1))),
                    " left");
  }
  return text;
}

std::string Progress::Line() const {
  if (!running_) return absl::StrCat(what_, ": ", Grouped(done_), ", done");
  if (total_ <= 0) return absl::StrCat(what_, ": ", Grouped(done_));
  return absl::StrCat(what_, ": ", Grouped(done_), " of ", Grouped(std::max(total_, done_)));
}

}  // namespace clinicd
