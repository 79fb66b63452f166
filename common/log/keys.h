// The keys a log line may carry. There is no key for free text about people: what may be logged is
// decided here, once, and a value that does not have its key's shape is left out of the line.
#pragma once

#include <string_view>

namespace clinicd::log {

// Keys whose values are text. The shape of the values is in keys.cc.
enum class TextKey {
  kMethod,      // "clinicd.patients.v1.PatientService/GetPatient"
  kCode,        // "NOT_FOUND", "OK"
  kReason,      // "APPOINTMENT_SLOT_TAKEN"
  kRequestId,   // UUID
  kClinicId,    // UUID
  kUserId,      // UUID
  kSessionId,   // UUID
  kEntityId,    // UUID of the row an event is about
  kKeyId,       // 16 hexadecimal digits
  kSqlstate,    // "40001"
  kConstraint,  // "patients_file_number_uq"
  kQuery,       // "get_patient"
  kTable,       // "patients"
  kRole,        // "clinicd_app"
  kCheck,       // name of a readiness check
  kState,       // "starting", "draining"
  kSignal,      // "SIGTERM"
  kVersion,     // "0.1.0"
  kAddress,     // "127.0.0.1:8443", as gRPC prints peers or as configured
  kPath,        // a file of the operator's; never one whose name a client chooses
  kNote,        // a sentence that a programmer wrote for a broken assumption
};

// Keys whose values are numbers, unit last.
enum class NumberKey {
  kAttempt,
  kBytes,
  kCount,
  kDurationUs,
  kPort,
  kProcessId,
  kQueueDepth,
  kRetryMs,
  kRoundTrips,
  kSchemaVersion,
  kSuppressed,
  kWorkers,
};

using enum TextKey;
using enum NumberKey;

// The name of a key in a line.
std::string_view NameOf(TextKey key);
std::string_view NameOf(NumberKey key);

// Whether `value` has the shape of the key's values.
bool Accepts(TextKey key, std::string_view value);

// Whether values of the key may need escaping in JSON; all others are plain ASCII without quotes.
bool NeedsEscaping(TextKey key);

}  // namespace clinicd::log
