#include "services/audit/export/fhir_audit_event.h"

#include <catch2/catch.hpp>
#include <map>
#include <regex>
#include <set>
#include <vector>

#include "tests/support/audit_leaf.h"

namespace clinicd::audit {
namespace {

using nlohmann::ordered_json;

// What FHIR R4 allows of an element, as far as events have it: its type, how often it may be there,
// and the elements in it.
struct Element {
  std::string name;
  std::string type;
  bool required = false;
  bool repeats = false;
  std::vector<Element> parts = {};
};

std::vector<Element> CodingParts() {
  return {{"system", "uri"}, {"code", "code"}, {"display", "string"}};
}
Element Concept(const std::string& name, bool required = false, bool repeats = false) {
  return {name,
          "object",
          required,
          repeats,
          {{"coding", "object", false, true, CodingParts()}, {"text", "string"}}};
}
Element Coding(const std::string& name, bool required = false, bool repeats = false) {
  return {name, "object", required, repeats, CodingParts()};
}
Element Reference(const std::string& name, bool required = false) {
  return {name,
          "object",
          required,
          false,
          {{"reference", "string"},
           {"display", "string"},
           {"identifier", "object", false, false, {{"system", "uri"}, {"value", "string"}}}}};
}

Element AuditEvent() {
  return {"AuditEvent",
          "object",
          true,
          false,
          {{"resourceType", "string", true},
           {"id", "id", true},
           Coding("type", true),
           Coding("subtype", false, true),
           {"action", "action"},
           {"period", "object", false, false, {{"start", "instant"}, {"end", "instant"}}},
           {"recorded", "instant", true},
           {"outcome", "outcome"},
           {"outcomeDesc", "string"},
           Concept("purposeOfEvent", false, true),
           {"agent",
            "object",
            true,
            true,
            {Concept("type"),
             Concept("role", false, true),
             Reference("who"),
             {"requestor", "boolean", true},
             {"policy", "uri", false, true},
             {"network", "object", false, false, {{"address", "string"}, {"type", "network"}}}}},
           {"source",
            "object",
            true,
            false,
            {{"site", "string"}, Reference("observer", true), Coding("type", false, true)}},
           {"entity",
            "object",
            false,
            true,
            {Reference("what"),
             Coding("type"),
             Coding("role"),
             {"description", "string"},
             {"detail",
              "object",
              false,
              true,
              {{"type", "string", true}, {"valueString", "string", true}}}}}}};
}

const std::map<std::string, std::string>& Forms() {
  static const std::map<std::string, std::string> forms = {
      {"string", "[\\s\\S]*\\S[\\s\\S]*"},
      {"uri", "[^\\s]+"},
      {"code", "[^\\s]+( [^\\s]+)*"},
      {"id", "[A-Za-z0-9.-]{1,64}"},
      {"action", "[CRUDE]"},
      {"outcome", "0|4|8|12"},
      {"network", "[1-5]"},
      {"instant", "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z"}};
  return forms;
}

void Check(const ordered_json& json, const Element& element, const std::string& path);

void CheckObject(const ordered_json& json, const Element& element, const std::string& path) {
  REQUIRE(json.is_object());
  // FHIR has no empty objects.
  CHECK_FALSE(json.empty());
  std::set<std::string> known;
  for (const Element& part : element.parts) {
    known.insert(part.name);
    const std::string at = path + "." + part.name;
    INFO(at);
    CHECK((json.contains(part.name) || !part.required));
    if (!json.contains(part.name)) continue;
    const ordered_json& value = json[part.name];
    CHECK(value.is_array() == part.repeats);
    if (!value.is_array()) {
      Check(value, part, at);
      continue;
    }
    CHECK_FALSE(value.empty());
    for (const ordered_json& item : value) Check(item, part, at);
  }
  for (const auto& [name, value] : json.items()) {
    INFO(path + "." + name);
    CHECK(known.contains(name));
  }
}

void Check(const ordered_json& json, const Element& element, const std::string& path) {
  INFO(path);
  if (element.type == "object") return CheckObject(json, element, path);
  if (element.type == "boolean") {
    CHECK(json.is_boolean());
    return;
  }
  REQUIRE(json.is_string());
  CHECK(std::regex_match(json.get<std::string>(), std::regex(Forms().at(element.type))));
}

ordered_json Valid(const Leaf& leaf) {
  ordered_json resource = ToFhir(3, leaf);
  Check(resource, AuditEvent(), "AuditEvent");
  return resource;
}

TEST_CASE("Every kind of event is a valid AuditEvent", "[audit][unit]") {
  for (std::uint64_t index = 0; index < 3; ++index) {
    Leaf leaf = TestLeaf(index);
    for (const char* category :
         {"record", "sign_in", "permission", "export", "erasure", "key", "operation"}) {
      for (const char* action : {"create", "read", "update", "delete", "execute"}) {
        for (const char* purpose : {"", "BTG", "treatment of a friend"}) {
          leaf.category = category;
          leaf.action = action;
          leaf.purpose = purpose;
          Valid(leaf);
        }
      }
    }
    // The least that an event may say.
    Leaf bare;
    bare.clinic_id = leaf.clinic_id;
    bare.id = leaf.id;
    bare.category = "record";
    bare.action = "read";
    bare.method = "clinicd keys rotate";
    bare.outcome = "OK";
    Valid(bare);
  }
}

TEST_CASE("An AuditEvent names who did what to whose record, and where the log has it",
          "[audit][unit]") {
  Leaf leaf = TestLeaf(1);
  leaf.acting_for = TestUuid(3, 99);

  const ordered_json event = Valid(leaf);

  CHECK(event["type"]["code"] == "rest");
  CHECK(event["action"] == "U");
  CHECK(event["outcome"] == "0");
  CHECK(event["subtype"].back()["code"] == leaf.method);
  const ordered_json& actor = event["agent"][0];
  CHECK(actor["who"]["identifier"]["value"] == "urn:uuid:" + leaf.actor_id->ToString());
  CHECK(actor["role"].size() == 2);
  CHECK(actor["requestor"] == true);
  CHECK(actor["network"]["type"] == "2");
  CHECK(actor["policy"][0] == "urn:uuid:" + leaf.session_id->ToString());
  CHECK(event["agent"][1]["who"]["identifier"]["value"] ==
        "urn:uuid:" + leaf.acting_for->ToString());
  const ordered_json& entities = event["entity"];
  REQUIRE(entities.size() == 4);
  CHECK(entities[0]["what"]["reference"] == "Patient/" + leaf.patient_id->ToString());
  CHECK(entities[1]["description"] == "patient");
  CHECK(entities[1]["detail"].back()["valueString"] == "family_name,phone");
  CHECK(entities[2]["what"]["identifier"]["value"] == *leaf.request_id);
  CHECK(entities[3]["detail"][0]["valueString"] == "3");
}

TEST_CASE("A break-glass access is an emergency override", "[audit][unit]") {
  Leaf leaf = TestLeaf(0);
  leaf.purpose = "BTG";

  const ordered_json event = Valid(leaf);

  CHECK(event["subtype"][0]["code"] == "110127");
  CHECK(event["purposeOfEvent"][0]["coding"][0]["code"] == "BTG");
}

TEST_CASE("An outcome tells refusals, failures and damages apart", "[audit][unit]") {
  CHECK(FhirOutcome("OK") == "0");
  CHECK(FhirOutcome("PERMISSION_MISSING") == "4");
  CHECK(FhirOutcome("PATIENT_NOT_FOUND") == "4");
  CHECK(FhirOutcome("INTERNAL_DEFECT") == "8");
  CHECK(FhirOutcome("SERVER_BUSY") == "8");
  CHECK(FhirOutcome("SEALED_VALUE_DAMAGED") == "12");
}

}  // namespace
}  // namespace clinicd::audit
