#include "services/audit/proof/export_format.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_replace.h"
#include "services/audit/proof/leaf_json.h"
#include "services/audit/proof/strict_json.h"
#include "tests/support/audit_log.h"

namespace clinicd::audit {
namespace {

TEST_CASE("A checkpoint is read back from its JSON", "[audit][unit]") {
  TestLog log;
  log.Append(3);
  const ClinicCheckpoint checkpoint = log.Seal(2);
  const std::string json = FormatClinicCheckpoint(checkpoint);
  const std::string pretty = nlohmann::json::parse(json).dump(2);
  const auto with = [&](const char* from, const char* to) {
    return ParseClinicCheckpoint(absl::StrReplaceAll(json, {{from, to}})).ok();
  };

  CHECK(*ParseClinicCheckpoint(json) == checkpoint);
  CHECK(*ParseClinicCheckpoint(pretty) == checkpoint);
  CHECK(with("\"treeSize\":\"3\"", "\"treeSize\":3"));
  CHECK_FALSE(with("\"treeSize\":\"3\"", "\"treeSize\":\"03\""));
  CHECK_FALSE(with("\"treeSize\":\"3\"", "\"treeSize\":-3"));
  CHECK_FALSE(with("\"treeSize\":\"3\"", "\"treeSize\":3.0"));
  CHECK_FALSE(with("\"treeSize\":\"3\"", "\"treeSize\":null"));
  CHECK_FALSE(with("\"treeSize\":\"3\"", "\"treeSize\":\"9223372036854775808\""));
  CHECK_FALSE(with("treeSize", "treesize"));
  CHECK_FALSE(with("{", "{\"more\":1,"));
  CHECK_FALSE(with("{", "{\"note\":\"\","));
  CHECK_FALSE(with("{", "\xef\xbb\xbf{"));
  CHECK_FALSE(with("-7000-", "-7000"));
}

TEST_CASE("What is zero may be left out of a checkpoint", "[audit][unit]") {
  const ClinicCheckpoint checkpoint{
      .clinic_id = TestClinic(), .root = merkle::EmptyRoot(), .meta_proof = {}, .note = "n"};
  std::string json = FormatClinicCheckpoint(checkpoint);
  json = absl::StrReplaceAll(
      json, {{"\"treeSize\":\"0\",", ""}, {"\"metaIndex\":\"0\",", ""}, {"\"metaProof\":[],", ""}});

  CHECK(json.find("metaProof") == std::string::npos);
  CHECK(*ParseClinicCheckpoint(json) == checkpoint);
}

TEST_CASE("A readable leaf is the leaf", "[audit][unit]") {
  for (std::uint64_t index = 0; index < 6; ++index) {
    Leaf leaf = TestLeaf(index);
    if (index == 3) leaf.entity_version = std::numeric_limits<std::int64_t>::min();
    if (index == 4) leaf.entity_version = std::numeric_limits<std::int64_t>::max();
    if (index == 5) leaf.user_agent = std::string("\"\\\n\x01\0\xf0\x9f\xa6\xb7", 9);
    const std::optional<nlohmann::json> read = ParseStrictObject(LeafToJson(leaf).dump());
    REQUIRE(read);
    CHECK(*LeafFromJson(*read) == leaf);
  }
}

TEST_CASE("Instants have one text", "[audit][unit]") {
  const auto with = [](const char* text) {
    nlohmann::json json = LeafToJson(TestLeaf(0));
    json["occurred_at"] = text;
    return LeafFromJson(*ParseStrictObject(json.dump())).has_value();
  };
  CHECK(with("2026-11-22T15:19:21.000001Z"));
  CHECK(with("1969-12-31T23:59:59.999999Z"));
  CHECK(with("0001-01-01T00:00:00.000000Z"));
  CHECK(with("9999-12-31T23:59:59.999999Z"));
  for (const char* bad :
       {"2026-11-22T15:19:21.00001Z", "2026-11-22T15:19:21Z", "2026-11-22t15:19:21.000001Z",
        "2026-11-22T15:19:21.000001z", "2026-11-22 15:19:21.000001Z",
        "2026-11-22T15:19:21.000001+00:00", "2026-11-22T15:19:60.000000Z",
        "2026-11-31T15:19:21.000000Z", "2026-11-22T24:00:00.000000Z", "infinite-future",
        "0000-01-01T00:00:00.000000Z", "12026-1-22T15:19:21.000001Z", ""}) {
    CAPTURE(bad);
    CHECK_FALSE(with(bad));
  }
}

TEST_CASE("JSON that readers could differ about is refused", "[audit][unit]") {
  const auto nested = [](int depth) {
    return "{\"a\":" + std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']') + "}";
  };
  CHECK(ParseStrictObject(" {\"a\":{\"a\":1}}\r\n"));
  CHECK(ParseStrictObject(nested(kJsonDepthMax)));
  CHECK(ParseStrictObject("{\"a\":\"\\u001f \\\\uAB\"}"));
  for (const std::string& bad :
       {std::string(), std::string("[]"), std::string("{}{}"), std::string("{\"a\":1,\"a\":1}"),
        std::string("{\"b\":{\"a\":1,\"a\":2}}"), std::string("{\"a\":\"\\ud800\"}"),
        std::string("{\"a\":\"\xff\"}"), std::string("{\"a\":NaN}"), std::string("{'a':1}"),
        std::string("{\"a\":01}"), std::string("{\"a\":1,}"), std::string("{\"a\":\"\\u001F\"}"),
        nested(kJsonDepthMax + 1)}) {
    CAPTURE(bad);
    CHECK_FALSE(ParseStrictObject(bad));
  }
}

}  // namespace
}  // namespace clinicd::audit
