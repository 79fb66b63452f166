#include "services/audit/event_convert.h"

#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_split.h"
#include "common/rpc/civil.h"
#include "services/audit/event_rules.h"

namespace clinicd::audit {
namespace {

using Words = google::protobuf::RepeatedPtrField<std::string>;

void AddWords(const std::string& joined, Words& words) {
  for (const absl::string_view word : absl::StrSplit(joined, ',', absl::SkipEmpty())) {
    words.Add(std::string(word));
  }
}

// `json` is an object that the server made from a message.
google::protobuf::Struct ToStruct(const std::string& json) {
  google::protobuf::Struct proto;
  if (!google::protobuf::util::JsonStringToMessage(json, &proto).ok()) proto.Clear();
  return proto;
}

}  // namespace

v1::Event ToProto(const Event& event, const OpenedSnapshots& snapshots) {
  v1::Event proto;
  proto.set_id(event.id.ToString());
  *proto.mutable_event_time() = rpc::ToTimestamp(event.occurred_at);
  *proto.mutable_record_time() = rpc::ToTimestamp(event.recorded_at);
  proto.set_category(CategoryOf(event.category));
  proto.set_action(ActionOf(event.action));
  proto.set_method(event.method);
  proto.set_outcome(event.outcome);
  if (event.actor) proto.set_actor_user_id(event.actor->ToString());
  AddWords(event.actor_roles, *proto.mutable_actor_roles());
  if (event.acting_for) proto.set_acting_for_user_id(event.acting_for->ToString());
  proto.set_purpose(event.purpose);
  if (event.session) proto.set_session_id(event.session->ToString());
  if (event.patient) proto.set_patient_id(event.patient->ToString());
  proto.set_entity_type(event.entity_type);
  if (event.entity_id) proto.set_entity_id(event.entity_id->ToString());
  proto.set_entity_version(event.entity_version.value_or(0));
  AddWords(event.changed_fields, *proto.mutable_changed_fields());
  if (!snapshots.before_json.empty()) *proto.mutable_before() = ToStruct(snapshots.before_json);
  if (!snapshots.after_json.empty()) *proto.mutable_after() = ToStruct(snapshots.after_json);
  proto.set_request_id(event.request_id);
  proto.set_client_address(event.client_address);
  proto.set_user_agent(event.user_agent);
  proto.set_node(event.node);
  proto.set_build(event.build);
  proto.set_erased(snapshots.erased);
  return proto;
}

v1::PatientAccessReport::Access ToProto(const PatientAccess& access) {
  v1::PatientAccessReport::Access proto;
  if (access.actor) proto.set_actor_user_id(access.actor->ToString());
  proto.set_actor_name(access.actor_name);
  AddWords(access.actor_roles, *proto.mutable_actor_roles());
  proto.set_read_count(access.reads);
  proto.set_change_count(access.changes);
  proto.set_refused_count(access.refusals);
  *proto.mutable_first_time() = rpc::ToTimestamp(access.first_at);
  *proto.mutable_last_time() = rpc::ToTimestamp(access.last_at);
  return proto;
}

}  // namespace clinicd::audit
