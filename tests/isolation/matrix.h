// Every method, called by every role of every clinic, with what is theirs, with what is another
// clinic's and with what nobody has.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "services/server/isolation/requests.h"
#include "tests/isolation/world.h"

namespace clinicd::isolation {

// A way in which one clinic could see, change or infer another.
struct Finding {
  enum class Kind {
    // An answer holds a row or a canary of another clinic.
    kForeignRow,
    // An answer, or the trail that the call leaves, differs between what another clinic has and
    // what nobody has.
    kDifference,
    // A table of another clinic has changed.
    kForeignChange,
    // The server broke, or a caller did not get what is their own; then the rest proves nothing.
    kBroken,
  };
  Kind kind;
  std::string text;
};

// How many findings are of a kind.
std::size_t Count(const std::vector<Finding>& findings, Finding::Kind kind);
// The first findings, for people.
std::string ToText(const std::vector<Finding>& findings);

class Matrix final {
 public:
  struct Options {
    // Whose callers call.
    std::vector<std::size_t> clinics = {0, 1, 2};
    // Empty: all, and who is not signed in.
    std::vector<identity::v1::Role> roles = {};
    // Whether to use request ids of other clinics again.
    bool request_ids = true;
  };

  explicit Matrix(World& world) : Matrix(world, Options()) {}
  Matrix(World& world, Options options);

  std::vector<Finding> Run();

 private:
  // One method and its case.
  struct Method {
    const google::protobuf::MethodDescriptor* descriptor;
    std::string name;
    const MethodCase* method_case;
    RequestTemplate request;
    bool mutates;
    bool anonymous;
  };
  using Fields = std::vector<BoundField>;
  // Of each other clinic, by table.
  using Hashes = std::vector<std::map<std::string, std::string>>;

  std::vector<Caller> CallersOf(const Method& method, std::size_t clinic) const;
  // `before` are the hashes of the other clinics if they are known; returns them as they are now.
  Hashes RunMethod(const Method& method, std::size_t clinic, Hashes before);
  // Whether the caller got what is their own.
  bool CallOwn(const Method& method, const Caller& caller);
  // The page after the first of what the caller may list.
  void CallOwnPage(const Method& method, const Caller& caller);
  // A number for World::Foreign(), where the fields need one.
  int NumberFor(const Caller& caller, const Fields& fields);
  // Calls with foreign values in `fields` and the caller's own in the others, and compares.
  void CallForeign(const Method& method, const Caller& caller, const Fields& fields);
  void CompareTrails(const Method& method, std::size_t clinic);
  // The caller makes a call of their own under a request id that the other has used.
  void ReuseRequestId(const Method& method, const Caller& caller, const Caller& other);
  // The caller sends what the other has sent.
  void RepeatRequest(const Method& method, const Caller& caller, const Caller& other);

  // The fields that are varied together, for a caller who is admitted and for one who is not.
  static std::vector<Fields> Variations(const Method& method, bool admitted);
  // Fields of one request that stand for the same kind of thing stand for the same one.
  using BySource = std::map<Source, std::string>;
  std::string OwnValue(const Method& method, const Caller& caller, Source source, BySource& values);
  std::unique_ptr<google::protobuf::Message> OwnRequest(const Method& method, const Caller& caller);
  // By path.
  using Values = std::map<std::string, std::string>;
  Values OwnValues(const Method& method, const Caller& caller);
  static std::unique_ptr<google::protobuf::Message> Filled(const Method& method,
                                                           const Values& values);
  void CallAsOther(const Method& method, const Caller& other, const Values& values);
  // The token of the second page of what `lister` may list.
  std::string PageToken(const Method& method, const Caller& lister);
  // Whether the method has pages.
  bool FetchPageTokens(const Method& method, const std::vector<Caller>& callers);
  std::string TokenOf(const Method& method, const Caller& caller);
  Answer Call(const Method& method, const Caller& caller, const google::protobuf::Message& request);
  // Looks for what is not the caller's.
  void Inspect(const Method& method, const Caller& caller, const Answer& answer);
  void RememberForeign(std::size_t clinic);
  Hashes HashesOfOthers(std::size_t clinic);
  // The hashes now.
  Hashes CompareHashes(const Method& method, std::size_t clinic, const Hashes& before);
  void Note(Finding::Kind kind, const Method& method, const Caller& caller, std::string_view what);

  World& world_;
  const Options options_;
  std::vector<Method> methods_;
  std::vector<Finding> findings_;
  // Of the present method, by clinic (or ghost) and role.
  std::map<std::pair<std::size_t, identity::v1::Role>, std::string> page_tokens_;
  // UUIDs of the clinics that the present caller does not belong to.
  absl::flat_hash_set<std::string> foreign_;
};

}  // namespace clinicd::isolation
