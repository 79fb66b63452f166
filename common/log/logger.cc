#include "common/log/logger.h"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/base/try.h"

namespace clinicd::log {
namespace {

constexpr absl::Duration kWindow = absl::Seconds(10);
constexpr std::int64_t kWarningsPerWindowMax = 10;
constexpr std::int64_t kErrorsPerWindowMax = 100;
// Stands for a value that does not have the shape of its key.
constexpr std::string_view kRefused = "[refused]";

constexpr std::array<std::pair<std::string_view, Level>, 4> kLevels = {{
    {"debug", Level::kDebug},
    {"info", Level::kInfo},
    {"warning", Level::kWarning},
    {"error", Level::kError},
}};

std::string_view NameOf(Level level) { return kLevels[static_cast<std::size_t>(level)].first; }

// Quotes `text` with everything but printable ASCII escaped, so that no line end, terminal
// sequence or invisible character of any script gets into a line.
std::string Quoted(std::string_view text) {
  using Json = nlohmann::json;
  return Json(text).dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

void AppendText(TextKey key, std::string_view text, std::string& line) {
  if (!Accepts(key, text)) {
    absl::StrAppend(&line, "\"", ToAbsl(kRefused), "\"");
  } else if (NeedsEscaping(key)) {
    line += Quoted(text);
  } else {
    absl::StrAppend(&line, "\"", ToAbsl(text), "\"");
  }
}

}  // namespace

void AppendField(const Field& field, std::string& line) {
  absl::StrAppend(&line, ",\"", ToAbsl(field.name_), "\":");
  if (const auto* text = std::get_if<std::string_view>(&field.value_)) {
    AppendText(field.text_key_, *text, line);
  } else if (const auto* integer = std::get_if<std::int64_t>(&field.value_)) {
    absl::StrAppend(&line, *integer);
  } else if (const auto* natural = std::get_if<std::uint64_t>(&field.value_)) {
    absl::StrAppend(&line, *natural);
  } else if (const auto* real = std::get_if<double>(&field.value_)) {
    // JSON has no words for the others.
    std::isfinite(*real) ? absl::StrAppend(&line, *real) : absl::StrAppend(&line, "null");
  }
}

std::optional<Level> ParseLevel(std::string_view name) {
  for (const auto& [known, level] : kLevels) {
    if (known == name) return level;
  }
  return std::nullopt;
}

absl::StatusOr<std::unique_ptr<Logger>> Logger::Open(Level level, std::string_view file,
                                                     const Clock& clock) {
  CLINICD_ASSIGN_OR_RETURN(std::unique_ptr<LineSink> sink, OpenSink(file));
  return std::make_unique<Logger>(level, std::move(sink), clock);
}

Logger::Logger(Level level, std::unique_ptr<LineSink> sink, const Clock& clock)
    : level_(level), sink_(std::move(sink)), clock_(clock) {}

void Logger::Debug(Event event, Fields fields) noexcept {
  if (Enabled(Level::kDebug)) Write(Level::kDebug, event, fields, clock_.Now(), 0);
}

void Logger::Info(Event event, Fields fields) noexcept {
  if (Enabled(Level::kInfo)) Write(Level::kInfo, event, fields, clock_.Now(), 0);
}

void Logger::Warning(Event event, Fields fields) noexcept {
  Limited(Level::kWarning, event, fields);
}

void Logger::Error(Event event, Fields fields) noexcept { Limited(Level::kError, event, fields); }

void Logger::Limited(Level level, Event event, Fields fields) noexcept {
  if (!Enabled(level)) return;
  const absl::Time now = clock_.Now();
  if (const auto suppressed = Admit(level, event, now)) {
    Write(level, event, fields, now, *suppressed);
  }
}

void Logger::Write(Level level, Event event, Fields fields, absl::Time now,
                   std::int64_t suppressed) noexcept {
  std::string line = absl::StrCat(
      R"({"ts":")", absl::FormatTime("%E4Y-%m-%dT%H:%M:%E6SZ", now, absl::UTCTimeZone()),
      R"(","level":")", ToAbsl(NameOf(level)), R"(","event":")", ToAbsl(event.name()), "\"");
  for (const Field& field : fields) AppendField(field, line);
  if (suppressed > 0) AppendField(Field(kSuppressed, suppressed), line);
  line += '}';
  if (!sink_->Write(line)) lines_lost_.fetch_add(1, std::memory_order_relaxed);
}

std::optional<std::int64_t> Logger::Admit(Level level, Event event, absl::Time now) {
  const std::int64_t written_max =
      level == Level::kError ? kErrorsPerWindowMax : kWarningsPerWindowMax;
  const absl::MutexLock lock(&mutex_);
  Window& window = windows_[{event.name(), level}];
  // A clock that was set back also starts a new window; otherwise events could stay silent.
  const bool over = now < window.started_at || now - window.started_at >= kWindow;
  if (over) window = {.started_at = now, .written = 0, .suppressed = window.suppressed};
  if (window.written >= written_max) {
    ++window.suppressed;
    return std::nullopt;
  }
  ++window.written;
  return std::exchange(window.suppressed, 0);
}

}  // namespace clinicd::log
