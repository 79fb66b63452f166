#include "services/server/isolation/requests.h"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clinicd/options/v1/method_policy.pb.h"
#include "common/base/text.h"

namespace clinicd::isolation {
namespace {

namespace pb = google::protobuf;

struct NamedSource {
  std::string_view placeholder;
  Source source;
};

constexpr NamedSource kSources[] = {
    {"{clinic}", Source::kClinic},
    {"{patient}", Source::kPatient},
    {"{practitioner}", Source::kPractitioner},
    {"{appointment}", Source::kAppointment},
    {"{location}", Source::kLocation},
    {"{resource}", Source::kResource},
    {"{visit_type}", Source::kVisitType},
    {"{series}", Source::kSeries},
    {"{arrived_appointment}", Source::kArrivedAppointment},
    {"{seated_appointment}", Source::kSeatedAppointment},
    {"{completed_appointment}", Source::kCompletedAppointment},
    {"{missed_appointment}", Source::kMissedAppointment},
    {"{cancelled_appointment}", Source::kCancelledAppointment},
    {"{series_appointment}", Source::kSeriesAppointment},
    {"{hold}", Source::kHold},
    {"{schedule_exception}", Source::kScheduleException},
    {"{waitlist_entry}", Source::kWaitlistEntry},
    {"{waitlist_offer}", Source::kWaitlistOffer},
    {"{calendar_feed}", Source::kCalendarFeed},
    {"{audit_event}", Source::kAuditEvent},
    {"{audit_finding}", Source::kAuditFinding},
    {"{legal_hold}", Source::kLegalHold},
    {"{isolation_certificate}", Source::kIsolationCertificate},
    {"{user}", Source::kUser},
    {"{session}", Source::kSession},
    {"{refresh_token}", Source::kRefreshToken},
    {"{page_token}", Source::kPageToken},
    {"{login}", Source::kLogin},
    {"{email}", Source::kEmail},
    {"{file_number}", Source::kFileNumber},
    {"{patient_external_id}", Source::kPatientExternalId},
    {"{practitioner_external_id}", Source::kPractitionerExternalId},
    {"{appointment_external_id}", Source::kAppointmentExternalId},
    {"{location_external_id}", Source::kLocationExternalId},
    {"{resource_external_id}", Source::kResourceExternalId},
    {"{visit_type_external_id}", Source::kVisitTypeExternalId},
    {"{word}", Source::kWord},
    {"{request_id}", Source::kRequestId},
    {"{etag}", Source::kEtag},
    {"{clinic_etag}", Source::kClinicEtag},
    {"{slug}", Source::kSlug},
    {"{password}", Source::kPassword},
};

// Names, or ends of names after an underscore, of fields that say which thing is meant.
constexpr std::string_view kIdentifying[] = {"id",    "ids",  "token", "tokens",
                                             "email", "slug", "query", "number"};

using SetText = std::function<void(const std::string& text)>;
// Called with a text field's path and text, and with what replaces the text.
using VisitText =
    std::function<void(const std::string& path, const std::string& text, const SetText& set)>;

void ForEachText(pb::Message& message, const std::string& prefix, const VisitText& visit);

// One value of a field; `index` says which of a repeated one.
void ForEachTextOf(pb::Message& message, const pb::FieldDescriptor* field, int index,
                   const std::string& path, const VisitText& visit) {
  const pb::Reflection& reflection = *message.GetReflection();
  const bool repeated = field->is_repeated();
  if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE) {
    ForEachText(*(repeated ? reflection.MutableRepeatedMessage(&message, field, index)
                           : reflection.MutableMessage(&message, field)),
                absl::StrCat(path, "."), visit);
  } else if (field->type() == pb::FieldDescriptor::TYPE_STRING) {
    visit(path,
          repeated ? reflection.GetRepeatedString(message, field, index)
                   : reflection.GetString(message, field),
          [&](const std::string& text) {
            if (repeated) return reflection.SetRepeatedString(&message, field, index, text);
            reflection.SetString(&message, field, text);
          });
  }
}

void ForEachText(pb::Message& message, const std::string& prefix, const VisitText& visit) {
  const pb::Reflection& reflection = *message.GetReflection();
  std::vector<const pb::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const pb::FieldDescriptor* field : fields) {
    const std::string path = absl::StrCat(prefix, field->name());
    if (!field->is_repeated()) {
      ForEachTextOf(message, field, 0, path, visit);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      ForEachTextOf(message, field, i, absl::StrCat(path, "[", i, "]"), visit);
    }
  }
}

const NamedSource* FindSource(std::string_view text) {
  const auto* found =
      std::find_if(std::begin(kSources), std::end(kSources),
                   [text](const NamedSource& named) { return named.placeholder == text; });
  return found == std::end(kSources) ? nullptr : found;
}

// The path of a field, whichever element of a list it is in.
std::string WithoutIndices(std::string_view path) {
  std::string name;
  bool in_index = false;
  for (const char c : path) {
    if (c == '[') in_index = true;
    if (!in_index) name.push_back(c);
    if (c == ']') in_index = false;
  }
  return name;
}

bool Identifies(std::string_view name) {
  return std::any_of(std::begin(kIdentifying), std::end(kIdentifying), [name](auto word) {
    return name == word || absl::EndsWith(ToAbsl(name), absl::StrCat("_", std::string(word)));
  });
}

// The paths of all fields that identify something, those of nested messages of ours included.
void CollectIdentifying(const pb::Descriptor& message, const std::string& prefix,
                        std::vector<std::string>& paths) {
  for (int i = 0; i < message.field_count(); ++i) {
    const pb::FieldDescriptor& field = *message.field(i);
    const std::string path = absl::StrCat(prefix, field.name());
    const pb::Descriptor* nested = field.message_type();
    // Our requests do not nest without end: a message within itself is not followed.
    if (nested != nullptr && nested != &message &&
        absl::StartsWith(nested->full_name(), "clinicd.")) {
      CollectIdentifying(*nested, absl::StrCat(path, "."), paths);
    }
    const bool text = field.type() == pb::FieldDescriptor::TYPE_STRING ||
                      field.type() == pb::FieldDescriptor::TYPE_BYTES;
    if (text && Identifies(field.name())) paths.push_back(path);
  }
}

}  // namespace

std::string FullName(const pb::MethodDescriptor& method) {
  return absl::StrCat(method.service()->full_name(), "/", method.name());
}

bool Mutates(const pb::MethodDescriptor& method) {
  return method.options().idempotency_level() != pb::MethodOptions::NO_SIDE_EFFECTS;
}

bool IsAnonymous(const pb::MethodDescriptor& method) {
  return method.options().GetExtension(options::v1::policy).anonymous();
}

bool IsVaried(Source source) {
  switch (source) {
    case Source::kRequestId:
    case Source::kEtag:
    case Source::kClinicEtag:
    case Source::kSlug:
    case Source::kPassword:
      return false;
    default:
      return true;
  }
}

bool RequestTemplate::Has(std::string_view path) const {
  return std::any_of(fields_.begin(), fields_.end(), [path](const BoundField& field) {
    return WithoutIndices(field.path) == path;
  });
}

absl::StatusOr<RequestTemplate> RequestTemplate::Parse(const pb::MethodDescriptor& method,
                                                       const MethodCase& method_case) {
  RequestTemplate request;
  request.message_.reset(
      pb::MessageFactory::generated_factory()->GetPrototype(method.input_type())->New());
  if (!pb::TextFormat::ParseFromString(std::string(method_case.request), request.message_.get())) {
    return absl::InvalidArgumentError(absl::StrCat(FullName(method), ": not a request"));
  }
  ForEachText(*request.message_, "",
              [&request](const std::string& path, const std::string& text, const SetText&) {
                const NamedSource* named = FindSource(text);
                if (named != nullptr) request.fields_.push_back({path, named->source});
              });
  return request;
}

std::unique_ptr<pb::Message> RequestTemplate::Fill(const ValueOf& value_of) const {
  std::unique_ptr<pb::Message> request(message_->New());
  request->CopyFrom(*message_);
  ForEachText(*request, "",
              [&](const std::string& path, const std::string& text, const SetText& set) {
                const NamedSource* named = FindSource(text);
                if (named != nullptr) set(value_of({path, named->source}));
              });
  return request;
}

std::vector<std::string> MissingCases(const std::vector<const pb::MethodDescriptor*>& methods,
                                      std::span<const MethodCase> cases) {
  std::vector<std::string> missing;
  absl::flat_hash_set<std::string> known;
  for (const pb::MethodDescriptor* method : methods) {
    const std::string name = FullName(*method);
    known.insert(name);
    const auto found = std::find_if(cases.begin(), cases.end(),
                                    [&name](const MethodCase& c) { return c.method == name; });
    if (found == cases.end()) {
      missing.push_back(absl::StrCat(name, ": no case"));
      continue;
    }
    const absl::StatusOr<RequestTemplate> request = RequestTemplate::Parse(*method, *found);
    if (!request.ok()) {
      missing.push_back(absl::StrCat(name, ": the case is not a request"));
      continue;
    }
    std::vector<std::string> paths;
    CollectIdentifying(*method->input_type(), "", paths);
    for (const std::string& path : paths) {
      if (!request->Has(path)) missing.push_back(absl::StrCat(name, ": no placeholder for ", path));
    }
  }
  for (const MethodCase& method_case : cases) {
    if (!known.contains(ToAbsl(method_case.method))) {
      missing.push_back(absl::StrCat(std::string(method_case.method), ": no such method"));
    }
  }
  return missing;
}

}  // namespace clinicd::isolation
