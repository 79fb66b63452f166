// Calls every method as the owner of one canary clinic with what is the other's.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "db/isolation/breach.h"
#include "db/isolation/table_probe.h"
#include "services/server/isolation/answer.h"
#include "services/server/isolation/canary_world.h"
#include "services/server/isolation/method_cases.h"
#include "services/server/isolation/requests.h"

namespace clinicd::isolation {

// For one run. Not thread-safe.
class MethodProbe final {
 public:
  struct Parts {
    // To the server itself, past its front door.
    std::shared_ptr<grpc::Channel> channel;
    CanaryWorld& world;
    db::TableProbe& tables;
    std::span<const MethodCase> cases = {};
  };
  explicit MethodProbe(const Parts& parts);

  struct Report {
    std::int32_t methods = 0;
    std::int32_t calls = 0;
    db::Breaches breaches;
  };
  // Calls `looked` after each method, with its name and how many there are. Ends early, with
  // CANCELLED, when it returns false. Other errors are those of the database.
  using Looked = std::function<bool(std::string_view method, std::size_t total)>;
  absl::StatusOr<Report> Run(const std::vector<const google::protobuf::MethodDescriptor*>& methods,
                             const Looked& looked);

 private:
  using Values = std::map<std::string, std::string>;
  struct Method {
    const google::protobuf::MethodDescriptor& descriptor;
    std::string name;
    const MethodCase& method_case;
    RequestTemplate request;
    bool mutates = false;
    bool anonymous = false;
  };
  // Fields that stand for the same thing, and what is put into them instead of the caller's own.
  struct Variation {
    std::vector<BoundField> fields;
    std::string foreign;
    std::string nobodys;
  };

  // What both clinics have done before, so that there is something to find.
  absl::Status Prepare(const std::vector<const google::protobuf::MethodDescriptor*>& methods);
  // Null where there is none.
  std::unique_ptr<Method> CaseOf(const google::protobuf::MethodDescriptor& descriptor);
  absl::Status Probe(Method& method);
  absl::Status ProbeOwn(const Method& method);
  // False where the request made no sense with it.
  absl::StatusOr<bool> ProbeVariation(const Method& method, const Variation& variation);
  // The same for each field; where one alone makes no sense, for all of its kind together.
  absl::Status ProbeVariations(const Method& method, const std::vector<Variation>& variations);
  // The fields of the method that are varied. Adds to the other clinic what only it has.
  absl::StatusOr<std::vector<Variation>> VariationsOf(const Method& method);
  // How the other clinic would go on in what it lists; empty: it has no second page; nullopt: it
  // cannot have one yet.
  absl::StatusOr<std::optional<std::string>> ForeignPageToken(const Method& method);

  absl::StatusOr<Answer> Call(const Method& method, std::size_t side, const Values& values);
  void Inspect(const Method& method, const Values& sent, const Answer& answer);
  void Note(std::string what, const Method& method);

  const Parts parts_;
  RawClient client_;
  Report report_;
  // In the caller's rows when the run began.
  absl::flat_hash_set<std::string> known_;
  // Of the other clinic, but for those.
  absl::flat_hash_set<std::string> foreign_;
};

}  // namespace clinicd::isolation
