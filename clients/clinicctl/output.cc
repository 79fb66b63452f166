#include "clients/clinicctl/output.h"

#include <google/protobuf/util/json_util.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "clients/clinicctl/text.h"
#include "clinicd/sdk/audit_log.h"
#include "clinicd/sdk/error.h"
#include "common/base/text.h"

namespace clinicd::clinicctl {
namespace {

using sdk::ErrorDetails;

// Payload of Conflict().
constexpr char kConflict[] = "clinicctl/conflict";

bool IsOver(type::v1::ErrorReason reason) {
  switch (reason) {
    case type::v1::TOKEN_MISSING:
    case type::v1::TOKEN_INVALID:
    case type::v1::TOKEN_EXPIRED:
    case type::v1::SESSION_REVOKED:
    case type::v1::REFRESH_TOKEN_INVALID:
      return true;
    default:
      return false;
  }
}

std::string Entry(const ErrorDetails& details, const std::string& key) {
  const auto entry = details.metadata.find(key);
  return entry == details.metadata.end() ? "" : Printable(entry->second);
}

// The times that a refused booking names instead.
std::string FreeNext(const ErrorDetails& details) {
  const std::string free = Entry(details, "next_free");
  if (free.empty()) return "choose another day; clinicctl slots shows when there is time";
  return absl::StrCat("free next on that day: ",
                      absl::StrReplaceAll(free, {{",", ", "}, {"T", " "}}));
}

// Into what the appointment may go.
std::string Follows(const ErrorDetails& details) {
  const std::string allowed = Entry(details, "allowed");
  if (allowed.empty()) return " for good";
  return absl::StrCat(" and may become ", absl::StrReplaceAll(allowed, {{",", ", "}}));
}

// What the user can do about an error that the server named; empty if its message says it all.
std::string WayOutOf(const ErrorDetails& details) {
  switch (details.reason) {
    case type::v1::CREDENTIALS_INVALID:
      return "check clinic, e-mail address and password";
    case type::v1::SIGN_IN_THROTTLED:
      return "wait, then sign in with the right password";
    case type::v1::PERMISSION_MISSING:
      return absl::StrCat("ask an owner of the clinic for a role that grants ",
                          Entry(details, "permission"));
    case type::v1::STEP_UP_REQUIRED:
      return "run: clinicctl sign-in, then this again";
    case type::v1::APPOINTMENT_SLOT_TAKEN:
    case type::v1::APPOINTMENT_OUTSIDE_HOURS:
      return FreeNext(details);
    case type::v1::APPOINTMENT_OUTSIDE_ARRIVAL_WINDOW:
      return absl::StrCat("check in from ", Entry(details, "earliest_time"), " to ",
                          Entry(details, "latest_time"));
    case type::v1::APPOINTMENT_ILLEGAL_TRANSITION:
      return absl::StrCat("the appointment is ", Entry(details, "state"), Follows(details),
                          "; clinicctl day shows where each stands");
    case type::v1::NONEXISTENT_LOCAL_TIME:
      return absl::StrCat("clocks go forward; book ", Entry(details, "suggestion"));
    case type::v1::ETAG_MISMATCH:
      return "somebody changed it meanwhile; look again and repeat";
    case type::v1::INTERNAL_DEFECT:
      return absl::StrCat("tell the operator the call's id: ", Printable(details.request_id));
    default:
      return IsOver(details.reason) ? "run: clinicctl sign-in" : "";
  }
}

std::string WayOut(const absl::Status& status, const ErrorDetails& details) {
  std::string way_out = WayOutOf(details);
  if (!way_out.empty()) return way_out;
  if (sdk::AlarmOf(status)) {
    return "keep both checkpoints, and ask the operator why; clinicctl audit checkpoint "
           "--trust-anew once you know";
  }
  switch (ExitOf(status)) {
    case Exit::kTryAgain:
      return "see that the server runs and is reachable, and run this again";
    case Exit::kSignedOut:
      return "run: clinicctl sign-in --server https://HOST:PORT --clinic SLUG --email ADDRESS";
    default:
      return "";
  }
}

std::string ToJson(const google::protobuf::Message& message) {
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  const bool written = google::protobuf::util::MessageToJsonString(message, &json, options).ok();
  return written ? json : "";
}

// As `clinicd audit verify` takes it: without what proves nothing.
std::string EvidenceJson(audit::v1::Checkpoint checkpoint) {
  checkpoint.clear_seal_time();
  return ToJson(checkpoint);
}

void PrintErrorJson(std::string_view what, const absl::Status& status,
                    const ErrorDetails& details) {
  nlohmann::json error = {
      {"what", std::string(what)},         {"code", absl::StatusCodeToString(status.code())},
      {"reason", details.reason_name},     {"message", std::string(status.message())},
      {"metadata", details.metadata},      {"fields", nlohmann::json::array()},
      {"way_out", WayOut(status, details)}};
  for (const sdk::FieldViolation& field : details.fields) {
    error["fields"].push_back({{"field", field.field}, {"description", field.description}});
  }
  if (const auto alarm = sdk::AlarmOf(status)) {
    error["alarm"] = sdk::NameOf(alarm->kind);
    if (alarm->kept) error["kept"] = EvidenceJson(*alarm->kept);
    if (alarm->shown) error["shown"] = EvidenceJson(*alarm->shown);
  }
  std::cerr << nlohmann::json{{"error", error}}.dump(-1, ' ', false,
                                                     nlohmann::json::error_handler_t::replace)
            << "\n";
}

}  // namespace

Exit ExitOf(const absl::Status& status) {
  if (status.ok()) return Exit::kOk;
  const ErrorDetails details = sdk::DetailsOf(status);
  if (IsOver(details.reason)) return Exit::kSignedOut;
  switch (status.code()) {
    case absl::StatusCode::kUnauthenticated:
      return details.reason == type::v1::CREDENTIALS_INVALID ? Exit::kError : Exit::kSignedOut;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return Exit::kTryAgain;
    case absl::StatusCode::kNotFound:
      return Exit::kNotFound;
    case absl::StatusCode::kDataLoss:
      return Exit::kAuditAlarm;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
      return details.reason_name.empty() && !status.GetPayload(kConflict) ? Exit::kError
                                                                          : Exit::kConflict;
    default:
      return Exit::kError;
  }
}

absl::Status Conflict(std::string_view message) {
  absl::Status status = absl::FailedPreconditionError(ToAbsl(message));
  status.SetPayload(kConflict, absl::Cord());
  return status;
}

int PrintError(std::string_view what, const absl::Status& status, bool json) {
  const ErrorDetails details = sdk::DetailsOf(status);
  if (json) {
    PrintErrorJson(what, status, details);
    return static_cast<int>(ExitOf(status));
  }
  std::cerr << "clinicctl: cannot " << what << ": " << Printable(std::string(status.message()))
            << "\n";
  if (!details.reason_name.empty()) {
    std::cerr << "  cause:   " << Printable(details.reason_name) << "\n";
  }
  if (const auto alarm = sdk::AlarmOf(status)) {
    std::cerr << "  alarm:   " << sdk::NameOf(alarm->kind) << "\n";
  }
  for (const sdk::FieldViolation& field : details.fields) {
    std::cerr << "  field:   " << Printable(field.field) << " " << Printable(field.description)
              << "\n";
  }
  const std::string way_out = WayOut(status, details);
  if (!way_out.empty()) std::cerr << "  way out: " << way_out << "\n";
  return static_cast<int>(ExitOf(status));
}

void PrintJson(const google::protobuf::Message& message) {
  const std::string json = ToJson(message);
  if (!json.empty()) std::cout << json << std::endl;
}

}  // namespace clinicd::clinicctl
