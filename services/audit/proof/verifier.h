// Says whether an export is what the log holds, from the file alone: no server, no database.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/cbor/sequence.h"
#include "common/merkle/checkpoint.h"

namespace clinicd::audit {

// The worst comes first that is found; the numbers are exit codes.
enum class Verdict {
  kOk = 0,
  // Something is not what was signed, or not of the format.
  kTampered = 2,
  // What is there is right as far as it goes, and something is missing.
  kIncomplete = 3,
  // Older than what is known already, or than it may be.
  kStale = 4,
};

// Lower-case name.
std::string_view NameOf(Verdict verdict);

// What is wrong. `check` names what was checked, in one word that scripts can rely on.
struct Finding {
  Verdict verdict = Verdict::kOk;
  std::string check;
  // Of the event, where it is about one.
  std::optional<std::uint64_t> index;
  // A sentence for people.
  std::string message;
};

struct VerifyOptions {
  // Who must have signed the log of all clinics.
  merkle::TrustPolicy policy;
  // Whose log it must be; whoever leaves this open takes any clinic's.
  std::optional<ClinicId> clinic;
  // The text of a checkpoint that was kept earlier: the export must go on from there, in the
  // clinic's log and in the log of all clinics.
  std::optional<std::string> since;
  // The text of a checkpoint that came another way: the export must reach it, or lead past it.
  std::optional<std::string> head;
  // The text of receipts that were kept, one a line: the export must have their events.
  std::optional<std::string> receipts;
  // Events below this index may have been purged after their retention; one above is missing.
  std::uint64_t purged_below = merkle::kTreeSizeMax;
  // How old the newest sign of life may be: the newest event, or what the witnesses state.
  std::optional<absl::Duration> age_max;
  absl::Time now = absl::InfinitePast();
};

// A receipt whose event the export does not have (kIncomplete), or has otherwise (kTampered).
struct UnprovenReceipt {
  Uuid event;
  Verdict verdict = Verdict::kIncomplete;
};

struct Report {
  // Absent if all is well.
  std::optional<Finding> finding;
  // What follows is what had been read until then.
  ClinicId clinic_id;
  // How many events, of which so many are purged and known by their hash only.
  std::uint64_t events = 0;
  std::uint64_t redacted = 0;
  // How many have decrypted snapshots beside them, which nothing in the file proves.
  std::uint64_t unproven_snapshots = 0;
  // Where the log begins in the export (0 for one of some events) and ends in its checkpoint.
  std::uint64_t first_index = 0;
  std::uint64_t tree_size = 0;
  std::size_t witnessed = 0;
  // Receipts are judged where nothing else is wrong; these are all that do not hold, as they stand
  // in their file.
  std::uint64_t receipts_proven = 0;
  std::vector<UnprovenReceipt> receipts_unproven;
  // The latest instant at which something is known of the log; infinite past if nothing is.
  absl::Time alive_at = absl::InfinitePast();

  Verdict verdict() const { return finding ? finding->verdict : Verdict::kOk; }
};

// Events may be recorded this much before others that stand before them in the log: transactions
// take a while, and clocks differ.
inline constexpr absl::Duration kRecordedBackMax = absl::Minutes(5);

class Trust;

// Judges exports, any number of them by the same options, whose known checkpoints are opened once.
// Immutable, hence thread-safe.
class Verifier final {
 public:
  explicit Verifier(VerifyOptions options);
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;
  Verifier(Verifier&&) = delete;
  Verifier& operator=(Verifier&&) = delete;
  ~Verifier();

  // Reads an export of either form in constant memory. Only an error of `source` is an error here:
  // whatever the bytes are, there is a report about them.
  absl::StatusOr<Report> Verify(cbor::ByteSource source) const;

 private:
  const VerifyOptions options_;
  const std::unique_ptr<const Trust> trust_;
};

// The same for one export.
absl::StatusOr<Report> VerifyExport(cbor::ByteSource source, VerifyOptions options);

}  // namespace clinicd::audit
