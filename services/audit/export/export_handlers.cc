#include "services/audit/export/export_handlers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "services/audit/event_rules.h"
#include "services/audit/export/csv_table.h"
#include "services/audit/export/fhir_audit_event.h"
#include "services/audit/proof/export_format.h"
#include "services/audit/proven_head.h"

namespace clinicd::audit {
namespace {

constexpr char kEntity[] = "audit_event";
constexpr std::int32_t kPageDefault = 200;
constexpr std::int32_t kPageMax = 500;
// Most leaves that a page looks at where the filter names no patient, so that a page stays quick in
// a log of which little is wanted.
constexpr std::uint64_t kLookedAtMax = 5000;

// As events, which is how their snapshots are opened.
std::vector<Event> SealedIn(const std::vector<ExportedLeaf>& leaves) {
  std::vector<Event> events;
  events.reserve(leaves.size());
  for (const ExportedLeaf& exported : leaves) {
    Event& event = events.emplace_back();
    event.id = exported.leaf.id;
    if (exported.leaf.patient_id) event.patient = PatientId(*exported.leaf.patient_id);
    event.before_sealed = exported.before_sealed;
    event.after_sealed = exported.after_sealed;
  }
  return events;
}

// An object that the server made from a message; absent where there is none.
std::optional<nlohmann::ordered_json> ObjectOf(const std::string& json) {
  nlohmann::ordered_json object = nlohmann::ordered_json::parse(json, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  return object;
}

bool WithSnapshots(const v1::ExportEventsRequest& request) {
  return request.format() == v1::EXPORT_FORMAT_JSON_LINES && request.view() == v1::EVENT_VIEW_FULL;
}

}  // namespace

absl::StatusOr<ExportHandlers::Position> ExportHandlers::Begin(
    const v1::ExportEventsRequest& request, rpc::Call& call, std::string& data) const {
  CLINICD_ASSIGN_OR_RETURN(const ProvenHead proven, FindProvenHead(log_, call.tx()));
  if (request.format() == v1::EXPORT_FORMAT_JSON_LINES) {
    data += LinesHead({.clinic_id = call.info().identity.clinic,
                       .tree_size = proven.head.tree_size,
                       .root = proven.head.root,
                       .meta_index = proven.head.meta_index,
                       .meta_proof = proven.meta_proof,
                       .note = proven.head.note},
                      {});
  } else if (request.format() == v1::EXPORT_FORMAT_CSV) {
    data += CsvHead();
  }
  return Position{.next = 0, .tree_size = proven.head.tree_size, .written = 0};
}

absl::StatusOr<ExportHandlers::Position> ExportHandlers::ParsePosition(const auth::PageKey& key) {
  Position position;
  if (!absl::SimpleAtoi(ToAbsl(key[0]), &position.next) ||
      !absl::SimpleAtoi(ToAbsl(key[1]), &position.tree_size) ||
      !absl::SimpleAtoi(ToAbsl(key[2]), &position.written)) {
    return auth::PageTokenInvalid();
  }
  return position;
}

absl::Status ExportHandlers::WriteProven(rpc::Call& call, const Position& position,
                                         const std::vector<ExportedLeaf>& leaves,
                                         std::string& data) const {
  std::vector<merkle::ProofPlan> plans;
  for (const ExportedLeaf& exported : leaves) {
    CLINICD_ASSIGN_OR_RETURN(plans.emplace_back(),
                             merkle::NodesForInclusion(exported.index, position.tree_size));
  }
  CLINICD_ASSIGN_OR_RETURN(const std::vector<std::vector<merkle::Hash>> proofs,
                           log_.ProveAll(call.tx(), LogTree::kClinic, plans, position.tree_size));
  CLINICD_ASSIGN_OR_RETURN(const std::vector<OpenedSnapshots> snapshots,
                           events_.OpenSnapshots(call.tx(), SealedIn(leaves)));
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    data += EventLine(
        leaves[i].index, leaves[i].leaf, proofs[i],
        {.before = ObjectOf(snapshots[i].before_json), .after = ObjectOf(snapshots[i].after_json)});
  }
  return absl::OkStatus();
}

absl::Status ExportHandlers::Write(const v1::ExportEventsRequest& request, rpc::Call& call,
                                   const Position& position,
                                   const std::vector<ExportedLeaf>& leaves,
                                   std::string& data) const {
  if (leaves.empty()) return absl::OkStatus();
  if (request.format() == v1::EXPORT_FORMAT_JSON_LINES) {
    return WriteProven(call, position, leaves, data);
  }
  const auto line = request.format() == v1::EXPORT_FORMAT_CSV ? CsvLine : FhirLine;
  for (const ExportedLeaf& exported : leaves) data += line(exported.index, exported.leaf);
  return absl::OkStatus();
}

absl::StatusOr<v1::ExportEventsResponse> ExportHandlers::ExportEvents(
    const v1::ExportEventsRequest& request, rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const EventFilter filter, ParseFilter(request));
  call.AuditListAccess(kEntity, filter.patient);
  const auth::Pager pager(page_tokens_, call.info().identity.clinic, call.info().method->full_name,
                          request);
  CLINICD_ASSIGN_OR_RETURN(const auth::PageKey key, pager.Start(request.page_token(), 3));
  std::string data;
  CLINICD_ASSIGN_OR_RETURN(Position position,
                           key.empty() ? Begin(request, call, data) : ParsePosition(key));
  const std::int32_t page_size = auth::PageSize(request.page_size(), kPageDefault, kPageMax);
  const std::uint64_t end = filter.patient
                                ? position.tree_size
                                : std::min(position.tree_size, position.next + kLookedAtMax);
  CLINICD_ASSIGN_OR_RETURN(std::vector<ExportedLeaf> leaves,
                           store_.List(call.tx(), filter,
                                       {.from = position.next,
                                        .to = end,
                                        .limit = page_size + 1,
                                        .with_snapshots = WithSnapshots(request)}));
  const bool is_cut = leaves.size() > static_cast<std::size_t>(page_size);
  if (is_cut) leaves.pop_back();
  CLINICD_RETURN_IF_ERROR(Write(request, call, position, leaves, data));
  position.next = is_cut ? leaves.back().index + 1 : end;
  position.written += leaves.size();
  v1::ExportEventsResponse response;
  if (position.next < position.tree_size) {
    CLINICD_ASSIGN_OR_RETURN(
        *response.mutable_next_page_token(),
        pager.TokenAfter({absl::StrCat(position.next), absl::StrCat(position.tree_size),
                          absl::StrCat(position.written)}));
  } else if (request.format() == v1::EXPORT_FORMAT_JSON_LINES) {
    data += LinesEnd(position.written);
  }
  response.set_data(std::move(data));
  return response;
}

}  // namespace clinicd::audit
