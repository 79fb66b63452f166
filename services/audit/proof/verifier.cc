#include "services/audit/proof/verifier.h"

#include <memory>
#include <utility>

#include "common/base/try.h"
#include "services/audit/proof/receipts.h"
#include "services/audit/proof/trust.h"
#include "services/audit/proof/verification.h"

namespace clinicd::audit {

std::string_view NameOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "ok";
    case Verdict::kTampered:
      return "tampered";
    case Verdict::kIncomplete:
      return "incomplete";
    case Verdict::kStale:
      return "stale";
  }
  return "unknown";
}

namespace {

// Reads the export of either form.
absl::StatusOr<Report> Read(cbor::ByteSource source, const Trust& trust, ReceiptCheck* receipts) {
  char first = 0;
  CLINICD_ASSIGN_OR_RETURN(const std::size_t got, source(std::span<char>(&first, 1)));
  // Gives the first byte once more.
  bool is_given = got == 0;
  cbor::ByteSource whole = [&source, &is_given,
                            first](std::span<char> space) -> absl::StatusOr<std::size_t> {
    if (is_given || space.empty()) return source(space);
    is_given = true;
    space.front() = first;
    return 1;
  };
  // No CBOR export begins with a text of 2^56 bytes, which is what '{' would say.
  if (got == 1 && first == '{') return VerifyLines(std::move(whole), trust, receipts);
  return VerifySequence(std::move(whole), trust, receipts);
}

Report Refusal(std::optional<Finding> finding) {
  Report report;
  report.finding = std::move(finding);
  return report;
}

}  // namespace

Verifier::Verifier(VerifyOptions options)
    : options_(std::move(options)), trust_(std::make_unique<const Trust>(options_)) {}

Verifier::~Verifier() = default;

absl::StatusOr<Report> Verifier::Verify(cbor::ByteSource source) const {
  if (trust_->fault()) return Refusal(trust_->fault());
  if (!options_.receipts) return Read(std::move(source), *trust_, nullptr);
  std::optional<ReceiptCheck> receipts = ReceiptCheck::Parse(*options_.receipts);
  if (!receipts) return Refusal(Tampered("receipts", "the receipts are not receipts, one a line"));
  CLINICD_ASSIGN_OR_RETURN(Report report, Read(std::move(source), *trust_, &*receipts));
  if (!report.finding) receipts->Judge(report);
  return report;
}

absl::StatusOr<Report> VerifyExport(cbor::ByteSource source, VerifyOptions options) {
  return Verifier(std::move(options)).Verify(std::move(source));
}

}  // namespace clinicd::audit
