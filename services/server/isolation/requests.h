// Requests made of templates, and what the templates leave out.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/server/isolation/method_cases.h"

namespace clinicd::isolation {

// What a field of a request stands for, and so what another clinic has that could be put there.
enum class Source {
  // Rows.
  kClinic,
  kPatient,
  kPractitioner,
  kAppointment,
  kLocation,
  kResource,
  kVisitType,
  kSeries,
  // Appointments at other stages than BOOKED and to come.
  kArrivedAppointment,
  kSeatedAppointment,
  kCompletedAppointment,
  kMissedAppointment,
  kCancelledAppointment,
  // Of the series that was made last.
  kSeriesAppointment,
  kHold,
  kScheduleException,
  kWaitlistEntry,
  kWaitlistOffer,
  kCalendarFeed,
  kAuditEvent,
  kAuditFinding,
  kLegalHold,
  kIsolationCertificate,
  kUser,
  kSession,
  // Proofs.
  kRefreshToken,
  kPageToken,
  kLogin,
  // Values that are unique in a clinic.
  kEmail,
  kFileNumber,
  kPatientExternalId,
  kPractitionerExternalId,
  kAppointmentExternalId,
  kLocationExternalId,
  kResourceExternalId,
  kVisitTypeExternalId,
  // What a search finds.
  kWord,
  // Not varied: always the caller's own.
  kRequestId,
  kEtag,
  kClinicEtag,
  kSlug,
  kPassword,
};

// Whether another clinic's value could stand in its place.
bool IsVaried(Source source);

// "clinicd.patients.v1.PatientService/GetPatient".
std::string FullName(const google::protobuf::MethodDescriptor& method);
// True unless the method is declared NO_SIDE_EFFECTS.
bool Mutates(const google::protobuf::MethodDescriptor& method);
// Whether the method is called without being signed in.
bool IsAnonymous(const google::protobuf::MethodDescriptor& method);

// A field of a request that stands for something, for example {"patient.id", Source::kPatient} or
// {"appointment.allocations[1].resource_id", Source::kResource}.
struct BoundField {
  std::string path;
  Source source;
};

using ValueOf = std::function<std::string(const BoundField& field)>;

// A request with its placeholders.
class RequestTemplate final {
 public:
  // INVALID_ARGUMENT when the case's text is not a request of the method.
  static absl::StatusOr<RequestTemplate> Parse(const google::protobuf::MethodDescriptor& method,
                                               const MethodCase& method_case);

  // The fields with a placeholder, in the order of the message.
  const std::vector<BoundField>& fields() const { return fields_; }

  // Whether the field at the path, given without indices, has a placeholder anywhere.
  bool Has(std::string_view path) const;

  // The request with the values in place of the placeholders.
  std::unique_ptr<google::protobuf::Message> Fill(const ValueOf& value_of) const;

 private:
  RequestTemplate() = default;

  std::unique_ptr<google::protobuf::Message> message_;
  std::vector<BoundField> fields_;
};

// Which methods or fields `cases` forgets: a method without case, a case without method, a field
// that by its name identifies something and has no placeholder. One sentence each.
std::vector<std::string> MissingCases(
    const std::vector<const google::protobuf::MethodDescriptor*>& methods,
    std::span<const MethodCase> cases);

}  // namespace clinicd::isolation
