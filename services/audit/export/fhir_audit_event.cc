#include "services/audit/export/fhir_audit_event.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"

namespace clinicd::audit {
namespace {

using nlohmann::ordered_json;

constexpr const char* kDicom = "http://dicom.nema.org/resources/ontology/DCM";
constexpr const char* kEventTypes = "http://terminology.hl7.org/CodeSystem/audit-event-type";
constexpr const char* kLifecycle = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle";
constexpr const char* kInteractions = "http://hl7.org/fhir/restful-interaction";
constexpr const char* kEntityTypes = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
constexpr const char* kObjectRoles = "http://terminology.hl7.org/CodeSystem/object-role";
constexpr const char* kSourceTypes = "http://terminology.hl7.org/CodeSystem/security-source-type";
constexpr const char* kActReasons = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
constexpr const char* kBasicEntities =
    "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType";
constexpr const char* kMethods = "urn:clinicd:method";

ordered_json Coding(const char* system, std::string_view code, std::string_view display) {
  return {{"system", system}, {"code", code}, {"display", display}};
}

// A category of the table, as a code for AuditEvent.type.
struct TypeCode {
  std::string_view category;
  const char* system;
  std::string_view code;
  std::string_view display;
};
constexpr std::array<TypeCode, 7> kTypes = {{
    {"record", kEventTypes, "rest", "RESTful Operation"},
    {"sign_in", kDicom, "110114", "User Authentication"},
    {"permission", kDicom, "110137", "User Security Attributes Changed"},
    {"export", kDicom, "110106", "Export"},
    {"erasure", kLifecycle, "destroy", "Destroy/Delete Record Lifecycle Event"},
    {"key", kDicom, "110113", "Security Alert"},
    {"operation", kDicom, "110100", "Application Activity"},
}};

// An action of the table, as AuditEvent.action and as an interaction.
struct ActionCode {
  std::string_view action;
  std::string_view letter;
  std::string_view interaction;
};
constexpr std::array<ActionCode, 5> kActions = {{
    {"create", "C", "create"},
    {"read", "R", "read"},
    {"update", "U", "update"},
    {"delete", "D", "delete"},
    {"execute", "E", "operation"},
}};

constexpr std::array<std::string_view, 9> kServerFailures = {
    "CALL_CANCELLED",  "DATABASE_UNAVAILABLE", "DEADLINE_PASSED",
    "INTERNAL_DEFECT", "KEYS_UNAVAILABLE",     "SERVER_BUSY",
    "SHUTTING_DOWN",   "STREAM_LIMIT_REACHED", "CONFLICT_RETRY"};
constexpr std::array<std::string_view, 2> kDamages = {"AUDIT_LOG_SHORTER", "SEALED_VALUE_DAMAGED"};

constexpr std::array<std::string_view, 6> kPurposes = {"BTG",     "ETREAT", "HMARKT",
                                                       "HOPERAT", "HPAYMT", "TREAT"};

std::string InstantText(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

std::string Urn(const Uuid& id) { return absl::StrCat("urn:uuid:", id.ToString()); }

ordered_json ById(const Uuid& id) {
  return {{"identifier", {{"system", "urn:ietf:rfc:3986"}, {"value", Urn(id)}}}};
}

bool IsAddress(std::string_view text) {
  return text.find_first_not_of("0123456789abcdefABCDEF.:") == std::string_view::npos;
}

ordered_json ActorOf(const Leaf& leaf) {
  ordered_json agent;
  for (const absl::string_view role : absl::StrSplit(leaf.actor_roles, ',', absl::SkipEmpty())) {
    agent["role"].push_back({{"text", std::string(role)}});
  }
  agent["who"] = leaf.actor_id ? ById(*leaf.actor_id) : ordered_json{{"display", "not signed in"}};
  agent["requestor"] = true;
  if (leaf.session_id) agent["policy"] = ordered_json::array({Urn(*leaf.session_id)});
  if (!leaf.client_address.empty()) {
    agent["network"] = {{"address", leaf.client_address},
                        {"type", IsAddress(leaf.client_address) ? "2" : "1"}};
  }
  return agent;
}

ordered_json AgentsOf(const Leaf& leaf) {
  ordered_json agents = ordered_json::array({ActorOf(leaf)});
  if (leaf.acting_for) agents.push_back({{"who", ById(*leaf.acting_for)}, {"requestor", false}});
  if (!leaf.user_agent.empty()) {
    agents.push_back(
        {{"type", {{"coding", ordered_json::array({Coding(kDicom, "110150", "Application")})}}},
         {"who", {{"display", leaf.user_agent}}},
         {"requestor", false}});
  }
  return agents;
}

ordered_json PurposeOf(const std::string& purpose) {
  if (std::ranges::find(kPurposes, purpose) == kPurposes.end()) return {{"text", purpose}};
  return {{"coding", ordered_json::array({{{"system", kActReasons}, {"code", purpose}}})}};
}

ordered_json Detail(std::string_view type, std::string_view value) {
  return {{"type", type}, {"valueString", value}};
}

ordered_json ThingOf(const Leaf& leaf) {
  ordered_json entity;
  if (leaf.entity_id) entity["what"] = ById(*leaf.entity_id);
  entity["type"] = Coding(kEntityTypes, "2", "System Object");
  entity["role"] = Coding(kObjectRoles, "4", "Domain Resource");
  entity["description"] = *leaf.entity_type;
  if (leaf.entity_version) {
    entity["detail"].push_back(Detail("version", absl::StrCat(*leaf.entity_version)));
  }
  if (!leaf.changed_fields.empty()) {
    entity["detail"].push_back(Detail("changed_fields", leaf.changed_fields));
  }
  return entity;
}

ordered_json EntitiesOf(std::uint64_t index, const Leaf& leaf) {
  ordered_json entities = ordered_json::array();
  if (leaf.patient_id) {
    entities.push_back(
        {{"what", {{"reference", absl::StrCat("Patient/", leaf.patient_id->ToString())}}},
         {"type", Coding(kEntityTypes, "1", "Person")},
         {"role", Coding(kObjectRoles, "1", "Patient")}});
  }
  if (leaf.entity_type) entities.push_back(ThingOf(leaf));
  if (leaf.request_id) {
    entities.push_back({{"what", {{"identifier", {{"value", *leaf.request_id}}}}},
                        {"type", {{"system", kBasicEntities}, {"code", "XrequestId"}}}});
  }
  entities.push_back(
      {{"type", Coding(kEntityTypes, "4", "Other")},
       {"role", Coding(kObjectRoles, "13", "Security Resource")},
       {"description", "leaf of the audit log"},
       {"detail", ordered_json::array({Detail("leaf_index", absl::StrCat(index))})}});
  return entities;
}

ordered_json SourceOf(const Leaf& leaf) {
  ordered_json source;
  if (!leaf.node.empty()) source["site"] = leaf.node;
  source["observer"] = {{"display", leaf.build.empty() ? std::string("clinicd")
                                                       : absl::StrCat("clinicd ", leaf.build)}};
  source["type"] = ordered_json::array({Coding(kSourceTypes, "4", "Application Server")});
  return source;
}

}  // namespace

std::string_view FhirOutcome(std::string_view outcome) {
  if (outcome == "OK") return "0";
  if (std::ranges::find(kServerFailures, outcome) != kServerFailures.end()) return "8";
  return std::ranges::find(kDamages, outcome) == kDamages.end() ? "4" : "12";
}

ordered_json ToFhir(std::uint64_t index, const Leaf& leaf) {
  const auto* const type = std::ranges::find(kTypes, leaf.category, &TypeCode::category);
  const auto* const action = std::ranges::find(kActions, leaf.action, &ActionCode::action);
  ordered_json resource{{"resourceType", "AuditEvent"}, {"id", leaf.id.ToString()}};
  resource["type"] = type == kTypes.end() ? Coding(kEventTypes, "rest", "RESTful Operation")
                                          : Coding(type->system, type->code, type->display);
  if (leaf.purpose == "BTG") {
    resource["subtype"].push_back(Coding(kDicom, "110127", "Emergency Override Started"));
  }
  if (action != kActions.end()) {
    resource["subtype"].push_back({{"system", kInteractions}, {"code", action->interaction}});
  }
  resource["subtype"].push_back({{"system", kMethods}, {"code", leaf.method}});
  if (action != kActions.end()) resource["action"] = action->letter;
  resource["period"] = {{"start", InstantText(leaf.occurred_at)},
                        {"end", InstantText(leaf.occurred_at)}};
  resource["recorded"] = InstantText(leaf.recorded_at);
  resource["outcome"] = FhirOutcome(leaf.outcome);
  resource["outcomeDesc"] = leaf.outcome;
  if (!leaf.purpose.empty()) {
    resource["purposeOfEvent"] = ordered_json::array({PurposeOf(leaf.purpose)});
  }
  resource["agent"] = AgentsOf(leaf);
  resource["source"] = SourceOf(leaf);
  resource["entity"] = EntitiesOf(index, leaf);
  return resource;
}

std::string FhirLine(std::uint64_t index, const Leaf& leaf) {
  return absl::StrCat(ToFhir(index, leaf).dump(), "\n");
}

}  // namespace clinicd::audit
