// The numbers that an operator watches, in Prometheus' terms. No label is ever taken from a
// request: methods come from the API, codes from gRPC, so the number of series is bounded.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/node_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace clinicd::metrics {

// The families that every method has series in.
struct CallFamilies {
  prometheus::Family<prometheus::Counter>& calls;
  prometheus::Family<prometheus::Histogram>& durations;
  prometheus::Family<prometheus::Histogram>& round_trips;
};

// The numbers of one method. Thread-safe; recording looks nothing up and builds no label.
class MethodMetrics final {
 public:
  MethodMetrics(CallFamilies families, std::string_view method);

  // Records a finished call: its outcome, how long the caller waited, and how often the server went
  // to the database for it.
  void Record(absl::StatusCode code, absl::Duration duration, std::int64_t round_trips);

 private:
  // The series of one outcome.
  struct Series {
    prometheus::Counter* calls = nullptr;
    prometheus::Histogram* durations = nullptr;
  };
  static constexpr std::size_t kCodeCount = 17;

  // Makes the series of a code when the code first occurs.
  const Series& SeriesOf(std::size_t code);

  const CallFamilies families_;
  const std::string method_;
  prometheus::Histogram& round_trips_;
  std::array<std::atomic<const Series*>, kCodeCount> ready_ = {};
  absl::Mutex mutex_;
  std::array<Series, kCodeCount> series_ ABSL_GUARDED_BY(mutex_) = {};
};

// All numbers of a process. Thread-safe.
class Metrics final {
 public:
  explicit Metrics(std::string_view version);

  // The numbers of a method of the API, "package.Service/Method". For start-up: keep the reference,
  // which lives as long as this object.
  MethodMetrics& ForMethod(std::string_view method);

  prometheus::Counter& busy_refusals() { return busy_refusals_; }
  prometheus::Gauge& streams() { return streams_; }
  prometheus::Gauge& feed_lag() { return feed_lag_; }

  // Adds a gauge whose value is asked for at each scrape, from the scraper's thread. `value` must
  // not block and must work as long as this object lives.
  void AddSampled(const std::string& name, const std::string& help, std::function<double()> value);

  // A counter that somebody else counts. `total` is like the `value` above and never falls.
  // Counters of one name have one help text and differ in their labels.
  struct CounterName {
    std::string name;
    std::string help;
    std::map<std::string, std::string> labels = {};
  };
  void AddSampledCounter(const CounterName& name, std::function<double()> total);

  // Everything in Prometheus' text format.
  std::string Exposition() const;

 private:
  mutable prometheus::Registry registry_;
  CallFamilies call_families_;
  prometheus::Counter& busy_refusals_;
  prometheus::Gauge& streams_;
  prometheus::Gauge& feed_lag_;

  mutable absl::Mutex mutex_;
  absl::node_hash_map<std::string, MethodMetrics> methods_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::pair<prometheus::Gauge*, std::function<double()>>> sampled_
      ABSL_GUARDED_BY(mutex_);
  std::vector<std::pair<prometheus::Counter*, std::function<double()>>> sampled_counters_
      ABSL_GUARDED_BY(mutex_);
};

// Bytes of memory that the process has in use, and files it has open; 0 where the system does not
// tell.
double ResidentBytes();
double OpenFiles();

}  // namespace clinicd::metrics
