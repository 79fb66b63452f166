#include "common/validate/validator.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "common/validate/compiler.h"
#include "common/validate/walk.h"

namespace clinicd::validate {
namespace {

// Details travel in a header of 8 KiB at most, as base64, together with the error itself.
constexpr std::size_t kAnswerBytesMax = 4096;
// What a violation takes besides its texts.
constexpr std::size_t kViolationOverhead = 8;
constexpr std::size_t kAnswerViolationsMax = 64;

}  // namespace

struct Validator::Compiled {
  Plans plans;
};

Validator::Validator(std::unique_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
Validator::Validator(Validator&&) noexcept = default;
Validator& Validator::operator=(Validator&&) noexcept = default;
Validator::~Validator() = default;

absl::StatusOr<Validator> Validator::Create(
    const std::vector<const google::protobuf::Descriptor*>& requests) {
  Compiler compiler;
  for (const auto* request : requests) compiler.Add(*request);
  if (!compiler.refusals().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("The API holds validation rules that this server cannot enforce:\n  ",
                     absl::StrJoin(compiler.refusals(), "\n  ")));
  }
  return Validator(std::make_unique<const Compiled>(Compiled{compiler.TakePlans()}));
}

absl::Status Validator::Validate(const google::protobuf::Message& message) const {
  const auto plan = compiled_->plans.find(message.GetDescriptor());
  if (plan == compiled_->plans.end()) {
    return status::Defect(
        absl::StrCat("no validation rules were compiled for ", message.GetTypeName()));
  }
  Walk walk(kAnswerViolationsMax);
  walk.Check(*plan->second, message);
  if (walk.count() == 0) return absl::OkStatus();
  status::ErrorBuilder error = status::Invalid();
  std::size_t bytes = 0;
  std::size_t told = 0;
  for (const Violation& violation : walk.TakeViolations()) {
    bytes += violation.field.size() + violation.description.size() + kViolationOverhead;
    if (told > 0 && bytes > kAnswerBytesMax) break;
    error.Field(violation.field, violation.description);
    ++told;
  }
  if (told < walk.count()) error.With("omitted", absl::StrCat(walk.count() - told));
  return error;
}

std::vector<Violation> Validator::Violations(const google::protobuf::Message& message,
                                             std::size_t max) const {
  const auto plan = compiled_->plans.find(message.GetDescriptor());
  if (plan == compiled_->plans.end()) return {};
  Walk walk(max);
  walk.Check(*plan->second, message);
  return walk.TakeViolations();
}

}  // namespace clinicd::validate
