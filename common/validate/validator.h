// Checks requests against the buf.validate rules of the API, and against what the server asks of
// every request.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace clinicd::validate {

// One rule that a message breaks.
struct Violation {
  // Path from the message: `patient.birth_date`, `user.roles[2]`, `labels["a"]`.
  std::string field;
  // The rule as protovalidate names it ("string.min_len"); ours begin with "clinicd.".
  std::string rule;
  // The requirement, in words: "must be 1 to 100 characters".
  std::string description;
};

// Evaluates a subset of the field rules of buf.validate exactly as protovalidate does, and refuses
// at creation what lies outside of it: rules of messages, CEL, rules relative to now, the other
// formats. Beyond that,
//   * text must be UTF-8 without NUL, which PostgreSQL cannot store ("clinicd.text");
//   * a google.type.Date that is set must be a full date of the calendar ("clinicd.date"), and
//     timestamps and durations must be in their range ("clinicd.timestamp", "clinicd.duration");
//   * in a message with a field `update_mask`, the mask must name fields of the one message beside
//     it, at least one, by name ("clinicd.update_mask"), and rules apply to these fields only.
//     Without a mask they apply to the fields that are set.
// Which fields may be updated is for the handler to say; see patch.h.
//
// Threads: any number may validate at once.
class Validator final {
 public:
  // Compiles the rules of `requests` and of everything they can hold. Fails with INVALID_ARGUMENT
  // and a message for the operator that names every field whose rules cannot be honoured.
  static absl::StatusOr<Validator> Create(
      const std::vector<const google::protobuf::Descriptor*>& requests);

  Validator(const Validator&) = delete;
  Validator& operator=(const Validator&) = delete;
  Validator(Validator&&) noexcept;
  Validator& operator=(Validator&&) noexcept;
  ~Validator();

  // Returns VALIDATION_FAILED with every violation, as far as the answer has room for them; if it
  // has not, its metadata has the number of those left out under `omitted`. INTERNAL_DEFECT for a
  // message whose type was not given to Create().
  absl::Status Validate(const google::protobuf::Message& message) const;

  // The first `max` violations, in the order of declaration; for tests and tools. Empty for types
  // that were not given to Create().
  std::vector<Violation> Violations(
      const google::protobuf::Message& message,
      std::size_t max = std::numeric_limits<std::size_t>::max()) const;

 private:
  struct Compiled;
  explicit Validator(std::unique_ptr<const Compiled> compiled);

  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace clinicd::validate
