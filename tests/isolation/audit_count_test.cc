// Whether every call leaves the audit events that it has to, and no others.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clinicd/options/v1/method_policy.pb.h"
#include "clinicd/type/v1/error_reason.pb.h"
#include "services/server/isolation/method_cases.h"
#include "services/server/isolation/requests.h"
#include "tests/isolation/api_methods.h"
#include "tests/isolation/world.h"
#include "tests/support/test_server.h"

namespace clinicd::isolation {
namespace {

namespace pb = google::protobuf;
using grpc::StatusCode;
using options::v1::MethodPolicy;
using type::v1::ErrorReason;

constexpr std::size_t kClinic = 0;
// Of the values that can be used once; those that were used lead to another answer.
constexpr int kNumbers = 300;

MethodPolicy PolicyOf(const pb::MethodDescriptor& method) {
  return method.options().GetExtension(options::v1::policy);
}

ErrorReason ReasonOf(const Answer& answer) {
  return testing::ReasonOf(grpc::Status(answer.code, answer.message, answer.details));
}

// How many events a call of somebody who is signed in has to leave, as the API documents it: what
// was done or read and is traced; what was refused for reasons of rights or of the records.
int EventsDue(const pb::MethodDescriptor& method, const Answer& answer) {
  const bool traced = PolicyOf(method).audit() != options::v1::AUDIT_LEVEL_NONE;
  switch (answer.code) {
    case StatusCode::OK:
      return traced ? 1 : 0;
    case StatusCode::PERMISSION_DENIED:
      return 1;
    // A wrong password of somebody who is signed in.
    case StatusCode::UNAUTHENTICATED:
    case StatusCode::NOT_FOUND:
    case StatusCode::FAILED_PRECONDITION:
    case StatusCode::ALREADY_EXISTS:
      return traced || ReasonOf(answer) == ErrorReason::STEP_UP_REQUIRED ? 1 : 0;
    case StatusCode::ABORTED:
      return ReasonOf(answer) == ErrorReason::ETAG_MISMATCH ? 1 : 0;
    default:
      return 0;
  }
}

class Counter final {
 public:
  explicit Counter(World& world) : world_(world) {}

  // Events of the clinic since the last call, without those of keys that were made on the way.
  int New() {
    const int now =
        std::stoi(world_.superuser()
                      .QueryValue(absl::StrCat(
                          "SELECT count(*) FROM clinicd.audit_events WHERE clinic_id = '",
                          world_.marked(kClinic).clinic.ToString(), "' AND category <> 'key'"))
                      .value());
    return now - std::exchange(last_, now);
  }

 private:
  World& world_;
  int last_ = 0;
};

TEST_CASE("A mixed load of every method leaves exactly the events that it has to",
          "[audit][isolation]") {
  World world;
  Counter counter(world);
  counter.New();
  int due = 0;
  int left = 0;
  std::map<StatusCode, int> seen;
  for (const pb::MethodDescriptor* method : ApiMethods()) {
    // Those sign in; their events have tests of their own. A stream reads more than once.
    if (IsAnonymous(*method) || method->server_streaming()) continue;
    const auto cases = MethodCases();
    const auto found = std::ranges::find(cases, FullName(*method), &MethodCase::method);
    REQUIRE(found != cases.end());
    const absl::StatusOr<RequestTemplate> request = RequestTemplate::Parse(*method, *found);
    REQUIRE(request.ok());
    for (const Caller& caller : world.callers(kClinic)) {
      if (!caller.signed_in()) continue;
      for (const bool own : {true, false}) {
        const auto filled = request->Fill([&](const BoundField& field) {
          return own || !IsVaried(field.source) || field.source == Source::kPageToken
                     ? world.Own(caller, field.source, Mutates(*method))
                     : world.Foreign(caller, kGhost, field.source, 1 + due % kNumbers);
        });
        const std::string token = world.NewTokenFor(caller);
        counter.New();
        const Answer answer = world.client().Call(*method, token, *filled);
        const int events = counter.New();
        const int expected = EventsDue(*method, answer);
        INFO(FullName(*method) << " as " << identity::v1::Role_Name(caller.role)
                               << (own ? " of what is their own" : " of what is nobody's")
                               << ": code " << answer.code << " "
                               << ErrorReason_Name(ReasonOf(answer)));
        CHECK(events == expected);
        due += expected;
        left += events;
        ++seen[answer.code];
        // The same again is answered without being done again.
        if (!Mutates(*method) || !answer.ok() || found->ends_session) continue;
        REQUIRE(world.client().Call(*method, token, *filled).ok());
        CHECK(counter.New() == 0);
      }
    }
  }
  CHECK(left == due);
  // It was a mixed load.
  for (const StatusCode code :
       {StatusCode::OK, StatusCode::PERMISSION_DENIED, StatusCode::NOT_FOUND}) {
    CHECK(seen[code] > 0);
  }
}

}  // namespace
}  // namespace clinicd::isolation
