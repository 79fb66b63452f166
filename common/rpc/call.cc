#include "common/rpc/call.h"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

namespace clinicd::rpc {
std::string AuditJson(const google::protobuf::Message* resource) {
  std::string json;
  if (resource == nullptr) return json;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  // Fails only for malformed well-known types, which our own converters do not make.
  if (!google::protobuf::util::MessageToJsonString(*resource, &json, options).ok()) return "{}";
  return json;
}

absl::TimeZone TimeZoneOf(const CallInfo& info) {
  absl::TimeZone zone = absl::UTCTimeZone();
  absl::LoadTimeZone(info.identity.time_zone, &zone);
  return zone;
}

db::TenantTx& Call::last_tx() {
  expect_last_();
  return tx_;
}

void Call::AnswerRepetitionsWith(const google::protobuf::Message& response) {
  repetition_answer_ = response.SerializeAsString();
}

void Call::AuditAccess(std::string_view entity_type, const Uuid& entity_id) {
  subject_ = AuditSubject{.entity_type = std::string(entity_type), .entity_id = entity_id};
  single_entity_access_ = true;
}

void Call::AuditListAccess(std::string_view entity_type, std::optional<PatientId> patient,
                           std::optional<Uuid> entity_id) {
  subject_ = AuditSubject{
      .entity_type = std::string(entity_type), .entity_id = entity_id, .patient = patient};
  single_entity_access_ = false;
}

void Call::AuditChange(std::string_view entity_type, const Uuid& entity_id,
                       const google::protobuf::Message* before,
                       const google::protobuf::Message* after, std::optional<PatientId> patient) {
  subject_ = AuditSubject{.entity_type = std::string(entity_type),
                          .entity_id = entity_id,
                          .patient = patient,
                          .before_json = AuditJson(before),
                          .after_json = AuditJson(after)};
}

}  // namespace clinicd::rpc
