#include "db/access/db_errors.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"

namespace clinicd::db {
namespace {

using status::ErrorReason;

absl::Status ConflictRetry() {
  return status::Error(absl::StatusCode::kAborted, ErrorReason::CONFLICT_RETRY,
                       "The call collided with others; call again with the same request id.");
}

struct SqlStateRule {
  // A whole SQLSTATE, or its class of two characters.
  std::string_view prefix;
  absl::Status (*error)();
};

constexpr std::array<SqlStateRule, 10> kRules{{
    {"40001", ConflictRetry},
    {"40P01", ConflictRetry},
    {"55P03", ConflictRetry},
    {"57014", DeadlinePassed},
    {"57P01", [] { return DatabaseUnavailable(); }},
    {"57P02", [] { return DatabaseUnavailable(); }},
    {"57P03", [] { return DatabaseUnavailable(); }},
    {"08", [] { return DatabaseUnavailable(); }},
    {"53", [] { return DatabaseUnavailable(); }},
    {"58", [] { return DatabaseUnavailable(); }},
}};

std::string_view Field(const pg_result* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

}  // namespace

absl::Status DatabaseUnavailable(absl::Duration retry_after) {
  return status::Error(absl::StatusCode::kUnavailable, ErrorReason::DATABASE_UNAVAILABLE,
                       "The database is not reachable at the moment; try again shortly.")
      .RetryAfter(retry_after);
}

absl::Status ServerBusy() {
  return status::Error(absl::StatusCode::kResourceExhausted, ErrorReason::SERVER_BUSY,
                       "The server has more work than it can finish in time; try again shortly.")
      .RetryAfter(absl::Milliseconds(250));
}

absl::Status DeadlinePassed() {
  return status::Error(absl::StatusCode::kDeadlineExceeded, ErrorReason::DEADLINE_PASSED,
                       "The call ran out of time; repeat a change with the same request id.");
}

absl::Status CallCancelled() {
  return status::Error(absl::StatusCode::kCancelled, ErrorReason::CALL_CANCELLED,
                       "The client ended the call.");
}

absl::Status FromResult(const pg_result* result, std::string_view query_name,
                        const ConstraintErrors& errors) {
  const std::string_view sqlstate = Field(result, PG_DIAG_SQLSTATE);
  const std::string_view constraint = Field(result, PG_DIAG_CONSTRAINT_NAME);
  if (!constraint.empty()) {
    const auto named = std::find_if(errors.begin(), errors.end(), [&](const ConstraintError& e) {
      return e.constraint == constraint;
    });
    if (named != errors.end()) return named->error();
  }
  for (const SqlStateRule& rule : kRules) {
    if (sqlstate.substr(0, rule.prefix.size()) == rule.prefix) return rule.error();
  }
  return status::Defect(absl::StrCat("query=", std::string(query_name),
                                     " sqlstate=", std::string(sqlstate),
                                     " constraint=", std::string(constraint)));
}

bool WorthRetrying(const absl::Status& status) {
  const ErrorReason reason = status::ReasonOf(status);
  return reason == ErrorReason::CONFLICT_RETRY || reason == ErrorReason::DATABASE_UNAVAILABLE;
}

}  // namespace clinicd::db
