#include "common/rpc/call.h"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <memory>

#include "absl/strings/str_join.h"
#include "common/rpc/etag.h"
#include "common/rpc/secret_fields.h"

namespace clinicd::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

constexpr char kEtagField[] = "etag";

std::optional<std::int64_t> VersionOf(const Message* resource) {
  if (resource == nullptr) return std::nullopt;
  const FieldDescriptor* etag = resource->GetDescriptor()->FindFieldByName(kEtagField);
  if (etag == nullptr || etag->cpp_type() != FieldDescriptor::CPPTYPE_STRING) return std::nullopt;
  return ParseEtag(resource->GetReflection()->GetString(*resource, etag));
}

// Versions change with everything, and say so in a column of their own.
std::string ChangedFields(const Message* before, const Message* after) {
  if (before == nullptr || after == nullptr) return "";
  const Descriptor* type = before->GetDescriptor();
  if (type != after->GetDescriptor()) return "";
  std::vector<std::string> names;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->name() == kEtagField) continue;
    MessageDifferencer differencer;
    if (!differencer.CompareWithFields(*before, *after, {field}, {field})) {
      names.push_back(field->name());
    }
  }
  std::ranges::sort(names);
  return absl::StrJoin(names, ",");
}

}  // namespace

std::string AuditJson(const google::protobuf::Message* resource) {
  std::string json;
  if (resource == nullptr) return json;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::unique_ptr<Message> shown;
  if (MayHoldSecrets(*resource->GetDescriptor())) {
    shown.reset(resource->New());
    shown->CopyFrom(*resource);
    ClearSecrets(*shown);
    resource = shown.get();
  }
  // Fails only for malformed well-known types, which our own converters do not make.
  if (!google::protobuf::util::MessageToJsonString(*resource, &json, options).ok()) return "{}";
  return json;
}

AuditSubject ChangeOf(std::string_view entity_type, const Uuid& entity_id, const Message* before,
                      const Message* after, std::optional<PatientId> patient) {
  return {.entity_type = std::string(entity_type),
          .entity_id = entity_id,
          .patient = patient,
          .entity_version = VersionOf(after),
          .changed_fields = ChangedFields(before, after),
          .before_json = AuditJson(before),
          .after_json = AuditJson(after)};
}

absl::TimeZone TimeZoneOf(const CallInfo& info) {
  absl::TimeZone zone;
  // Cannot fail: nobody is authenticated whose zone cannot be loaded.
  absl::LoadTimeZone(info.identity.time_zone, &zone);
  return zone;
}

db::TenantTx& Call::last_tx() {
  expect_last_();
  return tx_;
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
  subject_ = ChangeOf(entity_type, entity_id, before, after, patient);
}

}  // namespace clinicd::rpc
