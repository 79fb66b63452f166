#include "services/audit/event_convert.h"

#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_split.h"
#include "common/rpc/civil.h"

namespace clinicd::audit {
namespace {

v1::Event::Action ToProto(Action action) {
  switch (action) {
    case Action::kRead:
      return v1::Event::ACTION_READ;
    case Action::kChange:
      return v1::Event::ACTION_CHANGE;
    case Action::kRefused:
      return v1::Event::ACTION_REFUSED;
  }
  return v1::Event::ACTION_UNSPECIFIED;
}

// `json` is an object, as the table demands, which every reader of JSON accepts.
google::protobuf::Struct ToStruct(const std::string& json) {
  google::protobuf::Struct proto;
  if (!google::protobuf::util::JsonStringToMessage(json, &proto).ok()) proto.Clear();
  return proto;
}

}  // namespace

v1::Event ToProto(const Event& event) {
  v1::Event proto;
  proto.set_id(event.id.ToString());
  *proto.mutable_event_time() = rpc::ToTimestamp(event.occurred_at);
  proto.set_action(ToProto(event.action));
  proto.set_method(event.method);
  proto.set_outcome(event.outcome);
  if (event.actor) proto.set_actor_user_id(event.actor->ToString());
  for (const absl::string_view role : absl::StrSplit(event.actor_roles, ',', absl::SkipEmpty())) {
    proto.add_actor_roles(std::string(role));
  }
  if (event.session) proto.set_session_id(event.session->ToString());
  if (event.patient) proto.set_patient_id(event.patient->ToString());
  proto.set_entity_type(event.entity_type);
  if (event.entity_id) proto.set_entity_id(event.entity_id->ToString());
  if (!event.before_json.empty()) *proto.mutable_before() = ToStruct(event.before_json);
  if (!event.after_json.empty()) *proto.mutable_after() = ToStruct(event.after_json);
  proto.set_request_id(event.request_id);
  proto.set_client_address(event.client_address);
  proto.set_user_agent(event.user_agent);
  return proto;
}

}  // namespace clinicd::audit
