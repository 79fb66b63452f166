#include "services/server/isolation/method_probe.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clinicd/type/v1/error_reason.pb.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace clinicd::isolation {
namespace {

namespace pb = google::protobuf;

constexpr char kNotProbed[] = "METHOD_NOT_PROBED";

// What a server says that has sealed nothing yet.
constexpr std::array<std::string_view, 3> kNothingSealed = {
    "AUDIT_LOG_EMPTY", "AUDIT_EVENT_NOT_FOUND", "AUDIT_LOG_SHORTER"};

// Called first by the owners of both clinics, for keys, answers and events.
constexpr std::string_view kFirst[] = {"clinicd.identity.v1.ClinicService/UpdateClinic",
                                       "clinicd.patients.v1.PatientService/GetPatient"};

std::string ReasonOf(const Answer& answer) {
  google::rpc::Status status;
  google::rpc::ErrorInfo info;
  if (!status.ParseFromString(answer.details)) return "";
  for (const auto& detail : status.details()) {
    if (detail.UnpackTo(&info)) return info.reason();
  }
  return "";
}

bool IsNothingSealed(const Answer& answer) {
  return std::find(kNothingSealed.begin(), kNothingSealed.end(), ReasonOf(answer)) !=
         kNothingSealed.end();
}

// Whether the server could not do its work, so that the answer tells nothing.
bool IsBroken(const Answer& answer) {
  constexpr std::array kBroken = {
      grpc::StatusCode::INTERNAL,          grpc::StatusCode::UNKNOWN,
      grpc::StatusCode::UNIMPLEMENTED,     grpc::StatusCode::UNAVAILABLE,
      grpc::StatusCode::DEADLINE_EXCEEDED, grpc::StatusCode::RESOURCE_EXHAUSTED,
      grpc::StatusCode::CANCELLED};
  return std::find(kBroken.begin(), kBroken.end(), answer.code) != kBroken.end();
}

// Whether the call ended before anybody looked at whose things it names.
bool IsRefused(const Answer& answer, grpc::StatusCode own) {
  const bool refused = answer.code == grpc::StatusCode::PERMISSION_DENIED ||
                       answer.code == grpc::StatusCode::UNAUTHENTICATED;
  return refused && answer.code != own;
}

// A text that stays as it was sent.
bool IsKept(const BoundField& field, bool mutates) {
  return mutates && field.source == Source::kWord;
}

struct Continuation {
  const char* request_field;
  const char* response_field;
  // Whether only a short page leads to a token.
  bool pages;
};
constexpr Continuation kContinuations[] = {{"page_token", "next_page_token", true},
                                           {"resume_token", "resume_token", false}};

}  // namespace

MethodProbe::MethodProbe(const Parts& parts) : parts_(parts), client_(parts.channel) {}

void MethodProbe::Note(std::string what, const Method& method) {
  const db::Breach breach{.what = std::move(what), .where = absl::StrCat("method ", method.name)};
  const auto& known = report_.breaches;
  if (std::find(known.begin(), known.end(), breach) == known.end()) {
    report_.breaches.push_back(breach);
  }
}

std::unique_ptr<MethodProbe::Method> MethodProbe::CaseOf(const pb::MethodDescriptor& descriptor) {
  const std::string name = FullName(descriptor);
  const auto found = std::find_if(parts_.cases.begin(), parts_.cases.end(),
                                  [&name](const MethodCase& c) { return c.method == name; });
  if (found == parts_.cases.end()) return nullptr;
  absl::StatusOr<RequestTemplate> request = RequestTemplate::Parse(descriptor, *found);
  if (!request.ok()) return nullptr;
  return std::make_unique<Method>(Method{descriptor, name, *found, *std::move(request),
                                         Mutates(descriptor), IsAnonymous(descriptor)});
}

absl::StatusOr<Answer> MethodProbe::Call(const Method& method, std::size_t side,
                                         const Values& values) {
  std::string token;
  if (!method.anonymous) {
    CLINICD_ASSIGN_OR_RETURN(token, method.method_case.ends_session
                                        ? parts_.world.TokenOfNewSession(side)
                                        : parts_.world.Token(side));
  }
  const std::unique_ptr<pb::Message> request =
      method.request.Fill([&](const BoundField& field) { return values.at(field.path); });
  ++report_.calls;
  return client_.Call(method.descriptor, token, *request);
}

absl::Status MethodProbe::Prepare(const std::vector<const pb::MethodDescriptor*>& methods) {
  for (const pb::MethodDescriptor* descriptor : methods) {
    const std::string name = FullName(*descriptor);
    if (std::find(std::begin(kFirst), std::end(kFirst), name) == std::end(kFirst)) continue;
    const std::unique_ptr<Method> method = CaseOf(*descriptor);
    if (method == nullptr) continue;
    for (const std::size_t side : {kCaller, kOther}) {
      // Twice, so that what they leave has a second page.
      for (int i = 0; i < 2; ++i) {
        CLINICD_ASSIGN_OR_RETURN(const Values values,
                                 parts_.world.Own(side, method->request, method->mutates));
        CLINICD_ASSIGN_OR_RETURN(const Answer answer, Call(*method, side, values));
        if (!answer.ok()) Note("PROBE_FAILED", *method);
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> MethodProbe::ForeignPageToken(const Method& method) {
  const auto* const continuation = std::find_if(
      std::begin(kContinuations), std::end(kContinuations),
      [&method](const Continuation& c) { return method.request.Has(c.request_field); });
  if (continuation == std::end(kContinuations)) return std::optional<std::string>("");
  CLINICD_ASSIGN_OR_RETURN(const Values values, parts_.world.Own(kOther, method.request, false));
  const std::unique_ptr<pb::Message> request =
      method.request.Fill([&](const BoundField& field) { return values.at(field.path); });
  if (continuation->pages) {
    const pb::FieldDescriptor* const size = request->GetDescriptor()->FindFieldByName("page_size");
    if (size != nullptr) request->GetReflection()->SetInt32(request.get(), size, 1);
  }
  CLINICD_ASSIGN_OR_RETURN(const std::string access, parts_.world.Token(kOther));
  ++report_.calls;
  const Answer answer = client_.Call(method.descriptor, access, *request);
  if (IsNothingSealed(answer)) return std::optional<std::string>();
  const std::unique_ptr<pb::Message> response(pb::MessageFactory::generated_factory()
                                                  ->GetPrototype(method.descriptor.output_type())
                                                  ->New());
  const pb::FieldDescriptor* const field =
      response->GetDescriptor()->FindFieldByName(continuation->response_field);
  if (!answer.ok() || field == nullptr || !response->ParseFromString(answer.response)) {
    return std::optional<std::string>("");
  }
  return std::optional<std::string>(response->GetReflection()->GetString(*response, field));
}

absl::StatusOr<std::vector<MethodProbe::Variation>> MethodProbe::VariationsOf(
    const Method& method) {
  std::vector<Variation> variations;
  for (const BoundField& field : method.request.fields()) {
    if (!IsVaried(field.source) || IsKept(field, method.mutates)) continue;
    Variation variation{
        .fields = {field}, .foreign = {}, .nobodys = parts_.world.Nobodys(field.source)};
    if (field.source == Source::kPageToken) {
      CLINICD_ASSIGN_OR_RETURN(const std::optional<std::string> token, ForeignPageToken(method));
      if (!token) continue;
      variation.foreign = *token;
    } else {
      CLINICD_ASSIGN_OR_RETURN(variation.foreign, parts_.world.Foreign(field.source));
    }
    if (variation.foreign.empty()) {
      Note(kNotProbed, method);
      continue;
    }
    variations.push_back(std::move(variation));
  }
  return variations;
}

void MethodProbe::Inspect(const Method& method, const Values& sent, const Answer& answer) {
  if (IsBroken(answer)) return Note("PROBE_FAILED", method);
  const std::string word = parts_.world.clinic(kOther).word();
  const std::string text = answer.Everything();
  const auto was_sent = [&sent](std::string_view word_or_id) {
    return std::any_of(sent.begin(), sent.end(), [word_or_id](const auto& value) {
      return absl::StrContains(value.second, ToAbsl(word_or_id));
    });
  };
  bool foreign = absl::StrContains(text, word) && !was_sent(word);
  ForEachUuid(text, [&](std::string_view uuid) {
    foreign = foreign || (foreign_.contains(ToAbsl(uuid)) && !was_sent(uuid));
  });
  if (foreign) Note("FOREIGN_DATA_IN_ANSWER", method);
}

absl::Status MethodProbe::ProbeOwn(const Method& method) {
  CLINICD_ASSIGN_OR_RETURN(const Values values,
                           parts_.world.Own(kCaller, method.request, method.mutates));
  CLINICD_ASSIGN_OR_RETURN(const Answer answer, Call(method, kCaller, values));
  Inspect(method, values, answer);
  // One who does not get what is their own proves nothing by not getting another's.
  if (!method.mutates && answer.code != method.method_case.own && !IsNothingSealed(answer)) {
    Note(kNotProbed, method);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> MethodProbe::ProbeVariation(const Method& method, const Variation& variation) {
  const auto varied = [&variation](const BoundField& field) {
    return std::any_of(variation.fields.begin(), variation.fields.end(),
                       [&field](const BoundField& f) { return f.path == field.path; });
  };
  std::array<std::string, 2> seen;
  bool made_sense = true;
  for (const bool foreign : {true, false}) {
    CLINICD_ASSIGN_OR_RETURN(Values values,
                             parts_.world.Own(kCaller, method.request, method.mutates));
    Sent sent{.foreign = {foreign ? variation.foreign : variation.nobodys}};
    for (const BoundField& field : method.request.fields()) {
      if (varied(field)) {
        values[field.path] = sent.foreign.front();
      } else if (IsVaried(field.source)) {
        sent.own.push_back(values.at(field.path));
      }
    }
    CLINICD_ASSIGN_OR_RETURN(const Answer answer, Call(method, kCaller, values));
    Inspect(method, values, answer);
    made_sense = made_sense && ReasonOf(answer) != "VALIDATION_FAILED";
    if (!method.anonymous && IsRefused(answer, method.method_case.own)) Note(kNotProbed, method);
    seen[foreign ? 0 : 1] = Comparable(answer, *method.descriptor.output_type(), sent);
    if (method.mutates && answer.ok()) CLINICD_RETURN_IF_ERROR(parts_.world.RenewParties());
  }
  if (seen[0] != seen[1]) Note("ANSWER_DIFFERS", method);
  return made_sense;
}

absl::Status MethodProbe::ProbeVariations(const Method& method,
                                          const std::vector<Variation>& variations) {
  for (const Variation& variation : variations) {
    CLINICD_ASSIGN_OR_RETURN(const bool alone, ProbeVariation(method, variation));
    if (alone) continue;
    Variation together = variation;
    together.fields.clear();
    for (const BoundField& field : method.request.fields()) {
      if (field.source == variation.fields.front().source) together.fields.push_back(field);
    }
    CLINICD_ASSIGN_OR_RETURN(const bool made_sense, ProbeVariation(method, together));
    // A reading method has shown with the caller's own that it makes sense.
    if (!made_sense && method.mutates) Note(kNotProbed, method);
  }
  return absl::OkStatus();
}

absl::Status MethodProbe::Probe(Method& method) {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<Variation> variations, VariationsOf(method));
  CLINICD_ASSIGN_OR_RETURN(foreign_, parts_.tables.Uuids(parts_.world.clinic(kOther).id(), true));
  // What the caller's own requests of another night have left in its rows comes back.
  for (const std::string& known : known_) foreign_.erase(known);
  CLINICD_ASSIGN_OR_RETURN(const std::string before,
                           parts_.tables.Fingerprint(parts_.world.clinic(kOther).id()));
  if (!method.mutates || variations.empty()) CLINICD_RETURN_IF_ERROR(ProbeOwn(method));
  CLINICD_RETURN_IF_ERROR(ProbeVariations(method, variations));
  CLINICD_ASSIGN_OR_RETURN(const std::string after,
                           parts_.tables.Fingerprint(parts_.world.clinic(kOther).id()));
  if (before != after) Note("FOREIGN_CLINIC_CHANGED", method);
  return absl::OkStatus();
}

absl::StatusOr<MethodProbe::Report> MethodProbe::Run(
    const std::vector<const pb::MethodDescriptor*>& methods, const Looked& looked) {
  CLINICD_ASSIGN_OR_RETURN(known_, parts_.tables.Uuids(parts_.world.clinic(kCaller).id(), false));
  CLINICD_RETURN_IF_ERROR(Prepare(methods));
  for (const pb::MethodDescriptor* descriptor : methods) {
    const std::unique_ptr<Method> method = CaseOf(*descriptor);
    if (method == nullptr) {
      report_.breaches.push_back(
          {.what = kNotProbed, .where = absl::StrCat("method ", FullName(*descriptor))});
    } else {
      CLINICD_RETURN_IF_ERROR(Probe(*method));
      ++report_.methods;
    }
    if (!looked(FullName(*descriptor), methods.size())) {
      return absl::CancelledError("The probe was stopped.");
    }
  }
  return std::move(report_);
}

}  // namespace clinicd::isolation
