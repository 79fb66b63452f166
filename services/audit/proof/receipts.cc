#include "services/audit/proof/receipts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/audit/proof/strict_json.h"
#include "services/audit/proof/trust.h"

namespace clinicd::audit {

std::optional<ReceiptCheck> ReceiptCheck::Parse(std::string_view text) {
  ReceiptCheck check;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::optional<nlohmann::json> object = ParseStrictObject(text.substr(0, end));
    text.remove_prefix(end + 1);
    if (!object) return std::nullopt;
    MemberReader members(*object);
    const Receipt receipt{.clinic = ClinicId(members.Id("clinicId")),
                          .event = members.Id("eventId"),
                          .leaf = members.Base64Hash("leafHash")};
    if (members.Has("recordTime")) members.Text("recordTime");
    if (!members.ok()) return std::nullopt;
    check.by_event_.emplace(receipt.event, check.receipts_.size());
    check.by_leaf_.emplace(receipt.leaf, check.receipts_.size());
    check.receipts_.push_back(receipt);
  }
  return check;
}

void ReceiptCheck::See(const Uuid& event, const merkle::Hash& leaf) {
  const auto [begin, end] = by_event_.equal_range(event);
  for (auto entry = begin; entry != end; ++entry) {
    Receipt& receipt = receipts_[entry->second];
    if (receipt.leaf == leaf) {
      receipt.fate = Fate::kProven;
    } else if (receipt.fate == Fate::kUnseen) {
      receipt.fate = Fate::kOther;
    }
  }
}

void ReceiptCheck::SeePurged(const merkle::Hash& leaf) {
  const auto [begin, end] = by_leaf_.equal_range(leaf);
  for (auto entry = begin; entry != end; ++entry) receipts_[entry->second].fate = Fate::kProven;
}

void ReceiptCheck::Judge(Report& report) const {
  std::size_t changed = 0;
  for (const Receipt& receipt : receipts_) {
    const bool is_ours = receipt.clinic == report.clinic_id;
    if (is_ours && receipt.fate == Fate::kProven) {
      ++report.receipts_proven;
      continue;
    }
    const bool is_changed = is_ours && receipt.fate == Fate::kOther;
    changed += is_changed ? 1U : 0U;
    report.receipts_unproven.push_back(
        {.event = receipt.event,
         .verdict = is_changed ? Verdict::kTampered : Verdict::kIncomplete});
  }
  const std::size_t missing = report.receipts_unproven.size() - changed;
  if (changed > 0) {
    report.finding = Tampered(
        "receipt", absl::StrCat(changed, " events are not those that there are receipts of"));
  } else if (missing > 0) {
    report.finding = Incomplete(
        "receipt", absl::StrCat(missing, " events that there are receipts of are not in it"));
  }
}

}  // namespace clinicd::audit
