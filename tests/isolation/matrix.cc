#include "tests/isolation/matrix.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/isolation/api_methods.h"

namespace clinicd::isolation {
namespace {

namespace pb = google::protobuf;
using identity::v1::Role;
using Kind = Finding::Kind;

// Enough to see what is wrong.
constexpr std::size_t kTextMax = 2000;
constexpr std::size_t kShown = 10;

// Whether a value is gone for the clinic that has used it.
bool IsUsedOnce(Source source) {
  switch (source) {
    case Source::kEmail:
    case Source::kFileNumber:
    case Source::kPatientExternalId:
    case Source::kPractitionerExternalId:
    case Source::kAppointmentExternalId:
    case Source::kLocationExternalId:
    case Source::kResourceExternalId:
    case Source::kVisitTypeExternalId:
      return true;
    default:
      return false;
  }
}

std::string RoleName(const Caller& caller) {
  return caller.signed_in() ? identity::v1::Role_Name(caller.role) : "nobody";
}

// Sets a text field of the request itself.
void SetText(pb::Message& request, const std::string& field, const std::string& text) {
  request.GetReflection()->SetString(&request, request.GetDescriptor()->FindFieldByName(field),
                                     text);
}

void SetNumber(pb::Message& request, const std::string& field, std::int32_t number) {
  request.GetReflection()->SetInt32(&request, request.GetDescriptor()->FindFieldByName(field),
                                    number);
}

// Whether the answer says that the caller may not call the method at all.
bool IsRefusal(const Answer& answer) {
  return answer.code == grpc::StatusCode::PERMISSION_DENIED ||
         answer.code == grpc::StatusCode::UNAUTHENTICATED;
}

// How a client goes on from an answer.
struct Continuation {
  const char* request_field;
  const char* response_field;
  // Whether only a short page leads to a token.
  bool pages;
};
constexpr Continuation kContinuations[] = {{"page_token", "next_page_token", true},
                                           {"resume_token", "resume_token", false}};

// Nothing where the method has none.
std::optional<Continuation> ContinuationOf(const RequestTemplate& request) {
  for (const Continuation& continuation : kContinuations) {
    if (request.Has(continuation.request_field)) return continuation;
  }
  return std::nullopt;
}

}  // namespace

std::size_t Count(const std::vector<Finding>& findings, Kind kind) {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [kind](const Finding& finding) { return finding.kind == kind; }));
}

std::string ToText(const std::vector<Finding>& findings) {
  std::string text;
  for (std::size_t i = 0; i < std::min(findings.size(), kShown); ++i) {
    absl::StrAppend(&text, findings[i].text, "\n\n");
  }
  return text;
}

Matrix::Matrix(World& world, Options options) : world_(world), options_(std::move(options)) {
  for (const pb::MethodDescriptor* descriptor : ApiMethods()) {
    const std::string name = FullName(*descriptor);
    const auto cases = MethodCases();
    const auto found = std::find_if(cases.begin(), cases.end(),
                                    [&name](const MethodCase& c) { return c.method == name; });
    INFO(name << " has no case in method_cases.cc");
    REQUIRE(found != cases.end());
    absl::StatusOr<RequestTemplate> request = RequestTemplate::Parse(*descriptor, *found);
    REQUIRE(request.ok());
    methods_.push_back({descriptor, name, &*found, *std::move(request), Mutates(*descriptor),
                        IsAnonymous(*descriptor)});
  }
}

std::vector<Finding> Matrix::Run() {
  for (const std::size_t clinic : options_.clinics) {
    RememberForeign(clinic);
    Hashes hashes;
    for (const Method& method : methods_) hashes = RunMethod(method, clinic, std::move(hashes));
  }
  for (const Method& method : methods_) {
    // An error is not remembered under its id.
    const bool remembered =
        method.request.Has("request_id") && method.method_case->own == grpc::StatusCode::OK;
    if (!options_.request_ids || !remembered) continue;
    for (const std::size_t clinic : options_.clinics) {
      const Caller& caller = world_.caller(clinic, identity::v1::ROLE_OWNER);
      const Caller& other = world_.caller((clinic + 1) % kClinicCount, identity::v1::ROLE_OWNER);
      ReuseRequestId(method, caller, other);
      RepeatRequest(method, caller, other);
    }
  }
  return std::move(findings_);
}

void Matrix::Note(Kind kind, const Method& method, const Caller& caller, std::string_view what) {
  const std::string text = absl::StrCat(method.name, " as ", RoleName(caller), " of clinic ",
                                        caller.clinic, ": ", std::string(what.substr(0, kTextMax)));
  findings_.push_back({kind, text});
}

void Matrix::RememberForeign(std::size_t clinic) {
  foreign_.clear();
  for (std::size_t other = 0; other < kClinicCount; ++other) {
    if (other == clinic) continue;
    for (const std::string& uuid : world_.catalog().Uuids(world_.marked(other).clinic)) {
      // What the other's callers have sent is not the other's, and may be the caller's.
      if (!world_.sent(other).contains(uuid)) foreign_.insert(uuid);
    }
  }
}

std::vector<Caller> Matrix::CallersOf(const Method& method, std::size_t clinic) const {
  std::vector<Caller> callers;
  for (const Caller& caller : world_.callers(clinic)) {
    // Who is not signed in is all the same to a method for anybody; one token, to be ignored.
    if (method.anonymous && caller.signed_in() && caller.role != identity::v1::ROLE_OWNER) continue;
    const bool wanted = options_.roles.empty() ||
                        std::find(options_.roles.begin(), options_.roles.end(), caller.role) !=
                            options_.roles.end();
    if (wanted) callers.push_back(caller);
  }
  return callers;
}

Matrix::Hashes Matrix::HashesOfOthers(std::size_t clinic) {
  Hashes hashes;
  for (std::size_t other = 0; other < kClinicCount; ++other) {
    if (other != clinic) hashes.push_back(world_.catalog().Hashes(world_.marked(other).clinic));
  }
  return hashes;
}

Matrix::Hashes Matrix::CompareHashes(const Method& method, std::size_t clinic,
                                     const Hashes& before) {
  Hashes after = HashesOfOthers(clinic);
  for (std::size_t i = 0; i < before.size(); ++i) {
    for (const auto& [table, hash] : before[i]) {
      if (after[i].at(table) == hash) continue;
      Note(Kind::kForeignChange, method, world_.callers(clinic).front(),
           absl::StrCat("changed ", table, " of another clinic: ", hash, " to ",
                        after[i].at(table)));
    }
  }
  return after;
}

Matrix::Hashes Matrix::RunMethod(const Method& method, std::size_t clinic, Hashes before) {
  const std::vector<Caller> callers = CallersOf(method, clinic);
  // Listing leaves traces in the clinics that list.
  if (FetchPageTokens(method, callers) || before.empty()) before = HashesOfOthers(clinic);
  bool anybody = false;
  for (const Caller& caller : callers) {
    const bool admitted = CallOwn(method, caller);
    anybody |= admitted;
    if (admitted && ContinuationOf(method.request)) CallOwnPage(method, caller);
    for (const Fields& fields : Variations(method, admitted)) CallForeign(method, caller, fields);
  }
  if (!anybody) {
    Note(Kind::kBroken, method, callers.front(), "nobody gets what is their own");
  }
  CompareTrails(method, clinic);
  return CompareHashes(method, clinic, before);
}

std::vector<Matrix::Fields> Matrix::Variations(const Method& method, bool admitted) {
  Fields varied;
  for (const BoundField& field : method.request.fields()) {
    if (IsVaried(field.source)) varied.push_back(field);
  }
  std::vector<Fields> variations;
  if (varied.size() > 1 || !admitted) variations.push_back(varied);
  if (admitted) {
    for (const BoundField& field : varied) variations.push_back({field});
  }
  if (varied.empty()) variations.clear();
  return variations;
}

std::string Matrix::OwnValue(const Method& method, const Caller& caller, Source source,
                             BySource& values) {
  const auto [value, is_new] = values.try_emplace(source);
  if (is_new) value->second = world_.Own(caller, source, method.mutates);
  return value->second;
}

std::unique_ptr<pb::Message> Matrix::OwnRequest(const Method& method, const Caller& caller) {
  return Filled(method, OwnValues(method, caller));
}

std::string Matrix::TokenOf(const Method& method, const Caller& caller) {
  return method.method_case->ends_session ? world_.NewTokenFor(caller) : world_.TokenFor(caller);
}

Answer Matrix::Call(const Method& method, const Caller& caller, const pb::Message& request) {
  ForEachUuid(request.SerializeAsString(),
              [&](std::string_view uuid) { world_.sent(caller.clinic).insert(std::string(uuid)); });
  Answer answer = world_.client().Call(*method.descriptor, TokenOf(method, caller), request);
  Inspect(method, caller, answer);
  return answer;
}

void Matrix::Inspect(const Method& method, const Caller& caller, const Answer& answer) {
  const std::string text = answer.Everything();
  for (std::size_t other = 0; other < kClinicCount; ++other) {
    if (other == caller.clinic) continue;
    if (absl::StrContains(text, world_.marked(other).canary)) {
      Note(Kind::kForeignRow, method, caller,
           absl::StrCat("canary of clinic ", other, " in ", text));
    }
  }
  ForEachUuid(text, [&](std::string_view uuid) {
    const std::string id(uuid);
    if (!foreign_.contains(id) || world_.sent(caller.clinic).contains(id)) return;
    Note(Kind::kForeignRow, method, caller, absl::StrCat("foreign id ", id, " in ", text));
  });
  const bool broken = answer.code == grpc::StatusCode::INTERNAL ||
                      answer.code == grpc::StatusCode::UNKNOWN ||
                      answer.code == grpc::StatusCode::UNIMPLEMENTED ||
                      answer.code == grpc::StatusCode::UNAVAILABLE ||
                      answer.code == grpc::StatusCode::DEADLINE_EXCEEDED ||
                      answer.code == grpc::StatusCode::RESOURCE_EXHAUSTED;
  if (broken) Note(Kind::kBroken, method, caller, text);
}

bool Matrix::CallOwn(const Method& method, const Caller& caller) {
  const Answer answer = Call(method, caller, *OwnRequest(method, caller));
  if (answer.code == method.method_case->own) return true;
  if (!IsRefusal(answer)) {
    Note(Kind::kBroken, method, caller, absl::StrCat("own: ", answer.Everything()));
  }
  return false;
}

std::string Matrix::PageToken(const Method& method, const Caller& lister) {
  const std::unique_ptr<pb::Message> request = OwnRequest(method, lister);
  const Continuation continuation = ContinuationOf(method.request).value_or(kContinuations[0]);
  if (continuation.pages) SetNumber(*request, "page_size", 1);
  // Not through Call(): what another clinic gets is its own.
  const Answer answer = world_.client().Call(*method.descriptor, world_.TokenFor(lister), *request);
  // One who may not list has no token; any other text does for them.
  if (IsRefusal(answer)) return std::string(120, 'B');
  const std::unique_ptr<pb::Message> response(pb::MessageFactory::generated_factory()
                                                  ->GetPrototype(method.descriptor->output_type())
                                                  ->New());
  const auto* field = response->GetDescriptor()->FindFieldByName(continuation.response_field);
  const bool parsed = answer.ok() && response->ParseFromString(answer.response);
  std::string token = parsed && field != nullptr
                          ? response->GetReflection()->GetString(*response, field)
                          : std::string();
  if (token.empty()) {
    Note(Kind::kBroken, method, lister, absl::StrCat("no second page: ", answer.Everything()));
  }
  return token;
}

bool Matrix::FetchPageTokens(const Method& method, const std::vector<Caller>& callers) {
  page_tokens_.clear();
  if (!ContinuationOf(method.request)) return false;
  for (const Caller& caller : callers) {
    for (std::size_t owner = 0; owner < kClinicCount; ++owner) {
      page_tokens_[{owner, caller.role}] = PageToken(method, world_.caller(owner, caller.role));
    }
    // Of the shape of a token, and sealed by nobody.
    page_tokens_[{kGhost, caller.role}] = std::string(120, 'A');
  }
  return true;
}

void Matrix::CallOwnPage(const Method& method, const Caller& caller) {
  const std::unique_ptr<pb::Message> request = OwnRequest(method, caller);
  const Continuation continuation = ContinuationOf(method.request).value_or(kContinuations[0]);
  SetText(*request, continuation.request_field, page_tokens_.at({caller.clinic, caller.role}));
  const Answer answer = Call(method, caller, *request);
  if (!answer.ok()) {
    Note(Kind::kBroken, method, caller, absl::StrCat("own second page: ", answer.Everything()));
  }
}

int Matrix::NumberFor(const Caller& caller, const Fields& fields) {
  const bool used_once = std::any_of(fields.begin(), fields.end(), [](const BoundField& field) {
    return IsUsedOnce(field.source);
  });
  return used_once ? world_.NextNumber(caller.clinic) : 0;
}

void Matrix::CallForeign(const Method& method, const Caller& caller, const Fields& fields) {
  const int number = NumberFor(caller, fields);
  std::vector<std::pair<std::size_t, std::string>> seen;
  for (std::size_t owner = 0; owner <= kGhost; ++owner) {
    if (owner == caller.clinic) continue;
    Sent sent;
    BySource own_values;
    const std::unique_ptr<pb::Message> request = method.request.Fill([&](const BoundField& field) {
      const bool foreign = std::any_of(fields.begin(), fields.end(),
                                       [&](const BoundField& f) { return f.path == field.path; });
      if (!foreign) {
        std::string own = OwnValue(method, caller, field.source, own_values);
        if (IsVaried(field.source)) sent.own.push_back(own);
        return own;
      }
      std::string value = field.source == Source::kPageToken
                              ? page_tokens_.at({owner, caller.role})
                              : world_.Foreign(caller, owner, field.source, number);
      sent.foreign.push_back(value);
      return value;
    });
    const Answer answer = Call(method, caller, *request);
    seen.emplace_back(owner, Comparable(answer, *method.descriptor->output_type(), sent));
  }
  // The ghost comes last.
  for (const auto& [owner, text] : seen) {
    if (text == seen.back().second) continue;
    Note(Kind::kDifference, method, caller,
         absl::StrCat("with ", fields.front().path, fields.size() > 1 ? " and others" : "",
                      " of clinic ", owner, ":\n", text, "\nwith nobody's:\n", seen.back().second));
  }
}

void Matrix::CompareTrails(const Method& method, std::size_t clinic) {
  for (const BoundField& field : method.request.fields()) {
    const std::string ghost = world_.Standing(kGhost, field.source);
    if (ghost.empty()) continue;
    const auto expected = world_.Trail(clinic, method.name, ghost);
    for (std::size_t other = 0; other < kClinicCount; ++other) {
      if (other == clinic) continue;
      const auto trail = world_.Trail(clinic, method.name, world_.Standing(other, field.source));
      if (trail == expected) continue;
      Note(Kind::kDifference, method, world_.callers(clinic).front(),
           absl::StrCat("the trail of a foreign ", field.path, " has ", trail.size(), " rows:\n",
                        trail.empty() ? "" : trail.front(), "\nof nobody's ", expected.size(),
                        ":\n", expected.empty() ? "" : expected.front()));
    }
  }
}

}  // namespace clinicd::isolation
