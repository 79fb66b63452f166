#include "common/metrics/metrics.h"

#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <tuple>

namespace clinicd::metrics {
namespace {

const prometheus::Histogram::BucketBoundaries& DurationBuckets() {
  static const prometheus::Histogram::BucketBoundaries seconds = {
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  return seconds;
}

// Calls should need one to three; the upper ones show what got out of hand.
const prometheus::Histogram::BucketBoundaries& RoundTripBuckets() {
  static const prometheus::Histogram::BucketBoundaries counts = {0, 1, 2, 3, 4, 6, 8, 16, 32};
  return counts;
}

prometheus::Counter& AddCounter(prometheus::Registry& registry, const char* name,
                                const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Gauge& AddGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

CallFamilies AddCallFamilies(prometheus::Registry& registry) {
  return {.calls = prometheus::BuildCounter()
                       .Name("clinicd_calls_total")
                       .Help("Finished calls by method and outcome.")
                       .Register(registry),
          .durations = prometheus::BuildHistogram()
                           .Name("clinicd_call_duration_seconds")
                           .Help("Time from a call's arrival to its answer.")
                           .Register(registry),
          .round_trips = prometheus::BuildHistogram()
                             .Name("clinicd_call_db_round_trips")
                             .Help("Round trips to the database for one call.")
                             .Register(registry)};
}

}  // namespace

MethodMetrics::MethodMetrics(CallFamilies families, std::string_view method)
    : families_(families),
      method_(method),
      round_trips_(families.round_trips.Add({{"method", method_}}, RoundTripBuckets())) {
  // Rates need to see the zero before the first call.
  SeriesOf(static_cast<std::size_t>(absl::StatusCode::kOk));
}

void MethodMetrics::Record(absl::StatusCode code, absl::Duration duration,
                           std::int64_t round_trips) {
  const auto number = static_cast<std::size_t>(code);
  const std::size_t index =
      number < kCodeCount ? number : static_cast<std::size_t>(absl::StatusCode::kUnknown);
  const Series* series = ready_[index].load(std::memory_order_acquire);
  if (series == nullptr) series = &SeriesOf(index);
  series->calls->Increment();
  series->durations->Observe(absl::ToDoubleSeconds(duration));
  round_trips_.Observe(static_cast<double>(round_trips));
}

const MethodMetrics::Series& MethodMetrics::SeriesOf(std::size_t code) {
  const absl::MutexLock lock(&mutex_);
  Series& series = series_[code];
  if (series.calls == nullptr) {
    const prometheus::Labels labels = {
        {"method", method_},
        {"code", absl::StatusCodeToString(static_cast<absl::StatusCode>(code))}};
    series.calls = &families_.calls.Add(labels);
    series.durations = &families_.durations.Add(labels, DurationBuckets());
    ready_[code].store(&series, std::memory_order_release);
  }
  return series;
}

Metrics::Metrics(std::string_view version)
    : call_families_(AddCallFamilies(registry_)),
      busy_refusals_(AddCounter(registry_, "clinicd_busy_refusals_total",
                                "Calls refused because too many were waiting.")),
      streams_(AddGauge(registry_, "clinicd_streams", "Streams that clients have open.")),
      feed_lag_(AddGauge(registry_, "clinicd_feed_lag_seconds",
                         "Age of the oldest change that the last look at the changes found.")) {
  prometheus::BuildGauge()
      .Name("clinicd_build_info")
      .Help("Constant 1, labelled with the version that runs.")
      .Register(registry_)
      .Add({{"version", std::string(version)}})
      .Set(1);
  AddGauge(registry_, "process_start_time_seconds", "When the process started, in Unix time.")
      .SetToCurrentTime();
  AddSampled("process_resident_memory_bytes", "Memory in use.", ResidentBytes);
  AddSampled("process_open_fds", "Files and sockets that are open.", OpenFiles);
}

MethodMetrics& Metrics::ForMethod(std::string_view method) {
  const absl::MutexLock lock(&mutex_);
  std::string name(method);
  return methods_.try_emplace(name, call_families_, name).first->second;
}

void Metrics::AddSampled(const std::string& name, const std::string& help,
                         std::function<double()> value) {
  prometheus::Gauge& gauge = AddGauge(registry_, name.c_str(), help.c_str());
  const absl::MutexLock lock(&mutex_);
  sampled_.emplace_back(&gauge, std::move(value));
}

void Metrics::AddSampledCounter(const CounterName& name, std::function<double()> total) {
  prometheus::Counter& counter =
      prometheus::BuildCounter().Name(name.name).Help(name.help).Register(registry_).Add(
          {name.labels.begin(), name.labels.end()});
  const absl::MutexLock lock(&mutex_);
  sampled_counters_.emplace_back(&counter, std::move(total));
}

std::string Metrics::Exposition() const {
  {
    const absl::MutexLock lock(&mutex_);
    for (const auto& [gauge, value] : sampled_) gauge->Set(value());
    for (const auto& [counter, total] : sampled_counters_) {
      counter->Increment(std::max(0.0, total() - counter->Value()));
    }
  }
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

double ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  double total_pages = 0;
  double resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double OpenFiles() {
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (error) return 0;
  // One of them is the directory being read.
  return static_cast<double>(std::distance(begin(files), end(files)) - 1);
}

}  // namespace clinicd::metrics
