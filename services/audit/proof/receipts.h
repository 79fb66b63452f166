// Receipts that somebody kept, held against the events of an export.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "services/audit/proof/verifier.h"

namespace clinicd::audit {

// Is shown every event of an export, then says of which receipts the export has the events. Its
// memory grows with the receipts, not with the events. Not thread-safe.
class ReceiptCheck final {
 public:
  // Reads lines, each of which is the proto3 JSON of a clinicd.audit.v1.Receipt; nullopt for
  // anything else, a last line without end included.
  static std::optional<ReceiptCheck> Parse(std::string_view text);

  // An event of the export, and the hash of its leaf.
  void See(const Uuid& event, const merkle::Hash& leaf);
  // One that was purged.
  void SeePurged(const merkle::Hash& leaf);

  // Writes into the report of an export that is all right what is wrong with it by the receipts.
  void Judge(Report& report) const;

 private:
  enum class Fate { kUnseen, kProven, kOther };
  struct Receipt {
    ClinicId clinic;
    Uuid event;
    merkle::Hash leaf{};
    Fate fate = Fate::kUnseen;
  };

  ReceiptCheck() = default;

  // As they stand in the file.
  std::vector<Receipt> receipts_;
  // Places there.
  std::multimap<Uuid, std::size_t> by_event_;
  std::multimap<merkle::Hash, std::size_t> by_leaf_;
};

}  // namespace clinicd::audit
