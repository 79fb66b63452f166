#include "tests/bench/clinicbench/peer.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"

namespace clinicd::bench {
namespace {

std::map<Workload, HttpTemplate> TemplatesOf(const nlohmann::json& paths, bool access_rows) {
  const std::vector<std::pair<Workload, std::string>> names = {
      {Workload::kGetPatient, access_rows ? "W7" : "W1"},
      {Workload::kListDay, access_rows ? "W2_traced" : "W2"},
      {Workload::kSearchPatients, access_rows ? "W3_traced" : "W3"},
      {Workload::kBook, "W4"},
      {Workload::kMakeKeys, "W4"},
      {Workload::kCheckIn, "W6"}};
  std::map<Workload, HttpTemplate> templates;
  for (const auto& [workload, name] : names) {
    if (!paths.contains(name)) continue;
    const nlohmann::json& form = paths.at(name);
    templates[workload] = {.method = form.value("method", "GET"),
                           .path = form.value("path", "/"),
                           .body = form.contains("body") ? form.at("body").dump() : ""};
  }
  return templates;
}

}  // namespace

absl::StatusOr<Peer> ReadPeer(const std::string& path, const Dataset& dataset, bool access_rows) {
  std::ifstream in(path);
  const nlohmann::json json = nlohmann::json::parse(in, nullptr, false);
  if (!json.is_object() || !json.contains("target") || !json.contains("tokens")) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not what a ready peer prints"));
  }
  Peer peer{.http = json.value("kind", "") == "http",
            .target = json.at("target").get<std::string>()};
  peer.tokens.resize(1);
  for (int clinic = 1; clinic <= dataset.clinics; ++clinic) {
    peer.tokens.push_back(json.at("tokens").value(ClinicIdOf(clinic), ""));
    if (peer.tokens.back().empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the peer gives clinic ", clinic, " no token"));
    }
  }
  if (peer.http) peer.templates = TemplatesOf(json.value("paths", nlohmann::json()), access_rows);
  return peer;
}

}  // namespace clinicd::bench
