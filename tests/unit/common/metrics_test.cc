#include "common/metrics/metrics.h"

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

namespace clinicd::metrics {
namespace {

constexpr char kGet[] = "clinicd.patients.v1.PatientService/GetPatient";

bool Has(const Metrics& metrics, const std::string& line) {
  return metrics.Exposition().find(line + "\n") != std::string::npos;
}

std::string Labels(const std::string& code) {
  return "{code=\"" + code + "\",method=\"" + kGet + "\"}";
}

TEST_CASE("A method counts its calls by outcome", "[metrics][unit]") {
  Metrics metrics("0.1.0");
  MethodMetrics& method = metrics.ForMethod(kGet);

  method.Record(absl::StatusCode::kOk, absl::Milliseconds(2), 1);
  method.Record(absl::StatusCode::kOk, absl::Milliseconds(2), 1);
  method.Record(absl::StatusCode::kNotFound, absl::Milliseconds(2), 1);
  method.Record(absl::StatusCode::kUnauthenticated, absl::Milliseconds(2), 0);

  CHECK(Has(metrics, "clinicd_calls_total" + Labels("OK") + " 2"));
  CHECK(Has(metrics, "clinicd_calls_total" + Labels("NOT_FOUND") + " 1"));
  CHECK(Has(metrics, "clinicd_calls_total" + Labels("UNAUTHENTICATED") + " 1"));
}

TEST_CASE("A method shows zero good calls and no other outcome before the first call",
          "[metrics][unit]") {
  Metrics metrics("0.1.0");
  metrics.ForMethod(kGet);

  CHECK(Has(metrics, "clinicd_calls_total" + Labels("OK") + " 0"));
  CHECK(metrics.Exposition().find("code=\"NOT_FOUND\"") == std::string::npos);
}

TEST_CASE("A method puts durations and round trips into their buckets", "[metrics][unit]") {
  Metrics metrics("0.1.0");
  MethodMetrics& method = metrics.ForMethod(kGet);

  method.Record(absl::StatusCode::kOk, absl::Microseconds(400), 1);
  method.Record(absl::StatusCode::kOk, absl::Microseconds(600), 3);
  method.Record(absl::StatusCode::kOk, absl::Seconds(11), 40);

  const std::string durations =
      R"(clinicd_call_duration_seconds_bucket{code="OK",method=")" + std::string(kGet) + "\",le=";
  CHECK(Has(metrics, durations + "\"0.0005\"} 1"));
  CHECK(Has(metrics, durations + "\"0.001\"} 2"));
  CHECK(Has(metrics, durations + "\"10\"} 2"));
  CHECK(Has(metrics, durations + "\"+Inf\"} 3"));
  const std::string trips =
      "clinicd_call_db_round_trips_bucket{method=\"" + std::string(kGet) + "\",le=";
  CHECK(Has(metrics, trips + "\"0\"} 0"));
  CHECK(Has(metrics, trips + "\"1\"} 1"));
  CHECK(Has(metrics, trips + "\"2\"} 1"));
  CHECK(Has(metrics, trips + "\"3\"} 2"));
  CHECK(Has(metrics, trips + "\"32\"} 2"));
  CHECK(Has(metrics, trips + "\"+Inf\"} 3"));
}

TEST_CASE("A code that gRPC does not know is counted as unknown", "[metrics][unit]") {
  Metrics metrics("0.1.0");

  metrics.ForMethod(kGet).Record(static_cast<absl::StatusCode>(17), absl::ZeroDuration(), 0);
  metrics.ForMethod(kGet).Record(static_cast<absl::StatusCode>(-1), absl::ZeroDuration(), 0);

  CHECK(Has(metrics, "clinicd_calls_total" + Labels("UNKNOWN") + " 2"));
}

TEST_CASE("ForMethod gives the same object for the same method", "[metrics][unit]") {
  Metrics metrics("0.1.0");
  MethodMetrics& first = metrics.ForMethod(kGet);
  for (int i = 0; i < 100; ++i) metrics.ForMethod("a.B/C" + std::to_string(i));

  CHECK(&metrics.ForMethod(kGet) == &first);
  CHECK(&metrics.ForMethod("a.B/C1") != &first);
}

TEST_CASE("No call is lost when threads record at once", "[metrics][unit]") {
  Metrics metrics("0.1.0");
  MethodMetrics& method = metrics.ForMethod(kGet);
  std::vector<std::thread> threads;
  threads.reserve(4);

  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&method, &metrics] {
      for (int i = 0; i < 1000; ++i) {
        method.Record(absl::StatusCode::kAborted, absl::Milliseconds(1), 2);
        metrics.busy_refusals().Increment();
        if (i % 100 == 0) metrics.Exposition();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  CHECK(Has(metrics, "clinicd_calls_total" + Labels("ABORTED") + " 4000"));
  CHECK(Has(metrics, "clinicd_call_duration_seconds_count" + Labels("ABORTED") + " 4000"));
  CHECK(Has(metrics, "clinicd_busy_refusals_total 4000"));
}

TEST_CASE("The process wide numbers are exposed under their names", "[metrics][unit]") {
  Metrics metrics("0.1.0");

  metrics.busy_refusals().Increment(3);
  metrics.streams().Set(4);
  metrics.feed_lag().Set(5);

  CHECK(Has(metrics, "clinicd_busy_refusals_total 3"));
  CHECK(Has(metrics, "clinicd_streams 4"));
  CHECK(Has(metrics, "clinicd_feed_lag_seconds 5"));
  CHECK(Has(metrics, "clinicd_build_info{version=\"0.1.0\"} 1"));
}

TEST_CASE("A sampled gauge is asked at each scrape", "[metrics][unit]") {
  Metrics metrics("0.1.0");
  int asked = 0;
  metrics.AddSampled("clinicd_log_lines_lost", "Lines.", [&asked] { return double(++asked); });

  CHECK(Has(metrics, "clinicd_log_lines_lost 1"));
  CHECK(Has(metrics, "clinicd_log_lines_lost 2"));
}

TEST_CASE("Counters that others keep are read at each scrape", "[metrics][unit]") {
  Metrics metrics("0.1.0");
  double total = 2;
  for (const std::string reason : {"idle", "flood"}) {
    metrics.AddSampledCounter(
        {.name = "clinicd_edge_cuts_total", .help = "Cuts.", .labels = {{"reason", reason}}},
        [&total] { return total; });
  }

  CHECK(Has(metrics, "clinicd_edge_cuts_total{reason=\"idle\"} 2"));
  total = 5;
  CHECK(Has(metrics, "clinicd_edge_cuts_total{reason=\"flood\"} 5"));
}

TEST_CASE("The process knows its memory and its files", "[metrics][unit]") {
  CHECK(ResidentBytes() > 1'000'000);
  CHECK(ResidentBytes() < 10e9);
  CHECK(OpenFiles() >= 1);
  CHECK(OpenFiles() < 10'000);
}

}  // namespace
}  // namespace clinicd::metrics
