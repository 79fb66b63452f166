// Exports as a whole: the same however they are cut, and true only if the log's key says so.
#include <string>

#include "services/audit/proof/leaf_json.h"
#include "services/audit/proof/strict_json.h"
#include "tests/fuzz/edge/fuzz_input.h"
#include "tests/support/audit_log.h"

namespace clinicd::fuzz {
namespace {

std::string Told(const audit::Report& report) {
  std::string told(audit::NameOf(report.verdict()));
  if (report.finding) told += " " + report.finding->check;
  return told + " " + std::to_string(report.events);
}

void CheckExport(std::string_view bytes, std::size_t piece) {
  const audit::VerifyOptions options = audit::TestLog::Options(0);
  const audit::Report report = audit::Verify(bytes, options);
  Require(Told(report) == Told(audit::Verify(bytes, options, piece)),
          "an export is the same however it is cut");
  if (!report.finding) Require(report.clinic_id == audit::TestClinic(), "the log knows one clinic");
}

void CheckJson(std::string_view text) {
  const auto json = audit::ParseStrictObject(text);
  if (!json) return;
  if (const auto leaf = audit::LeafFromJson(*json)) {
    const auto again = audit::ParseStrictObject(audit::LeafToJson(*leaf).dump());
    Require(again == json, "a readable leaf has one meaning");
  }
  if (const auto checkpoint = audit::ClinicCheckpointFromJson(*json); checkpoint.ok()) {
    Require(
        *audit::ParseClinicCheckpoint(audit::FormatClinicCheckpoint(*checkpoint)) == *checkpoint,
        "a checkpoint is read back");
  }
}

}  // namespace
}  // namespace clinicd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  clinicd::fuzz::Input input(data, size);
  const std::size_t piece = 1U + input.Byte();
  clinicd::fuzz::CheckExport(input.rest(), piece);
  clinicd::fuzz::CheckJson(input.rest());
  return 0;
}
