// The log of the server: one JSON object a line, made only of an event name, registered keys and
// values of the keys' shapes.
//
//   log.Warning("connection_lost", {{log::kSqlstate, state}, {log::kRetryMs, 250}});
//   {"ts":"2026-03-01T09:00:00.000000Z","level":"warning","event":"connection_lost",...}
#pragma once

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/log/keys.h"
#include "common/log/sink.h"

namespace clinicd::log {

enum class Level { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warning", "error"; nothing for any other text.
std::optional<Level> ParseLevel(std::string_view name);

// What happened. Only a literal in lower_snake_case compiles, so that no value becomes an event.
class Event final {
 public:
  template <std::size_t kSize>
  consteval Event(const char (&name)[kSize])  // NOLINT: call sites pass the literal.
      : name_(name, kSize - 1) {
    if (!IsLowerSnake(name_)) EventNamesAreLowerSnakeCase();
  }

  constexpr std::string_view name() const { return name_; }

 private:
  static constexpr bool IsLowerSnake(std::string_view name) {
    if (name.empty() || name.size() > 63 || name[0] < 'a' || name[0] > 'z') return false;
    return std::ranges::all_of(
        name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
  }
  // Not constexpr: reaching it stops the compiler, which then shows this name.
  static void EventNamesAreLowerSnakeCase() {}

  std::string_view name_;
};

// A key with its value. Holds no copy of text: use it within the full expression that made it.
class Field final {
 public:
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double>;

  Field(TextKey key, std::string_view text) : name_(NameOf(key)), text_key_(key), value_(text) {}
  Field(NumberKey key, std::signed_integral auto number)
      : name_(NameOf(key)), value_(std::int64_t{number}) {}
  Field(NumberKey key, std::unsigned_integral auto number)
      : name_(NameOf(key)), value_(std::uint64_t{number}) {}
  Field(NumberKey key, double number) : name_(NameOf(key)), value_(number) {}
  // A flag is no number.
  Field(NumberKey key, bool flag) = delete;

 private:
  friend void AppendField(const Field& field, std::string& line);

  std::string_view name_;
  TextKey text_key_ = TextKey::kNote;
  Value value_;
};

// Writes events of at least its level. Thread-safe. Nothing here throws or fails: a line that
// cannot be written is counted.
class Logger final {
 public:
  using Fields = std::initializer_list<Field>;

  // Logs to standard error ("-") or to the end of a file. Fails when the file cannot be opened.
  static absl::StatusOr<std::unique_ptr<Logger>> Open(Level level, std::string_view file,
                                                      const Clock& clock);

  // `clock` must outlive the logger.
  Logger(Level level, std::unique_ptr<LineSink> sink, const Clock& clock);

  void Debug(Event event, Fields fields = {}) noexcept;
  void Info(Event event, Fields fields = {}) noexcept;
  // Of one event at most 10 warnings in 10 seconds are written, and at most 100 errors; the next
  // line of the event says how many were left out ("suppressed").
  void Warning(Event event, Fields fields = {}) noexcept;
  void Error(Event event, Fields fields = {}) noexcept;

  bool Enabled(Level level) const { return level >= level_; }

  // Opens the log file anew; for SIGHUP after a rotation. Not for use in a signal handler.
  absl::Status Reopen() { return sink_->Reopen(); }

  // Lines that could not be written since the start, for example because the disk was full.
  std::int64_t lines_lost() const { return lines_lost_.load(std::memory_order_relaxed); }

 private:
  // Occurrences of one event in the current window.
  struct Window {
    absl::Time started_at = absl::InfinitePast();
    std::int64_t written = 0;
    std::int64_t suppressed = 0;
  };

  void Limited(Level level, Event event, Fields fields) noexcept;
  void Write(Level level, Event event, Fields fields, absl::Time now,
             std::int64_t suppressed) noexcept;
  // The number of lines left out before this one, or nothing when this one is to be left out.
  std::optional<std::int64_t> Admit(Level level, Event event, absl::Time now);

  const Level level_;
  const std::unique_ptr<LineSink> sink_;
  const Clock& clock_;
  std::atomic<std::int64_t> lines_lost_ = 0;
  absl::Mutex mutex_;
  // Bounded: event names are literals.
  absl::flat_hash_map<std::pair<std::string_view, Level>, Window> windows_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace clinicd::log
