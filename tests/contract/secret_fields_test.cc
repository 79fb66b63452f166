// Holds the fields that are marked as secrets to what secrets are called, and to a list.
#include <google/protobuf/descriptor.h>

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "common/rpc/secret_fields.h"
#include "tests/contract/api_services.h"

namespace clinicd::testing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

struct Fields {
  std::set<const Descriptor*> seen = {};
  std::set<std::string> secret = {};
  std::set<std::string> called_so = {};
};

// Tokens of pages and streams are good for their own user only.
bool IsCalledSecret(const std::string& name) {
  if (name.ends_with("page_token") || name == "resume_token") return false;
  return name.ends_with("token") || name.ends_with("password") || name.ends_with("secret");
}

void Collect(const Descriptor& type, Fields& fields) {
  if (!fields.seen.insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (rpc::IsSecret(field)) fields.secret.insert(field.full_name());
    if (IsCalledSecret(field.name())) fields.called_so.insert(field.full_name());
    if (field.message_type() != nullptr) Collect(*field.message_type(), fields);
  }
}

TEST_CASE("Every field that is called a secret is marked as one, and few others are",
          "[secrets][contract]") {
  Fields fields;
  for (const auto* service : ApiServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      Collect(*service->method(i)->input_type(), fields);
      Collect(*service->method(i)->output_type(), fields);
    }
  }

  const std::set<std::string> called_so = {"clinicd.identity.v1.ChangePasswordRequest.new_password",
                                           "clinicd.identity.v1.ChangePasswordRequest.old_password",
                                           "clinicd.identity.v1.CreateUserRequest.initial_password",
                                           "clinicd.identity.v1.RefreshRequest.refresh_token",
                                           "clinicd.identity.v1.SignInRequest.password",
                                           "clinicd.identity.v1.TokenPair.access_token",
                                           "clinicd.identity.v1.TokenPair.refresh_token"};
  CHECK(fields.called_so == called_so);
  std::set<std::string> secret = called_so;
  secret.insert("clinicd.appointments.v1.CreateCalendarFeedResponse.path");
  secret.insert("clinicd.appointments.v1.SetDiaryLinkRequest.link_code");
  secret.insert("clinicd.appointments.v1.SetDiaryLinkResponse.link_code");
  CHECK(fields.secret == secret);
}

}  // namespace
}  // namespace clinicd::testing
